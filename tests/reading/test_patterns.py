"""Regular expressions of readers: none may cost the server its memory."""

import subprocess
import sys

import pytest

from owox.reading.patterns import is_pattern


@pytest.mark.parametrize(
    "pattern",
    ["", "a", "[)({}]", r"\)\(", "a{2,}", "a{,3}b{}", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "(?:a{10}){100}",
     "(?=a)b", "[]a]{5}", "^.{0,200}x.{0,200}$"],
)  # fmt: skip
def test_a_pattern_of_a_usual_size_is_one(pattern: str) -> None:
    assert is_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", ")", "a)(b", "[", "a{2,1}", "*", "(?<", "\\", "(" * 2000, "a**", "[a"])
def test_what_does_not_hold_together_is_none(pattern: str) -> None:
    assert not is_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["((a{1000}){1000}){1000}", "(?:(?:a{900}){900}){900}b", "a{999999999}", "(([)]{500}){500}){500}",
     r"((\){500}){500}){500}", "(?x)((a{1000}) {1000}) {1000}", "((a{0,1000}){0,1000}){0,1000}", "a{9}" * 3000],
)  # fmt: skip
def test_a_pattern_that_unrolls_without_bounds_is_refused_at_once(pattern: str) -> None:
    script = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20,) * 2)
from owox.reading.patterns import is_pattern
raise SystemExit(is_pattern({pattern!r}))
"""

    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
