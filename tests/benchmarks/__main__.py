"""`make bench`: all of it, or what is named: `python -m tests.benchmarks calls rows marts`."""

import sys

from tests.benchmarks import calls, mart_list, rows

PARTS = {"calls": calls.main, "rows": rows.main, "marts": mart_list.main}

for part in sys.argv[1:] or PARTS:
    PARTS[part]()
