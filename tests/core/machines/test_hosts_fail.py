"""What goes wrong with hosts reached by SSH, in the middle and from the other side."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import InputError, WorkbenchError
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.runner import run_job
from core.machines import host_side
from core.machines.host_checking import checked_host
from core.machines.hosts import clear, described, look, prepare
from core.machines.job import CheckMachineJob
from core.machines.machine import Machine
from core.machines.ssh import environment_name, greeting
from core.machines.ssh_trouble import NotReady
from core.remarks.sentences import sentence
from core.values import to_json
from tests.support.sshd import Host, needs_ssh, nothing, running, step, wait_until

pytestmark = [needs_ssh, pytest.mark.timeout(300)]
PIP = "Getting packages there"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with running(tmp_path_factory.mktemp("host") / "sshd") as host:
        yield host


@pytest.fixture
def host(there: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    there.reached_by(monkeypatch)
    yield there
    (there.home / ".bashrc").unlink(missing_ok=True)


def checked(machine: Machine, folder: Path, at: Callable[[threading.Event], None]) -> JobOutcome:
    """Make it ready in a job; `at` is called once packages are installed there."""
    cancel = threading.Event()

    def hear(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == PIP:
            at(cancel)

    return run_job(
        CheckMachineJob(machine=machine),
        folder / "checked",
        on_event=hear,
        cancel=cancel,
        log=folder / "log",
    )


def assert_nothing_left(host: Host, machine: Machine) -> None:
    wait_until(lambda: host.at_work() == [])
    assert list((host.ours / "hosts" / machine.number).iterdir()) == []


def test_a_cancel_leaves_nothing_there(host: Host, tmp_path: Path) -> None:
    machine = host.machine()
    outcome = checked(machine, tmp_path, threading.Event.set)
    assert outcome.state == "cancelled"
    assert_nothing_left(host, machine)


def test_a_host_that_is_gone_in_the_middle_ends_all_by_itself(host: Host, tmp_path: Path) -> None:
    machine = host.machine()
    outcome = checked(machine, tmp_path, lambda cancel: host.cut())
    assert outcome.error is not None and "The contact with board was lost" in str(outcome.error)
    assert_nothing_left(host, machine)


def test_what_was_changed_there_is_not_used(host: Host) -> None:
    machine = host.machine()
    with pytest.raises(NotReady, match="machines check board --agree"):
        described(machine, nothing)
    prepare(machine, step)
    made = host.ours / "hosts" / machine.number / environment_name()
    (changed,) = made.glob("lib/python*/site-packages/core/causes.py")
    changed.write_text(changed.read_text() + "\n# changed\n")
    with pytest.raises(WorkbenchError, match="has other code than this machine's") as refused:
        checked_host(machine, step)
    assert "machines remove board" in refused.value.next_step
    assert clear(machine, nothing) > 0 and not made.parent.exists()


def test_packages_that_cannot_be_had_are_named_and_nothing_is_left(
    host: Host, tmp_path: Path
) -> None:
    machine = host.machine()
    try:
        host.restart(PIP_FIND_LINKS=str(tmp_path))
        with pytest.raises(WorkbenchError, match="could not be made ready: ERROR: No matching"):
            prepare(machine, step)
    finally:
        host.restart()
    assert_nothing_left(host, machine)


def test_no_python_and_another_processor_are_refused_with_the_cause(
    host: Host, tmp_path: Path
) -> None:
    machine = host.machine()
    try:
        host.restart(PATH=str(tmp_path))
        with pytest.raises(WorkbenchError, match=r"has no Python from 3\.11"):
            look(machine, nothing)
    finally:
        host.restart()
    python = host.bin / f"python3.{sys.version_info.minor}"
    real = python.resolve()
    python.unlink()
    try:
        python.write_text(f'#!/bin/sh\nexec setarch i686 {real} "$@"\n')
        python.chmod(0o755)
        why = checked_host(machine, step).refused
        assert why is not None and "Its system is Linux i686" in sentence(why)
        with pytest.raises(InputError, match="must be Linux x86_64"):
            prepare(machine, step)
    finally:
        python.unlink()
        python.symlink_to(real)


def test_shells_that_talk_are_passed_over_up_to_a_limit(host: Host) -> None:
    machine = host.machine()
    talks = host.home / ".bashrc"
    talks.write_text("seq 1 20000\n")
    assert look(machine, nothing).cores > 0
    talks.write_text("yes | head -c 40000000\n")
    with pytest.raises(WorkbenchError, match="prints more than 1 MiB"):
        look(machine, nothing)
    wait_until(lambda: host.at_work() == [])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("echo '{\"host\": '", "makes no sense"),
        ("echo '[[[[[[[[[[[['", "makes no sense"),
        ("head -c 3000000 /dev/zero | tr '\\0' x; echo", "a line of it is too long"),
        ("exit 3", "No program of ours runs on board"),
        ("printf '\\033[2Jgone\\n' >&2; exit 4", "runs on board: \ufffd[2Jgone"),
    ],
)
def test_answers_that_make_no_sense_are_refused(host: Host, answer: str, said: str) -> None:
    machine = host.machine()
    (host.home / ".bashrc").write_text(f'echo "{greeting(machine)}"\n{answer}\nexit\n')
    with pytest.raises(WorkbenchError) as refused:
        look(machine, nothing)
    assert said in str(refused.value)


def test_what_hears_nothing_ends_and_removes_what_is_unfinished(tmp_path: Path) -> None:
    """A network that is cut tells a host nothing; the same program with less patience."""
    source = Path(host_side.__file__).read_bytes().replace(b"_SECONDS = 25.0", b"_SECONDS = 1.0")
    asked = {
        "do": "prepare",
        "number": "a" * 32,
        "bytes": 0,
        "name": "made",
        "wheel": "program.whl",
        "sha256": hashlib.sha256(b"").hexdigest(),
        "requirements": "",
    }
    code = f"import sys; exec(sys.stdin.buffer.read({len(source)}))"
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(source + to_json(asked) + b"\n")
        process.stdin.flush()
        assert b"environment" in process.stdout.readline()
        assert process.wait(60) == 1
    assert list((tmp_path / "detection-workbench" / "hosts" / ("a" * 32)).iterdir()) == []
