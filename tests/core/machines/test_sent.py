"""Jobs that are sent to a host, which is a process of this machine with a cache of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import psutil
import pytest
from msgspec.structs import replace

from core.benchmark.job import BenchmarkJob
from core.benchmark.samples import SAMPLES_FILE, load_samples
from core.benchmark.sent import SentBenchmarkJob
from core.benchmark.service import resume_job
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled, WorkbenchError
from core.jobs.context import SCRATCH
from core.jobs.events import Keeping, Message, Progress
from core.jobs.job import RESULT_FILE
from core.machines import sending
from core.machines.machine import Machine
from core.profiling.job import ProfileJob
from core.profiling.result import ProfileResult
from core.profiling.sent import SentProfileJob
from core.profiling.settings import ProfiledModel, ProfileSettings
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.hosts import ENDED_SECONDS, LocalHost, Sender, wait_until

PREPARING = "board: Compiling and warming up"
MEASURING = "board: Measuring in turns"


def asked(made: Made, seconds: float = 0.3, **more: object) -> BenchmarkJob:
    settings = BenchmarkSettings(precision_hints=("default",), seconds=seconds)
    return BenchmarkJob(
        models=(
            BenchmarkedModel(name="parent", xml=model_of(made.parent)),
            BenchmarkedModel(name="optimized", xml=model_of(made.optimized)),
        ),
        settings=replace(settings, **more),
    )


def sent(made: Made, machine: Machine, seconds: float = 0.3, **more: object) -> SentBenchmarkJob:
    return SentBenchmarkJob(machine=machine, job=asked(made, seconds, **more))


def at(stage: str, act: Callable[[], None], rounds: int = 0) -> Callable[[Message], None]:
    """Act once, as soon as the job says that it is there, and has done so much of it."""
    done = threading.Event()

    def hear(message: Message) -> None:
        if not isinstance(message, Progress) or message.stage != stage:
            return
        if message.done >= rounds and not done.is_set():
            done.set()
            act()

    return hear


@pytest.mark.usefixtures("way")
def test_a_benchmark_is_made_there_and_brought_here(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    sender, job = Sender(tmp_path / "job"), sent(first_made, host.machine)
    result = job.run(sender.context)
    assert (result.machine.name, bool(result.machine.host)) == ("board", True)
    assert result.machine.device_name in result.machine.title.split(", on board (")
    assert (result.models, result.settings) == (job.job.models, job.job.settings)
    assert {run.model for run in result.runs} == {"parent", "optimized"}
    samples = load_samples(tmp_path / "job" / SAMPLES_FILE, len(result.runs))
    assert [one.inferences for one in samples] == [run.inferences for run in result.runs]
    assert MEASURING in sender.stages
    assert sender.logged[0].startswith("Runs on board (")
    wait_until(lambda: not host.processes())
    assert not host.left, "nothing but what was sent, and can be used again, stays there"


@pytest.mark.usefixtures("way")
def test_what_was_sent_once_is_there(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    first, again = Sender(tmp_path / "first"), Sender(tmp_path / "again")
    sent(first_made, host.machine, iterations=1).run(first.context)
    sent(first_made, host.machine, iterations=1).run(again.context)
    assert any("sending" in one for one in first.stages)
    assert not any("sending" in one for one in again.stages)


@pytest.mark.usefixtures("way")
def test_images_are_sent_for_what_is_measured_on_images(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    modes = (RunMode(hint="latency"), RunMode(hint="latency", start="file"))
    job = sent(first_made, host.machine, modes=modes, input="dataset")
    job = replace(job, job=replace(job.job, dataset=DatasetSource(path=first_made.images)))
    result = job.run(Sender(tmp_path / "job").context)
    assert [run.parts_ms is not None for run in result.runs if run.model == "parent"] == [
        False, True
    ]  # fmt: skip
    stored = {path.name for path in (host.program / "machines" / host.machine.number).iterdir()}
    assert len(stored) == 6 + len(list(first_made.images.iterdir()))


@pytest.mark.usefixtures("way")
def test_layers_are_profiled_there(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    model = ProfiledModel(name="optimized", xml=model_of(first_made.optimized))
    job = ProfileJob(models=(model,), settings=ProfileSettings(seconds=0.5))
    result = SentProfileJob(machine=host.machine, job=job).run(Sender(tmp_path / "job").context)
    assert isinstance(result, ProfileResult)
    assert result.machine.name == "board"
    assert result.profiles[0].model == "optimized"


@pytest.mark.usefixtures("way")
def test_a_cancel_ends_it_there(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    sender = Sender(tmp_path / "job")
    sender.hear = at(PREPARING, sender.cancel.set)
    with pytest.raises(JobCancelled):
        sent(first_made, host.machine, 60.0).run(sender.context)
    wait_until(lambda: not host.processes())
    assert not host.left
    assert not (tmp_path / "job" / SAMPLES_FILE).exists()


@pytest.mark.usefixtures("way")
def test_a_cancelled_benchmark_brings_whole_rounds_and_is_resumed_there(
    first_made: Made, host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latency = (RunMode(hint="latency"),)
    sender, job = Sender(tmp_path / "job"), sent(first_made, host.machine, 60.0, modes=latency)
    sender.hear = at(MEASURING, sender.cancel.set, rounds=3)
    stopped = job.run(sender.context)
    assert stopped.stopped and stopped.rounds >= 3
    assert sum(isinstance(one, Keeping) for one in sender.messages) == 2
    measured = load_samples(sender.folder / SAMPLES_FILE, len(stopped.runs))
    assert [len(one.turns) for one in measured] == [stopped.rounds] * len(stopped.runs)
    wait_until(lambda: not host.processes())
    assert not host.left

    write_json(sender.folder / RESULT_FILE, stopped)
    monkeypatch.setattr("core.machines.run_on.machine_named", {"board": host.machine}.__getitem__)
    monkeypatch.setattr("core.machines.run_on.require_way", lambda machine: None)
    monkeypatch.setattr(Machine, "by_ssh", True)
    resumed = resume_job(sender.folder, job.job.models)
    assert isinstance(resumed, SentBenchmarkJob)
    again = Sender(tmp_path / "again")
    again.hear = at(MEASURING, again.cancel.set, rounds=stopped.rounds + 1)
    more = resumed.run(again.context)
    assert more.rounds > stopped.rounds
    for before, after in zip(stopped.runs, more.runs, strict=True):
        known = before.throughput_rounds_fps
        assert after.throughput_rounds_fps[: len(known)] == known
    sent_there = b"".join(path.read_bytes() for path in (host.program / "machines").rglob("*.*"))
    assert str(first_made.root).encode() not in sent_there, "where models lie here is not sent"


@pytest.mark.usefixtures("way")
def test_a_host_that_is_killed_leaves_nothing_half_done(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    def kill() -> None:
        for process in host.served():
            process.kill()

    sender = Sender(tmp_path / "job", at(MEASURING, kill))
    with pytest.raises(WorkbenchError, match="The program on board ended"):
        sent(first_made, host.machine, 60.0).run(sender.context)
    assert {one.name for one in (tmp_path / "job").iterdir()} <= {SCRATCH}
    wait_until(lambda: not host.processes())
    left = host.left
    sent(first_made, host.machine, iterations=1).run(Sender(tmp_path / "next").context)
    assert left, "it was killed at work"
    assert not host.left, "the next one removes what it could not"


@contextmanager
def started(host: LocalHost) -> Iterator[subprocess.Popen[bytes]]:
    """The host's process with nobody at the other end who says anything."""
    with subprocess.Popen(host.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_who_is_gone_is_noticed_at_once(host: LocalHost) -> None:
    with started(host) as process:
        wait_until(lambda: bool(host.left))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(ENDED_SECONDS) == 0
    assert not host.left


def test_who_says_nothing_is_not_waited_for(host: LocalHost) -> None:
    with started(host) as process:
        assert process.wait(ENDED_SECONDS) == 0
    assert not host.left


@pytest.mark.usefixtures("way")
def test_a_network_that_is_cut_is_noticed_here(
    first_made: Made, host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.machines.host.LEASE_SECONDS", 4.0)

    def hold() -> None:
        for process in host.served():
            process.send_signal(signal.SIGSTOP)

    sender = Sender(tmp_path / "job", at(MEASURING, hold))
    with pytest.raises(WorkbenchError, match="board has said nothing for 4 s"):
        sent(first_made, host.machine, 60.0).run(sender.context)
    for process in host.processes():
        process.kill()
    wait_until(lambda: not any(one.name == "host" for one in threading.enumerate()))


@pytest.mark.usefixtures("way")
def test_jobs_take_turns_there(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    lock = filelock.FileLock(host.program / "job.lock")
    host.program.mkdir(parents=True)
    lock.acquire()
    waiting = "board: Waiting for another job on this machine"
    sender = Sender(tmp_path / "job", at(waiting, lock.release))
    assert sent(first_made, host.machine, iterations=1).run(sender.context).runs
    assert sender.stages.index(waiting) < sender.stages.index(MEASURING)


@pytest.mark.usefixtures("way")
def test_a_full_disk_there_is_said(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *host.argv]
    sender = Sender(tmp_path / "job")
    packed = sent(first_made, host.machine).packed
    with pytest.raises(WorkbenchError, match=r"On board: .*File too large"):
        sending.send(host.machine, limited, lambda one: packed(one, sender.context), sender.context)
    wait_until(lambda: not host.processes())


@pytest.mark.usefixtures("way")
def test_what_may_be_stored_there_has_a_limit(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    small = replace(host.machine, cache_bytes=1000)
    with pytest.raises(WorkbenchError, match="larger than what may be stored there"):
        sent(first_made, small).run(Sender(tmp_path / "job").context)


@pytest.mark.usefixtures("way")
def test_what_fails_there_is_said_in_its_own_words(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"On board: parent .* cannot be run: .*NPU"):
        sent(first_made, host.machine, device="NPU").run(Sender(tmp_path / "job").context)


def test_nothing_is_sent_without_consent(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="you have not agreed"):
        sending.send(
            replace(host.machine, agreed=False), host.argv, lambda packing: asked(first_made),
            Sender(tmp_path / "job").context,
        )  # fmt: skip
    assert not host.cache.exists()


@pytest.mark.usefixtures("way")
def test_a_home_that_is_killed_ends_it_there(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    """The process that sends is forked, and killed without a chance to say anything."""
    sender, killed = Sender(tmp_path / "job"), os.fork()
    if not killed:
        sent(first_made, host.machine, 60.0).run(sender.context)
        os._exit(0)

    def measures() -> bool:
        return len(host.processes()) > 3  # the job, and the processes that it measures in

    wait_until(measures)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    wait_until(lambda: not host.processes())
    assert not host.left
    assert not psutil.pid_exists(killed)
