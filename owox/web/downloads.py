"""Our own packages, to install from this server: no public registry has them. Open to all, since CI has no sign-in."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, send_file
from flask.typing import ResponseReturnValue

from owox.access import public, services
from owox.services import downloads
from owox.services.downloads import Download, Kind
from owox.settings import LOCAL_HOSTS

blueprint = Blueprint("downloads", __name__, url_prefix="/downloads")
_TYPES: Final = {Kind.WHEEL: "application/zip", Kind.NPM: "application/gzip"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What ready commands install, if it is there."""

    origin: str
    files: list[Download]

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server."""
        return urlsplit(self.origin).netloc.rsplit(":", 1)[0] in LOCAL_HOSTS

    @property
    def wheel(self) -> str | None:
        """What pip installs: the newest wheel's address, and the digest that pip holds it to."""
        found = self._newest(Kind.WHEEL)
        return f"{self.origin}/downloads/{found.name}#sha256={found.sha256}" if found else None

    @property
    def npm(self) -> str | None:
        """What npm installs: the newest package's address."""
        found = self._newest(Kind.NPM)
        return f"{self.origin}/downloads/{found.name}" if found else None

    def _newest(self, kind: Kind) -> Download | None:
        return next((each for each in self.files if each.kind is kind), None)


@blueprint.app_template_global()
def on_offer() -> Offer:
    """What can be installed from this server."""
    settings = services().settings
    return Offer(settings.public_origin, downloads.offered(settings.downloads))


@blueprint.get("/")
@public
def listed() -> ResponseReturnValue:
    """What can be installed from here."""
    return render_template("downloads/list.html")


@blueprint.get("/<name>")
@public
def download(name: str) -> Response:
    """One of the files."""
    found = downloads.find(services().settings.downloads, name)
    return send_file(found.path, mimetype=_TYPES[found.kind], as_attachment=True, download_name=found.name)
