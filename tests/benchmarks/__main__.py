"""`make bench`: all of it, or what is named: `python -m tests.benchmarks calls rows marts`."""

import sys

from tests.benchmarks import calls, rows

PARTS = {"calls": calls.main, "rows": rows.main}

for part in sys.argv[1:] or PARTS:
    PARTS[part]()
