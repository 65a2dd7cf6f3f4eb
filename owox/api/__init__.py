"""The JSON side: one blueprint a noun, thin views over services, errors in one shape."""

from flask import Flask

from owox.api import context, exchange, health, keys, marts, rows


def register(app: Flask) -> None:
    """Add all JSON routes."""
    for module in (exchange, context, keys, marts, rows, health):
        app.register_blueprint(module.blueprint)
