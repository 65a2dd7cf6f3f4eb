"""The JSON side: one blueprint a noun, thin views over services, errors in one shape."""

from flask import Flask

from owox.api import (
    canvas,
    context,
    credentials,
    destinations,
    device_authorizations,
    health,
    keys,
    markdown,
    mart_changes,
    marts,
    members,
    openapi,
    plugins,
    projects,
    rows,
    runs,
    search,
    server_flags,
    storages,
)


def register(app: Flask) -> None:
    """Add all JSON routes."""
    for module in (
        credentials,
        device_authorizations,
        context,
        keys,
        members,
        marts,
        mart_changes,
        runs,
        storages,
        destinations,
        projects,
        search,
        canvas,
        markdown,
        plugins,
        rows,
        server_flags,
        openapi,
        health,
    ):
        app.register_blueprint(module.blueprint)
