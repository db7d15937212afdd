"""Copies that stand in for the processes of tests' jobs take nobody else's children along."""

import subprocess
import sys
from time import monotonic, sleep

import psutil
import pytest

from tests.support import ready

LEAVES = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True); input()"


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux")
def test_who_loses_a_parent_meanwhile_is_waited_for() -> None:
    """As the children of a server do that a test kills."""
    with subprocess.Popen(
        [sys.executable, "-c", LEAVES], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        stray = psutil.Process(int(parent.stdout.readline()))
        sleep(0.03)  # the kernel says to a hundredth of a second when something began
        with ready.taking_children():
            parent.kill()
            parent.wait()
            assert stray.ppid() == psutil.Process().pid
    stray.kill()
    until = monotonic() + 5
    while stray.is_running():
        assert monotonic() < until, "a zombie is running for psutil"
        sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux")
def test_who_is_started_meanwhile_is_left_to_whoever_started_it() -> None:
    with ready.taking_children():
        started = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
    assert started.wait() == 7
