"""A job on another machine: sent there with its files, run there as here, brought back.

It runs in that machine's own turn, in a process of its own, and measures what it would measure if
it had been started there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

import msgspec
from msgspec.structs import replace

from core.errors import InputError, JobCancelled, WorkbenchError
from core.inference.machine import Machine as Measured
from core.jobs.context import SCRATCH, JobContext
from core.jobs.events import LogLine
from core.jobs.job import Job
from core.machines.cache import Piece
from core.machines.condition import Condition
from core.machines.frames import MOST_DATA
from core.machines.host import Host
from core.machines.machine import Machine
from core.machines.parcel import Packing
from core.machines.receiving import receive
from core.machines.store import require_agreed
from core.machines.talk import (
    Bring,
    Bytes,
    Ended,
    Happened,
    Hello,
    Lacking,
    NamedFile,
    Start,
    Stop,
    Welcome,
)
from core.machines.way import way_to
from core.remarks.remark import remark
from core.text import visible, visible_lines
from core.values import to_json

MOST_BYTES = 2**30  # of what a job leaves, unless it says otherwise
_TRIES = 3  # to send what the host lacks
_MOST_LINES = 2000  # that a job may log
_LONGEST = 500  # characters of a line, and of a stage's name
_LONGEST_HOST = 100
_KEPT_SECONDS = 4.0  # for a job that was cancelled to stop there, and for what it has to come
_MEGABYTE = 10**6


def sent(
    machine: Machine,
    pack: Callable[[Packing], Job],
    context: JobContext,
    most_bytes: int = MOST_BYTES,
    *,
    keeps: bool = False,
) -> Condition:
    """As `send`, by the way that there is to the machine."""
    return send(machine, way_to(machine, context.step), pack, context, most_bytes, keeps=keeps)


def host_title(machine: Machine, there: Condition) -> str:
    """What the user and the host itself call it."""
    return f"{machine.name} ({visible(there.host[:_LONGEST_HOST])})"


def measured_on(machine: Machine, there: Condition, measured: Measured) -> Measured:
    """What was measured on, with the names that the user and the host itself have for it."""
    host = visible(there.host[:_LONGEST_HOST])
    return replace(measured, name=machine.name, host=host)


def send(
    machine: Machine,
    argv: Sequence[str],
    pack: Callable[[Packing], Job],
    context: JobContext,
    most_bytes: int = MOST_BYTES,
    *,
    keeps: bool = False,
) -> Condition:
    """Run a job on a machine; what it leaves lies in the context's folder afterwards.

    `argv` starts the program's side there. `pack` gives the job as it is sent, with its files
    packed. Of a job that `keeps` what it has when it is cancelled, that is brought. Gives what the
    machine said of itself. Raises WorkbenchError, JobCancelled.
    """
    require_agreed(machine)
    packing = Packing(context.folder / SCRATCH / "packed", context.step)
    job = pack(packing)
    return _Sending(machine, job, packing.files(), context, most_bytes, keeps).done(argv)


class _Sending:
    """One job that is sent."""

    def __init__(
        self,
        machine: Machine,
        job: Job,
        files: dict[NamedFile, Path],
        context: JobContext,
        most_bytes: int,
        keeps: bool,
    ) -> None:
        self._machine = machine
        self._job = job
        self._files = files
        self._context = context
        self._most_bytes = most_bytes
        self._stage = "connecting"
        self._place: tuple[int, int | None, float | None, bool] = (0, None, None, True)
        self._lines = 0
        self._keeps = keeps
        self._started: Host | None = None  # it has the job
        self._until: float | None = None  # a cancelled job is waited for

    def done(self, argv: Sequence[str]) -> Condition:
        """All of it; the machine as it is."""
        with self._context.elsewhere():
            host = Host(self._machine.name, argv, self._tick)
            try:
                condition = self._greeted(host)
                self._bring(host)
                host.say(Start(job=msgspec.Raw(to_json(self._job))))
                self._started = host
                self._take(host, self._ended(host))
            except BaseException:
                host.close(wanted=False)
                raise
            host.close(wanted=True)
        return condition

    def _tick(self) -> None:
        done, total, left, counted = self._place
        stage = f"{self._machine.name}: {self._stage}"
        try:
            self._context.step(stage, done, total, seconds_left=left, counted=counted)
        except JobCancelled:
            if self._started is None or not self._keeps:
                raise
            if self._until is None:
                self._wait_for_what_it_has()
                self._started.say(Stop())
            elif monotonic() > self._until:
                raise

    def _wait_for_what_it_has(self) -> None:
        self._until = monotonic() + _KEPT_SECONDS
        self._context.keep()

    def _at(self, stage: str, done: int = 0, total: int | None = None) -> None:
        self._stage, self._place = stage, (done, total, None, True)
        self._tick()

    def _greeted(self, host: Host) -> Condition:
        machine = self._machine
        host.say(Hello(number=machine.number, limit_bytes=machine.cache_bytes))
        welcome, _ = host.hear(Welcome)
        found: Condition = welcome.condition
        machinery = found.machinery
        processor = "unknown" if machinery is None else visible(machinery.processor.name[:100])
        self._context.log(
            remark("sent_to", machine=machine.name, host=visible(found.host[:_LONGEST_HOST]),
                   processor=processor)
        )  # fmt: skip
        return found

    def _bring(self, host: Host) -> None:
        """Have all files in their places there."""
        wanted = Bring(files=tuple(self._files))
        paths = {file.digest: (file, path) for file, path in self._files.items()}
        for _ in range(_TRIES):
            self._at("looking for what is there already")
            host.say(wanted)
            lacking, _ = host.hear(Lacking)
            if not lacking.hashes:
                return
            if unknown := set(lacking.hashes) - set(paths):
                raise host.error(f"It wants files that nobody named ({len(unknown)}).", "")
            self._send(host, [paths[one] for one in dict.fromkeys(lacking.hashes)])
        raise host.error(
            "What is sent there does not stay.",
            "Check its disk, and the limit of what may be stored there.",
        )

    def _send(self, host: Host, files: Sequence[tuple[NamedFile, Path]]) -> None:
        total = sum(file.size for file, _ in files)
        sent = 0
        for file, path in files:
            with path.open("rb") as stream:
                for offset in range(0, max(file.size, 1), MOST_DATA):
                    data = stream.read(MOST_DATA)
                    piece = Piece(digest=file.digest, offset=offset, total=file.size)
                    host.say(Bytes(piece=piece), data)
                    sent += len(data)
                    self._at("sending, MB", sent // _MEGABYTE, -(-total // _MEGABYTE))

    def _ended(self, host: Host) -> Ended:
        """How the job ended; what it says meanwhile goes to the user."""
        self._at("starting the job")
        while True:
            said: Happened | Ended = host.hear(Happened, Ended)[0]
            if isinstance(said, Ended):
                return said
            event = said.event
            if isinstance(event, LogLine):
                self._log(event.text)
                continue
            stage = visible(event.stage[:_LONGEST])
            total = event.total if event.total and event.total > 0 else None
            done = max(0, event.done)
            self._stage, self._place = stage, (done, total, event.seconds_left, event.counted)
            self._tick()

    def _log(self, text: str) -> None:
        self._lines += 1
        if self._lines <= _MOST_LINES:
            self._context.log(visible(text[:_LONGEST]))

    def _take(self, host: Host, ended: Ended) -> None:
        """Bring what the job left; raises what it failed with."""
        with suppress(OSError):  # of the log
            print(f"What the process on {self._machine.name} wrote:", file=sys.stderr)
            print(visible_lines(ended.log), file=sys.stderr, flush=True)
        if ended.state == "cancelled":
            raise JobCancelled
        if ended.state == "failed":
            error = host.error(ended.what, ended.next_step)
            kind = InputError if ended.refused_input else WorkbenchError
            raise kind(error.what, error.next_step)
        scratch = self._context.folder / SCRATCH / "received"
        if self._until is not None:
            self._wait_for_what_it_has()
        self._at("bringing the result")

        def progress(done: int, total: int) -> None:
            self._at("bringing the result, MB", done // _MEGABYTE, -(-total // _MEGABYTE))

        receive(host, ended.files, self._context.folder, scratch, self._most_bytes, progress)
