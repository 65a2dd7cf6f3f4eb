"""Limits on waits: each stops its own block, once, and only when it is late."""

import os
import threading
import time

from owox.reading.engines.deadlines import Deadline


def late(seconds: float = 0.1) -> tuple[Deadline, threading.Event]:
    """A deadline, and whether it stopped its block."""
    stopped = threading.Event()
    return Deadline(seconds, stopped.set), stopped


def test_a_block_that_takes_too_long_is_stopped() -> None:
    """P3: from another thread."""
    deadline, stopped = late()
    begun = time.monotonic()

    with deadline.running():
        assert stopped.wait(5)

    assert time.monotonic() - begun >= 0.1
    assert deadline.passed


def test_a_block_that_is_done_in_time_is_left_alone() -> None:
    deadline, stopped = late(1)

    with deadline.running():
        pass

    assert not stopped.wait(1.5)
    assert not deadline.passed


def test_each_time_that_a_block_runs_has_the_whole_limit() -> None:
    deadline, _ = late(1)

    for _ in range(4):
        with deadline.running():
            time.sleep(0.3)

    assert not deadline.passed


def test_one_that_stops_slowly_does_not_hold_up_the_others() -> None:
    released = threading.Event()
    slow = Deadline(0.05, released.wait)
    others = [late() for _ in range(20)]

    with slow.running():
        for deadline, stopped in others:
            with deadline.running():
                assert stopped.wait(5)
        released.set()

    assert slow.passed


def test_limits_hold_in_a_forked_process() -> None:
    """As a worker of gunicorn is, whatever its parent was doing."""
    with Deadline(60, threading.Event().set).running():
        child = os.fork()
        if not child:
            deadline, stopped = late()
            with deadline.running():
                os._exit(0 if stopped.wait(5) else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
