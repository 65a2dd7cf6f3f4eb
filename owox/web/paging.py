"""What the address of a list asks for, whatever is listed."""

import re

from flask import request


def page_number() -> int:
    """The number of the page; 1 where the address has none, or no number."""
    page = request.args.get("page", "")
    return int(page) if re.fullmatch(r"[0-9]{1,6}", page, re.ASCII) else 1
