"""The shape of the source: budgets, what may import what, what a fast start loads, and what no file may say."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.infra.source import ROOT, functions, imports, lines, own, own_files, tree

MODULE_LINES = 300
KEYS_LINES = 250
FUNCTION_LINES = 40
VIEW_LINES = 20
CONFTEST_LINES = 150
README_LINES = 200
TOP_LEVEL = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "app.py", "clients", "instance", "owox",
    "pyproject.toml", "requirements", "static", "templates", "tests",
}  # fmt: skip

# What each part of the ground may import of owox, itself aside, and from outside the standard library (None: anything).
GROUND: dict[str, tuple[set[str], set[str] | None]] = {
    "keys": (set(), set()),
    "roles": (set(), set()),
    "tokens": ({"keys"}, {"itsdangerous"}),
    "reading": (set(), None),
    "demo": (set(), None),
    "client": ({"keys"}, {"httpx"}),
    "ctl": ({"client", "keys"}, None),
}
UNKNOWN_TO = {"services": {"flask", "werkzeug"}, "reading": {"flask", "flask_sqlalchemy"}, "demo": {"flask"}}
NOT_LOADED_BY = {
    "owox.keys": {"flask", "sqlalchemy"},
    "owox.client": {"flask", "sqlalchemy", "duckdb"},
    "owox.ctl": {"flask", "sqlalchemy", "duckdb", "rich"},
}

# Bracketed letters keep these patterns from finding themselves.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.}/-])/(?:w[o]rk|r[o]ot|h[o]me/\w+|opt/w[h]eels|opt/p[y]pi|tmp/v[e]nv)\b",
    "the host of a package registry": r"p[y]pi\.|p[y]thonhosted|npm[j]s\.|d[e]b\.debian|crates\.[i]o",
    # None of them is on a public registry, where anybody could take the name.
    "a package of ours by its bare name": r"(?<![\w-])(?:n[p]x|uv[x]|(?:p[i]px?|u[v]|p?n[p]m|y[a]rn)\b[^\n|;&]*?"
    r"\b(?:install|add|i|run|exec|dlx))\b[^\n|;&]*[\s\"'](?:owox(?:-ctl)?|@owox/[\w-]+)(?=[\s\"'\[=<>~@`]|$)",
    "work left undone": r"\b(?:T[O]DO|F[I]XME|X{3}|H[A]CK)\b",
}


def over(limit: int, sizes: Iterable[tuple[object, int]]) -> dict[str, int]:
    """The things that are larger than their limit."""
    return {str(thing): size for thing, size in sizes if size > limit}


def part(name: str) -> list[Path]:
    """The files of a module or package directly under owox; a rule about one that is not there holds nothing."""
    found = own(f"owox/{name}", ".py") or own(f"owox/{name}.py", ".py")
    assert found, f"owox has no {name}"
    return found


def routes(path: Path) -> dict[str, int]:
    """Functions of a file that answer a URL, with their number of lines."""
    verbs = {"route", "get", "post", "put", "patch", "delete"}
    return {
        f"{path}:{node.name}": length
        for node, length in functions(path)
        if any(
            isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr in verbs
            for mark in node.decorator_list
        )
    }


def test_modules_stay_within_their_budget():
    assert over(MODULE_LINES, ((path, lines(path)) for path in own(".", ".py"))) == {}
    assert over(KEYS_LINES, [("keys.py", lines(Path("owox/keys.py")))]) == {}
    assert over(CONFTEST_LINES, ((path, lines(path)) for path in own("tests", "conftest.py"))) == {}
    assert over(README_LINES, [("README.md", lines(Path("README.md")))]) == {}


def test_functions_stay_within_their_budget():
    # A migration lists columns; it is read once and never changed.
    modules = [path for path in own("owox", ".py") if "versions" not in path.parts]
    found = [(f"{path}:{node.name}", length) for path in modules for node, length in functions(path)]

    assert over(FUNCTION_LINES, found) == {}


def test_views_stay_within_their_budget():
    views = {
        name: size
        for part in ("web", "api")
        for path in own(f"owox/{part}", ".py")
        for name, size in routes(path).items()
    }

    assert over(VIEW_LINES, views.items()) == {}


@pytest.mark.parametrize("name", GROUND)
def test_the_ground_imports_nothing_that_stands_above_it(name: str):
    inside, outside = GROUND[name]
    for path in part(name):
        for imported in imports(path):
            package, _, rest = imported.partition(".")
            if package == "owox":
                assert rest.split(".")[0] in {*inside, name, "__version__"}, f"{path} imports {imported}"
            elif outside is not None and package not in sys.stdlib_module_names:
                assert package in outside, f"{path} imports {imported}"


@pytest.mark.parametrize("name", UNKNOWN_TO)
def test_requests_are_unknown_below_the_edges(name: str):
    found = {f"{path} imports {name}" for path in part(name) for name in imports(path)}

    assert not {line for line in found if line.split()[-1].split(".")[0] in UNKNOWN_TO[name]}


@pytest.mark.parametrize("module", NOT_LOADED_BY)
def test_importing_it_loads_no_heavy_package(module: str):
    script = f"import sys, {module}; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    assert NOT_LOADED_BY[module].isdisjoint(loaded.stdout.split())


def test_every_module_has_a_place_in_the_layers():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]

    placed = set(re.findall(r"\w+", " ".join(contract["layers"])))
    present = {path.parts[1].removesuffix(".py") for path in own("owox", ".py")} - {"__init__"}

    assert contract["exhaustive"]
    assert not contract.get("exhaustive_ignores")
    assert present <= placed


def test_every_module_opens_by_saying_what_it_is_for():
    modules = [path for path in own("owox", ".py") if lines(path)]

    assert [str(path) for path in modules if not ast.get_docstring(tree(path))] == []


def test_nothing_else_stands_at_the_top():
    assert {path.parts[0] for path in own_files()} <= TOP_LEVEL


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str):
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in own_files():
        text = (ROOT / path).read_bytes().decode(errors="replace")
        found += [f"{path}:{text.count(chr(10), 0, hit.start()) + 1}" for hit in pattern.finditer(text)]

    assert found == []


def test_locks_name_neither_a_source_nor_an_unhashed_release():
    """S13: every dependency is pinned with its hashes."""
    for path in own("requirements", ".txt"):
        text = (ROOT / path).read_text()
        releases = re.findall(r"^\S+==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)

        assert len(releases) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), path
        assert "://" not in text, path


def test_the_checks_themselves_find_what_they_are_for(tmp_path: Path):
    module = tmp_path / "views.py"
    module.write_text(
        'import flask\n@marts.get("/")\ndef index():\n    from owox.models import base\n    return base\n'
    )
    samples = {
        "a path of one machine": "/" + "work/x",
        "the host of a package registry": "https://registry." + "npm" + "js.org/x",
        "a package of ours by its bare name": "p" + "ip install -q 'owox[server]'",
        "work left undone": "# TO" + "DO: later",
    }
    harmless = (
        "pip install -e .",
        "pip install ./owox-1.0-py3-none-any.whl",
        "npm install http://a/owox-api-client-1.0.tgz",
    )

    assert routes(module) == {f"{module}:index": 3}
    assert imports(module) == {"flask", "owox.models.base"}
    assert over(2, [("three", 3), ("two", 2)]) == {"three": 3}
    assert all(re.search(FORBIDDEN[what], sample) for what, sample in samples.items())
    assert not any(re.search(FORBIDDEN[what], each) for what in FORBIDDEN for each in harmless)
