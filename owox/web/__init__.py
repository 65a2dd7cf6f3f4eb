"""The dashboard: server-rendered pages that work without JavaScript, one blueprint a noun. Knows nothing of the API."""

from flask import Flask

from owox.web import (
    account,
    activity,
    api_keys,
    data_marts,
    destinations,
    docs,
    downloads,
    home,
    invitations,
    key_by_secret,
    mart_definitions,
    mart_fields,
    mart_preview,
    mart_runs,
    members,
    project_keys,
    screen,
    settings,
    setup,
    sharing,
    signin,
    storages,
    terminal,
)
from owox.web.errors import html_error

__all__ = ["html_error", "register"]


def register(app: Flask) -> None:
    """Add the dashboard's pages, what its templates use, and the headers that every HTML answer carries."""
    screen.prepare(app)
    marts = (data_marts, mart_definitions, mart_fields, mart_preview, mart_runs)
    things = (*marts, storages, destinations)
    people = (api_keys, project_keys, key_by_secret, activity, members, invitations, account, terminal)
    for noun in (home, *things, signin, setup, settings, docs, downloads, *people):
        app.register_blueprint(noun.blueprint)
    for section, kind in sharing.KINDS.items():
        place = f"/projects/<project_id>/{section}/<thing_id>"
        name, given = f"{kind.noun}_sharing", {"section": section}
        app.register_blueprint(sharing.blueprint, name=name, url_prefix=place, url_defaults=given)
