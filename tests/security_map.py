"""Prints which tests name which item of the security checklist: ``python -m tests.security_map``.

Ends with status 1 while an item has no test, so that a release can ask for a full map.
"""

import ast
import re
import sys
from collections import defaultdict

import click

from tests.infra.source import own, tree

ITEMS = {"K": 19, "T": 11, "L": 12, "Z": 9, "W": 10, "I": 13, "U": 6, "S": 13}
_ID = re.compile(r"\b([KTLZWIUS])([1-9]\d?)\b")


def named_ids(docstring: str) -> list[str]:
    """The ids of the checklist that a docstring names."""
    return [letter + number for letter, number in _ID.findall(docstring) if int(number) <= ITEMS[letter]]


def tests_by_id() -> dict[str, list[str]]:
    """For each id the tests whose docstring names it, as ``file::test``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in own("tests", ".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test"):
                for item in named_ids(ast.get_docstring(node) or ""):
                    found[item].append(f"{path}::{node.name}")
    return found


def main() -> int:
    """Print the map; return the exit status."""
    found = tests_by_id()
    every = [f"{letter}{number}" for letter, last in ITEMS.items() for number in range(1, last + 1)]
    for item in every:
        click.echo(f"{item:4} {', '.join(found.get(item, [])) or '-'}")
    missing = [item for item in every if item not in found]
    click.echo(f"{len(every) - len(missing)} of {len(every)} items have a test")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
