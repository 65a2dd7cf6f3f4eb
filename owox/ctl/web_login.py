"""``owox-ctl auth login --web``: a member approves in the browser, and what they approve comes straight here."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from owox import __version__
from owox.client.hints import KEYS_PAGE
from owox.ctl import browser
from owox.ctl.screen import Screen

Command = TypeVar("Command", bound=Callable[..., Any])

NAME_MAX = 100
CLIENT_MAX = 200


@dataclass(frozen=True, slots=True)
class Web:
    """Which server to ask, what to call the key, whether to open a browser here, and whether to ask for no key.

    With ``manage`` what is asked for is to manage the member's keys for 15 minutes.
    """

    origin: str
    name: str | None
    open_browser: bool
    manage: bool


def web_options(command: Command) -> Command:
    """Give a command ``--web`` and what belongs to it; it receives them as ``web``, None without ``--web``."""

    @functools.wraps(command)
    def collected(
        *arguments: Any, web: str | None, name: str | None, no_browser: bool, manage: bool, **options: Any
    ) -> Any:
        if web is None and (name is not None or no_browser or manage):
            raise click.UsageError("--name, --no-browser and --manage go with --web")
        if manage and name is not None:
            raise click.UsageError("--manage makes no key to give a --name")
        asked = None if web is None else Web(web, name, not no_browser, manage)
        return command(*arguments, web=asked, **options)

    options = (
        click.option("--web", metavar="ORIGIN", help="Have a key approved in the browser, at this server."),
        click.option("--name", metavar="NAME", help="With --web: what to call the key (default: this machine's name)."),
        click.option("--manage", is_flag=True, help="With --web: manage your keys for 15 minutes (owox-ctl keys)."),
        click.option("--no-browser", is_flag=True, help="With --web: open no browser, only show address and code."),
    )
    decorated: Any = functools.reduce(lambda decorated, option: option(decorated), reversed(options), collected)
    return decorated  # type: ignore[no-any-return]


def approved(screen: Screen, web: Web) -> tuple[str, dict[str, Any]]:
    """Ask, show the code, wait; return the server's address and what a member approved. Raises ``OwoxError``."""
    import platform
    import sys

    # The HTTP library brings a command of its own, which takes as long to load as all the rest of it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from owox.client.device import DeviceSignIn

    agent, machine = f"owox-ctl/{__version__}", platform.node()
    client = f"owox-ctl {__version__} on {machine or 'a machine without a name'}, {platform.system()}"
    with DeviceSignIn(web.origin, user_agent=agent) as sign_in:
        purpose, name = "manage" if web.manage else "key", web.name or machine[:NAME_MAX].strip() or None
        asked = sign_in.begin(purpose, name=name, client=client[:CLIENT_MAX])
        opened = web.open_browser and browser.open_page(asked.uri_with_code)
        screen.tell(
            [
                f"Your code: {asked.user_code}",
                f"{'Opening' if opened else 'Open'} {asked.uri_with_code}",
                f"Or open {asked.uri} on any device, and type the code.",
                "Approve only what shows this same code. "
                f"It is good for {asked.expires_in // 60} minutes; this command waits.",
            ]
        )
        return sign_in.origin, sign_in.wait(asked)


def lost(answer: dict[str, Any]) -> str:
    """What to do about a key that could not be stored."""
    return f"The API key {answer['apiKeyId']} was made, and its secret is lost: revoke it in {KEYS_PAGE}."
