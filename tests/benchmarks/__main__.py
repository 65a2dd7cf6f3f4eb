"""`make bench`: all of it, or what is named: `python -m tests.benchmarks calls rows marts ctl node`."""

import sys

from tests.benchmarks import calls, ctl, mart_list, node_client, rows

PARTS = {"calls": calls.main, "rows": rows.main, "marts": mart_list.main, "ctl": ctl.main, "node": node_client.main}

for part in sys.argv[1:] or PARTS:
    PARTS[part]()
