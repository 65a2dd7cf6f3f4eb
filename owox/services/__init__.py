"""Use cases: functions of a session, plain values and ``now``. They flush and never commit; edges commit."""
