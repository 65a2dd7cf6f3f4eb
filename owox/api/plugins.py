"""Plugins, of which there are none (contract.md 3.12): an empty list, and refusals that say so."""

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Blueprint, Response

from owox.access import api
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed
from owox.api.parameters import Parameters
from owox.api.values import flags, ids, optional_text, text
from owox.roles import Role
from owox.services import plugins
from owox.services.plugins import Scope

blueprint = Blueprint("plugins", __name__, url_prefix="/api/plugins")
_SCOPES = f"scope must be one of the following values: {', '.join(Scope)}."


@blueprint.get("/publications")
@api(Role.VIEWER)
def list_publications() -> Response:
    """The plugins published to a scope: none."""
    given = Parameters("scope")
    scope = given.text("scope") or ""
    if scope not in list(Scope):
        given.refuse(_SCOPES)
    given.check()
    return respond(plugins.published(Scope(scope)))


@blueprint.post("/publications")
@api(Role.VIEWER)
def publish_plugin() -> Response:
    """Publish a plugin, which nobody may here."""
    scope, _repository = _publication()
    plugins.publish(scope)


@blueprint.post("/publications/unpublish")
@api(Role.VIEWER)
def unpublish_plugin() -> Response:
    """Take a publication back, of which there is none."""
    _scope, repository = _publication()
    plugins.find(repository)


@blueprint.post("/update")
@api(Role.VIEWER)
def update_plugin() -> Response:
    """Look for another version of a plugin, of which there is none."""
    plugins.find(_repository(read_object("repository")))


@blueprint.post("/suspend")
@api(Role.VIEWER)
def suspend_plugin() -> Response:
    """Suspend a plugin, of which there is none."""
    _noted()


@blueprint.post("/resume")
@api(Role.VIEWER)
def resume_plugin() -> Response:
    """Let a plugin go on, of which there is none."""
    _noted()


def _publication() -> tuple[Scope, str]:
    body = read_object("repository", "scope", "projectIds", "allProjects")
    repository = _repository(body)
    if body.get("scope") not in list(Scope):
        raise ValidationFailed([_SCOPES])
    if body.get("projectIds") is not None:
        ids(body, "projectIds")
    if body.get("allProjects") is not None:
        flags(body, "allProjects")
    return Scope(body["scope"]), repository


def _noted() -> NoReturn:
    body = read_object("repository", "note")
    optional_text(body, "note")
    plugins.find(_repository(body))


def _repository(body: Mapping[str, Any]) -> str:
    repository = text(body, "repository").strip()
    if not repository:
        raise ValidationFailed(["repository should not be empty."])
    return repository
