"""Every helper starts through one place, from source and from a bundle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import psutil
import pytest

import core
from core.processes import HELPERS, command, environment, multiply_in_one_thread
from core.sizes import Units
from tests.support.checkout import run_python


@pytest.mark.parametrize("helper", [name for name in HELPERS if name != "pdf"])
def test_what_a_helper_runs_is_there(helper: str) -> None:
    assert callable(import_module(HELPERS[helper]).main)


def test_a_helper_runs_from_source() -> None:
    done = subprocess.run(
        command("devices"), capture_output=True, check=True, timeout=60, env=environment()
    )
    assert "CPU" in json.loads(done.stdout)["devices"]


@pytest.mark.parametrize(("units", "said"), [("decimal", "1.05 MB"), ("binary", "1.00 MiB")])
def test_a_helper_words_sizes_as_who_started_it(
    units: Units, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sizes._PREFERRED.units", units)
    code = (
        "import core.inference.processor, core.processes, core.sizes\n"
        "core.inference.processor.main = lambda: print(core.sizes.megabytes(2**20))\n"
        "core.processes.run_helper(['devices'])"
    )
    start = [sys.executable, "-P", "-c", code]
    done = subprocess.run(
        start, capture_output=True, check=True, timeout=60, env=environment(), text=True
    )
    assert done.stdout.strip() == said


def test_a_bundle_is_its_own_helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in = tmp_path / "program"
    stand_in.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "from core.processes import HELPER_FLAG, run_helper\n"
        "assert sys.argv[1] == HELPER_FLAG, sys.argv\nrun_helper(sys.argv[2:])\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(stand_in))
    done = subprocess.run(
        command("devices"), capture_output=True, check=True, timeout=60, env=environment()
    )
    assert "CPU" in json.loads(done.stdout)["devices"]


@pytest.mark.parametrize(
    "start",
    [
        "core.processes.run_helper(['devices'])",
        "sys.argv = ['detection-workbench', 'devices']; core.cli.main.main()",
    ],
)
def test_a_process_that_crashes_leaves_a_trace_also_in_a_bundle(start: str) -> None:
    code = (
        "import faulthandler, sys, core.cli.main, core.inference.processor, core.processes\n"
        "core.inference.processor.main = core.cli.main._run = lambda *_: faulthandler._sigsegv()\n"
    )
    root = str(Path(core.__file__).parent.parent)
    # -E: the Python in a bundle reads no variables.
    done = subprocess.run(
        [sys.executable, "-E", "-c", f"import sys; sys.path.insert(0, {root!r})\n{code}{start}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Fatal Python error" in done.stderr
    assert "most recent call first" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a job object's processes itself")
@pytest.mark.parametrize("helper", ["worker", "limited"])
def test_a_helper_that_was_started_by_one_who_is_gone_ends_at_once(helper: str) -> None:
    starter = f"""
import subprocess, sys
from core.processes import command, environment
process = subprocess.Popen({command(helper)!r}, stdin=sys.stdin, env=environment())
print(process.pid, flush=True)
"""
    reading, writing = os.pipe()  # stays open: the end of its input is not what ends it
    try:
        done = subprocess.run(
            [sys.executable, "-c", starter],
            stdin=reading, capture_output=True, check=True, text=True, env=environment(),
        )  # fmt: skip
        number = int(done.stdout)
        if psutil.pid_exists(number):
            assert psutil.wait_procs([psutil.Process(number)], timeout=3)[1] == []
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("ends", [True, False])
def test_a_process_for_another_machine_ends_with_its_input_or_in_silence(ends: bool) -> None:
    seconds = "60" if ends else "0.2"
    code = (
        "import time\nfrom core.processes import end_with_input\n"
        f"end_with_input({seconds}, lambda: print('left', flush=True))\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    with process:
        assert process.stdin is not None and process.stdout is not None
        if ends:
            process.stdin.close()
        assert process.stdout.read() == b"left\n"
    assert process.returncode == 1


def test_a_helper_multiplies_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before NumPy is imported, which asks once."""
    for name in ("OPENBLAS_NUM_THREADS", "DETECTION_WORKBENCH_ONE_THREAD"):
        monkeypatch.delenv(name, raising=False)
    code = (
        "import os, sys\nfrom core import processes\n"
        "def asked(place):\n"
        "    print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])\n"
        "    raise SystemExit\n"
        "processes.import_module = asked\nprocesses.run_helper(['job'])\n"
    )
    assert run_python(code).split() == ["False", "1"]


@pytest.mark.parametrize(("set_by_user", "handed_on"), [(None, None), ("3", "3")])
def test_threads_of_matrices_are_chosen_by_the_user_or_by_each_process(
    set_by_user: str | None, handed_on: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "DETECTION_WORKBENCH_ONE_THREAD"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    if set_by_user is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", set_by_user)
    multiply_in_one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == (set_by_user or "1")
    assert environment().get("OPENBLAS_NUM_THREADS") == handed_on


@pytest.mark.parametrize(
    "leave",
    [
        "raise ProcessLookupError('what it wanted to end has just ended')",
        "__import__('time').sleep(600)",
    ],
)
@pytest.mark.parametrize("said", ["its input ends", "nothing"])
def test_what_waits_for_its_input_ends_whatever_it_has_to_do_before(leave: str, said: str) -> None:
    """A worker on a host stayed there for ever: a process that it was to kill was gone."""
    code = (
        "import threading\nfrom core import processes\nprocesses._LEAVE_SECONDS = 0.2\n"
        f"def leave():\n    {leave}\n"
        "processes.end_with_input(1.0, leave)\nthreading.Event().wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        if said == "its input ends":
            process.stdin.close()
        assert process.wait(60) == 1
