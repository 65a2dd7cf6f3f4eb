"""Python client of the API, for scripts, notebooks and ``owox-ctl``. Knows the wire (contract.md 2-4), not the server.

    from owox.client import Client

    with Client.from_env() as client:
        for mart in client.data_marts.list():
            print(mart["id"], mart["title"])
        with client.data_marts.stream(mart["id"], limit=1000) as stream:
            for row in stream:
                print(row)

README.md beside this file has recipes for scripts and notebooks. The HTTP library is imported with the first call, so
that a command that makes none starts fast.
"""

from owox.client.client import Client
from owox.client.credentials import Credentials
from owox.client.errors import ApiError, AuthError, ConfigError, NetworkError, OwoxError
from owox.client.query import Query
from owox.client.rows import Stream

__all__ = [
    "ApiError",
    "AuthError",
    "Client",
    "ConfigError",
    "Credentials",
    "NetworkError",
    "OwoxError",
    "Query",
    "Stream",
]
