"""`make bench`: all of it, or what is named: `python -m tests.benchmarks calls rows marts ctl`."""

import sys

from tests.benchmarks import calls, ctl, mart_list, rows

PARTS = {"calls": calls.main, "rows": rows.main, "marts": mart_list.main, "ctl": ctl.main}

for part in sys.argv[1:] or PARTS:
    PARTS[part]()
