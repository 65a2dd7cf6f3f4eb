"""The API's description, and a page to read it and try it out (contract.md 7).

flasgger builds it from the files in docs/ when it is first asked for, so that it costs a server's start nothing; its
own interface and routes are never registered.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

from flask import Blueprint, Flask, Response, current_app, render_template

from owox.access import browser, public, public_api

blueprint = Blueprint("openapi", __name__, url_prefix="/api")
_DOCS: Final = Path(__file__).with_name("docs")
_NAMES: Final = {  # of parameters in paths, as the contract has them
    "key_id": "apiKeyId",
    "member_id": "userId",
    "mart_id": "dataMartId",
    "run_id": "runId",
    "report_id": "reportId",
    "storage_id": "storageId",
    "destination_id": "destinationId",
}
_VERBS: Final = ("get", "post", "put", "patch", "delete")


class Description:
    """An app's description in both notations, each made when it is first asked for and then kept."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def as_json(self) -> str:
        """The description as compact JSON."""
        return json.dumps(_build(self._app), ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def as_yaml(self) -> str:
        """The same as YAML."""
        import yaml

        return yaml.safe_dump(json.loads(self.as_json), sort_keys=False, allow_unicode=True, width=120)


blueprint.record_once(lambda setup: setup.app.extensions.update(openapi=Description(cast(Flask, setup.app))))


@blueprint.get("/openapi.json")
@public_api
def openapi_json() -> Response:
    """The description as JSON."""
    return Response(_description().as_json, mimetype="application/json")


@blueprint.get("/openapi.yaml")
@public_api
def openapi_yaml() -> Response:
    """The description as YAML."""
    return Response(_description().as_yaml, content_type="text/yaml; charset=utf-8")


@blueprint.get("/swagger-ui")
@public
def swagger_ui() -> str:
    """The page that shows the description and tries operations out."""
    return render_template("api/swagger_ui.html")


def _description() -> Description:
    return cast(Description, current_app.extensions["openapi"])


def _build(app: Flask) -> dict[str, Any]:
    from flasgger import Swagger

    swagger = Swagger(
        config={
            "openapi": "3.0.3",
            "doc_dir": str(_DOCS),
            "specs": [{"endpoint": "api", "rule_filter": lambda rule: rule.rule.startswith("/api/")}],
        }
    )
    swagger.app = app
    swagger.template = swagger.load_swagger_file(str(_DOCS / "shared.yml"))
    built: dict[str, Any] = swagger.get_apispecs("api")
    built["components"]["securitySchemes"]["Cookie"]["name"] = browser.cookie_name("sign_in")
    order = [tag["name"] for tag in built["tags"]]
    paths = sorted(built["paths"].items(), key=lambda item: order.index(next(iter(item[1].values()))["tags"][0]))
    built["paths"] = {_renamed(path): _sorted(operations) for path, operations in paths}
    return built


def _renamed(path: str) -> str:
    for ours, theirs in _NAMES.items():
        path = path.replace(f"{{{ours}}}", f"{{{theirs}}}")
    return path


def _sorted(operations: dict[str, Any]) -> dict[str, Any]:
    return {verb: operations[verb] for verb in _VERBS if verb in operations}
