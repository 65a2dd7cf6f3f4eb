"""Tables, one file a noun; ``base`` holds the database handle and how transactions begin."""

from owox.models.api_key import ApiKey
from owox.models.audit_event import AuditEvent
from owox.models.base import NIL, db, writing
from owox.models.data_mart import DataMart, DataMartOwner, MartStatus
from owox.models.destination import Destination, DestinationOwner
from owox.models.device_authorization import DeviceAuthorization
from owox.models.member import Member, Membership
from owox.models.project import Project
from owox.models.run import Run, RunStatus
from owox.models.sign_in import Invitation, SetupLink, SignIn
from owox.models.storage import Storage, StorageOwner, StorageType

__all__ = [
    "NIL",
    "ApiKey",
    "AuditEvent",
    "DataMart",
    "DataMartOwner",
    "Destination",
    "DestinationOwner",
    "DeviceAuthorization",
    "Invitation",
    "MartStatus",
    "Member",
    "Membership",
    "Project",
    "Run",
    "RunStatus",
    "SetupLink",
    "SignIn",
    "Storage",
    "StorageOwner",
    "StorageType",
    "db",
    "writing",
]
