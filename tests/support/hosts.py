"""A host that is this machine: the program's side of it, as a process with a cache of its own."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psutil

import core
from core.jobs.context import JobContext
from core.jobs.events import LogLine, Message, Progress
from core.jobs.job import Job
from core.machines.condition import Condition
from core.machines.machine import Machine, new_machine
from core.machines.parcel import Packing
from core.machines.sending import MOST_BYTES, send
from core.machines.way import MODULE
from core.wording.in_words import in_words

ENDED_SECONDS = 30.0
ROOT = str(Path(core.__file__).parent.parent)


@dataclass
class LocalHost:
    """Where the host's cache is, and what is put into its environment."""

    cache: Path
    variables: dict[str, str] = field(default_factory=dict)
    machine: Machine = field(
        default_factory=lambda: new_machine("board", "tcp://127.0.0.1:9", agreed=True)
    )

    @property
    def argv(self) -> list[str]:
        """What starts it, as SSH does: who ends that process cuts the way, and not the host."""
        given = {"XDG_CACHE_HOME": str(self.cache), "PYTHONPATH": ROOT, **self.variables}
        pairs = [f"{name}={value}" for name, value in given.items()]
        return ["sh", "-c", '"$@"; exit', "sh", "env", *pairs, sys.executable, "-P", "-m", MODULE]

    @property
    def program(self) -> Path:
        """The folder of the program's cache there."""
        return self.cache / "detection-workbench"

    def processes(self) -> list[psutil.Process]:
        """All that run there: every process with this cache."""
        return [one for one in psutil.process_iter() if _has(one, self.cache)]

    def served(self) -> list[psutil.Process]:
        """Of these, the one that another machine talks to."""
        return [one for one in self.processes() if MODULE in _words(one)]

    @property
    def left(self) -> list[str]:
        """Unfinished files there."""
        return [path.name for path in self.program.glob(".job-*")]


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _has(process: psutil.Process, cache: Path) -> bool:
    try:
        return process.environ().get("XDG_CACHE_HOME") == str(cache) and process.status() not in (
            psutil.STATUS_ZOMBIE,
            psutil.STATUS_DEAD,
        )
    except psutil.Error:
        return False


@dataclass
class Sender:
    """A job of this machine that sends: what it said, and how it is cancelled."""

    folder: Path
    hear: Callable[[Message], None] = lambda message: None
    messages: list[Message] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> JobContext:
        self.folder.mkdir(parents=True, exist_ok=True)
        return JobContext(self.folder, self._say, self.cancel, queue.SimpleQueue(), in_words)

    @property
    def stages(self) -> list[str]:
        """The stages in their order, each once."""
        return list(dict.fromkeys(m.stage for m in self.messages if isinstance(m, Progress)))

    @property
    def logged(self) -> list[str]:
        return [one.text for one in self.messages if isinstance(one, LogLine)]

    def send(
        self, host: LocalHost, pack: Callable[[Packing], Job], most_bytes: int = MOST_BYTES
    ) -> Condition:
        """Send what `pack` gives to a host."""
        return send(host.machine, host.argv, pack, self.context, most_bytes)

    def _say(self, message: Message) -> None:
        self.messages.append(message)
        self.hear(message)


def wait_until(true: Callable[[], bool]) -> None:
    until = monotonic() + ENDED_SECONDS
    while not true():
        assert monotonic() < until
        sleep(0.1)
