"""What an answer tells of the limit that was reached."""

from werkzeug.test import TestResponse


def waits(answer: TestResponse, name: str, most: int, seconds: int | None) -> int:
    """For how many seconds; its three headers agree (RFC 6585, 4; draft-ietf-httpapi-ratelimit-headers-10)."""
    wait = int(answer.headers["Retry-After"])
    assert answer.headers["RateLimit-Policy"] == f'"{name}";q={most}' + (f";w={seconds}" if seconds else "")
    assert answer.headers["RateLimit"] == f'"{name}";r=0;t={wait}'
    assert answer.headers["Cache-Control"] == "no-store"
    assert 1 <= wait <= (seconds or 3600)
    return wait
