"""What benchmarks begin: run in slices, and ended with them, whatever ends them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from tests.benchmarks.spread_speed import overhead
from tests.support.checkout import ROOT
from tests.support.slices import Sliced, closing, orders
from tests.support.unwinding import ENDING

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop processes.")
SECONDS = 60.0
COUNTING = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time\\nwhile True: time.sleep(0.01)"])
while True:
    with open(sys.argv[1], "a") as file:
        file.write("x")
    time.sleep(0.01)
"""
BENCHMARK = """
import sys
from pathlib import Path
from time import sleep
from tests.support.{module} import {name}
from tests.support.unwinding import unwind_when_ended
unwind_when_ended()
folder = Path(sys.argv[1])
try:
    {body}
finally:
    (folder / "unwound").touch()
"""
A_CLUSTER = """
    with Cluster(folder / "cluster") as there:
        there.add()
        (folder / "ready").touch()
        sleep(600)
"""
A_SLICE = """
    with closing([Sliced("counting", [sys.executable, "-c", "while True: pass"], folder)]):
        (folder / "ready").touch()
        sleep(600)
"""
KINDS = {
    "cluster": BENCHMARK.format(module="dask_workers", name="Cluster", body=A_CLUSTER.strip()),
    "slices": BENCHMARK.format(module="slices", name="Sliced, closing", body=A_SLICE.strip()),
}


def test_a_program_does_something_in_its_slices_alone(tmp_path: Path) -> None:
    count = tmp_path / "count"
    program = Sliced("counting", [sys.executable, "-c", COUNTING, str(count)], tmp_path)
    with closing([program]):
        while not count.exists():
            program.slice(0.1)
        before, seconds = count.read_bytes(), program.seconds
        every = program.processes
        assert len(every) == 2, "what it begins belongs to it"
        assert {one.status() for one in every} == {psutil.STATUS_STOPPED}
        assert count.read_bytes() == before
        took = program.slice(0.1)
        assert program.seconds == seconds + took
    assert not any(_runs(one) for one in every)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL"])
def test_what_a_benchmark_begins_ends_with_it(kind: str, number: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "c")}
    command = [sys.executable, "-c", KINDS[kind], str(tmp_path)]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as benchmark:
        _until((tmp_path / "ready").exists, benchmark)
        begun = psutil.Process(benchmark.pid).children(recursive=True)
        benchmark.send_signal(signal.Signals[number])
        benchmark.wait()
    assert begun
    _until(lambda: not any(_runs(one) for one in begun))
    assert (tmp_path / "unwound").exists() == (number == "SIGTERM")


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(true: Callable[[], bool], alive: subprocess.Popen[bytes] | None = None) -> None:
    until = monotonic() + SECONDS
    while not true():
        assert monotonic() < until
        assert alive is None or alive.poll() is None
        sleep(0.05)


def test_nobody_waits_for_more_turns_than_there_are_programs() -> None:
    names = ["a", "b", "c", "d"]
    drawn = orders(names, random.Random(0))
    turns = [name for _ in range(200) for name in next(drawn)]
    for name in names:
        at = [n for n, one in enumerate(turns) if one == name]
        assert len(at) == 200
        assert max(later - before for before, later in pairwise(at)) <= len(names) + 1
    assert len({tuple(turns[n : n + 4]) for n in range(0, 800, 4)}) > 4


def test_every_signal_that_ends_a_program_is_heard() -> None:
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} == set(ENDING)


def test_an_overhead_is_that_of_an_image_whatever_the_machine_does_meanwhile() -> None:
    speeds = [100, 80, 120, 90, 60, 110, 95, 105]  # images a second, from one cycle to the next
    plain = [(2 * one, 2.0) for one in speeds]
    slower = [(2 * one, 2.1) for one in speeds]
    found = overhead(slower, plain, 2)
    assert found["median"] == [0.05] * 3
    assert found["of_all"] == [0.05] * 3
    assert found["blocks"] == 4
