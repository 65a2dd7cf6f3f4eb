"""Compares answers with the API's own description, strictly: an answer may hold nothing that is not described."""

from copy import deepcopy
from typing import Any

from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from werkzeug.test import TestResponse

VERBS = ("get", "post", "put", "patch", "delete")


class Description:
    """An OpenAPI 3.0 description, as it was served."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._strict = _closed(deepcopy(document))

    def operations(self) -> set[tuple[str, str]]:
        """All of them, as verb and path."""
        paths = self.document["paths"].items()
        return {(verb, path) for path, operations in paths for verb in VERBS if verb in operations}

    def operation(self, verb: str, path: str) -> dict[str, Any]:
        """One of them, as it stands."""
        found: dict[str, Any] = self._strict["paths"][path][verb]
        return found

    def answers(self) -> set[tuple[str, str, int]]:
        """Every answer of every operation, as verb, path and status."""
        return {
            (verb, path, int(status))
            for verb, path in self.operations()
            for status in self.operation(verb, path)["responses"]
        }

    def parameters(self, verb: str, path: str) -> dict[str, dict[str, Any]]:
        """An operation's parameters by name."""
        found = (self._resolved(each) for each in self.operation(verb, path).get("parameters", []))
        return {each["name"]: each for each in found}

    def problems(self, verb: str, path: str, answer: TestResponse) -> list[str]:
        """Where an answer is not as described; empty when it is."""
        described = self.operation(verb, path)["responses"].get(str(answer.status_code))
        if described is None:
            return [f"{answer.status_code} is not described: {answer.get_data(as_text=True)[:200]}"]
        described = self._resolved(described)
        missing = [f"no {name}" for name in described.get("headers", {}) if name not in answer.headers]
        content = described.get("content", {})
        if not content:
            return missing + ([f"an unforeseen body {answer.data[:80]!r}"] if answer.data else [])
        if answer.mimetype not in content:
            return [*missing, f"the content type {answer.mimetype} is not described"]
        value = answer.get_json() if answer.mimetype == "application/json" else answer.get_data(as_text=True)
        return missing + self._against(content[answer.mimetype]["schema"], value)

    def _against(self, schema: dict[str, Any], value: object) -> list[str]:
        whole = {**schema, "components": self._strict["components"]}
        validator = OAS30ReadValidator(whole, format_checker=oas30_format_checker)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        found: Any = self._strict
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)


def _closed(part: Any) -> Any:
    """The same description with every object closed to members that it does not name."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _closed(inner)
    elif isinstance(part, list):
        for inner in part:
            _closed(inner)
    return part
