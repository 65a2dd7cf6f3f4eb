"""`owox audit`: what anybody with a shell on the server can check of the audit log."""

import json
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from owox.admin.running import open_app, report_errors

if TYPE_CHECKING:
    from owox.services.audit_chain import End, Found

_END: Final = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)


class _End(click.ParamType["End"]):
    name = "number:digest"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "End":
        """An end as `owox audit verify` prints it."""
        from owox.services.audit_chain import End

        if (parts := _END.fullmatch(value)) is None:
            self.fail(
                "write it as this command has printed it: a number, a colon and 64 hexadecimal digits", param, ctx
            )
        return End(int(parts[1]), parts[2])


@click.group()
def audit() -> None:
    """Check the audit log."""


@audit.command("verify")
@click.option("--expect", "kept", type=_End(), metavar="NUMBER:DIGEST", help="An end that was printed here before.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@report_errors
def audit_verify(kept: "End | None", as_json: bool) -> None:
    """Check that no event was changed, moved or taken out, and print the last number and digest.

    Keep those elsewhere: that the newest events were cut off, or all of them made anew, shows only with --expect.
    """
    from owox.models import db
    from owox.services import audit_chain

    with open_app().app_context(), db.engine.connect() as connection:
        found = audit_chain.check(connection, kept)
    click.echo(json.dumps(_shape(found), indent=2) if as_json else _said(found))
    if found.problem:
        click.echo(f"owox: Event {found.bad_number} {found.problem}.", err=True)
        sys.exit(1)


def _shape(found: "Found") -> dict[str, Any]:
    from owox.api.errors import timestamp

    return {
        "whole": not found.problem,
        "events": found.number,
        "since": timestamp(found.since),
        "until": timestamp(found.until),
        "lastNumber": found.number,
        "lastDigest": found.digest or None,
        "firstBadNumber": found.bad_number,
        "problem": found.problem or None,
    }


def _said(found: "Found") -> str:
    from owox.api.errors import timestamp

    if not found.number:
        return "No event is whole." if found.problem else "There are no events."
    amount = (
        f"{'The first ' if found.problem else ''}{found.number} event{'s are' if found.number > 1 else ' is'} whole"
    )
    return f"{amount}, from {timestamp(found.since)} to {timestamp(found.until)}.\n{found.number}:{found.digest}"
