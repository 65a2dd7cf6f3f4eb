"""Output controls as a client sends them."""

import base64
import json
from typing import Any


def encode(rules: Any) -> str:
    """Base64url without padding of compact JSON."""
    return raw(json.dumps(rules, separators=(",", ":")))


def raw(text: str) -> str:
    """Base64url without padding of any text."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
