"""Bytes and spans of time in words."""

from datetime import timedelta

import pytest

from owox.web.amounts import duration, size


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (1249, "1.2 KB"), (999_949, "999.9 KB"),
     (999_950, "1.0 MB"), (48_000_000, "48.0 MB"), (10**15, "1,000.0 TB")],
)  # fmt: skip
def test_sizes_go_up_by_thousands(count: int, told: str):
    assert size(count) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-1, "0.00 s"), (0.004, "0.00 s"), (0.25, "0.25 s"), (9.996, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"),
     (185, "3 min 5 s"), (3599.7, "1 h 0 min"), (90_000, "25 h 0 min")],
)  # fmt: skip
def test_spans_are_told_as_closely_as_it_matters(seconds: float, told: str):
    assert duration(timedelta(seconds=seconds)) == told
