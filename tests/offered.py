"""Files that a server offers for installation; they need not be installable where nobody installs them."""

from pathlib import Path

from tests.cast import Stage


def a_file(folder: Path, name: str, content: bytes = b"PK") -> Path:
    """A file in the folder of what is offered."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def a_wheel(stage: Stage, version: str = "1.0") -> Path:
    """A wheel that this stage's server offers."""
    return a_file(stage.services.settings.downloads, f"owox-{version}-py3-none-any.whl")


def a_package(stage: Stage, version: str = "1.0") -> Path:
    """An npm package that this stage's server offers."""
    return a_file(stage.services.settings.downloads, f"owox-api-client-{version}.tgz")
