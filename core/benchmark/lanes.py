"""The measuring processes, seen from the benchmark: started, asked, ended."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from core.benchmark.conversation import Answer, Command, Measured, Prepare, Ready, Refused, TakeTurn
from core.benchmark.samples import Turn
from core.errors import WorkbenchError
from core.processes import command, environment
from core.values import from_json, to_json

_LISTEN_SECONDS = 0.1  # between two looks whether the user has cancelled
_END_SECONDS = 1.0
_PATIENT_SECONDS = 10.0


class CannotRun(WorkbenchError):
    """A model cannot be run in a mode."""


class LaneProcess:
    """One measuring process. Close it in the end."""

    def __init__(self) -> None:
        self._answers: queue.Queue[Answer | None] = queue.Queue()
        self._process = subprocess.Popen(
            command("lane"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), name="lane", daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def prepare(self, request: Prepare, listen: Callable[[], None]) -> Ready:
        """Compile and warm up; raises CannotRun. `listen` is called now and then, and may raise."""
        answer = self._ask(request, listen)
        assert isinstance(answer, Ready)
        return answer

    def turn(self, asked: TakeTurn, listen: Callable[[], None]) -> tuple[Turn, int]:
        """Measure; gives the turn, and the process's peak memory in bytes."""
        import numpy as np

        answer = self._ask(asked, listen)
        assert isinstance(answer, Measured)
        turn = Turn(answer.fps, np.array(answer.latencies_ms, np.float32))
        return turn, answer.peak_memory_bytes

    def kill(self) -> None:
        """End the process, whatever it is doing: it holds nothing that could be left half-done."""
        self._process.kill()

    def close(self) -> None:
        """End the process, and wait for that."""
        self.kill()
        with suppress(subprocess.TimeoutExpired):  # a busy machine takes its time to clear it away
            self._process.wait(_PATIENT_SECONDS)
        self._reader.join(_END_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _ask(self, asked: Command, listen: Callable[[], None]) -> Answer:
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone, which is noticed below
            self._process.stdin.write(to_json(asked) + b"\n")
            self._process.stdin.flush()
        while True:
            listen()
            with suppress(queue.Empty):
                answer = self._answers.get(timeout=_LISTEN_SECONDS)
                break
        if answer is None:
            raise CannotRun("its process ended unexpectedly; the log has the details.")
        if isinstance(answer, Refused):
            raise CannotRun(answer.why)
        return answer

    def _read(self, stream: IO[bytes]) -> None:
        with suppress(msgspec.DecodeError, ValueError):  # cut short, or closed by `close`
            for line in stream:
                self._answers.put(from_json(line, Answer))
        self._answers.put(None)
