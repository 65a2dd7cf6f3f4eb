"""`owox doctor`: what is wrong with a server's folder, settings and database, and what to do about it. Changes nothing.

A finding is one line: fine, worth knowing, or to be mended. No secret is in any of them.
"""

import json
import os
import sys
from collections.abc import Iterator

import click

from owox.admin import doctor_database, doctor_instance
from owox.admin.findings import Finding, Result


def doctor(*, as_json: bool) -> None:
    """Print all findings; end with status 1 if anything must be mended."""
    found = list(_findings())
    to_mend = sum(finding.result is Result.MEND for finding in found)
    if as_json:
        shapes = [{"check": each.check, "result": each.result, "message": each.message} for each in found]
        click.echo(json.dumps({"healthy": not to_mend, "findings": shapes}, ensure_ascii=False, indent=2))
    else:
        for each in found:
            click.echo(f"{each.result:<5} {each.check}: {each.message}")
        click.echo(f"{to_mend or 'Nothing'} to mend.")
    sys.exit(1 if to_mend else 0)


def _findings() -> Iterator[Finding]:
    yield doctor_instance.programs()
    settings = yield from doctor_instance.settings(os.environ)
    if settings is not None:
        yield doctor_instance.modes(settings)
        yield from doctor_instance.address(settings)
        yield from doctor_database.database(settings)
