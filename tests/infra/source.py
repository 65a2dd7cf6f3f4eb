"""The project's own files and what stands in them, for tests about the source."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


@functools.cache
def own_files() -> tuple[Path, ...]:
    """Every file that is, or could be, committed, without the vendored ones; paths from the top of the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (Path(name) for name in listing.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if "vendor" not in path.parts and (ROOT / path).is_file()))


def own(folder: str, suffix: str) -> list[Path]:
    """The files below a folder whose names end in ``suffix``."""
    return [path for path in own_files() if path.is_relative_to(folder) and path.name.endswith(suffix)]


def lines(path: Path) -> int:
    """Number of lines of a file."""
    return len((ROOT / path).read_text().splitlines())


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse((ROOT / path).read_text())


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Every function of a file with its number of lines, decorators not counted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node, node.end_lineno - node.lineno + 1


def imports(path: Path) -> set[str]:
    """Dotted names of everything that a Python file imports, also inside functions; ``from a import b`` is ``a.b``."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by a relative name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
