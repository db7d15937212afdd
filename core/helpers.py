"""Processes of ours that answer questions: a line of JSON each way, seen from who asks."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Generic, TypeVar

import msgspec

from core.processes import command, environment
from core.values import Value, from_json, to_json

_LISTEN_SECONDS = 0.1  # between two looks whether the user has cancelled
_END_SECONDS = 1.0
_PATIENT_SECONDS = 10.0

A = TypeVar("A")


class HelperProcess(Generic[A]):
    """A helper and the conversation with it. Close it in the end; it ends with this process, too.

    `answers` is the type of what it says, a union for several; `variables` are put into its
    environment.
    """

    def __init__(self, helper: str, answers: Any, **variables: str) -> None:
        self._answers: queue.Queue[A | None] = queue.Queue()
        self._kind = answers
        self._process = subprocess.Popen(
            command(helper),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment(), **variables},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), name=helper, daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, question: Value) -> None:
        """Ask it something."""
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone, which its answer tells
            self._process.stdin.write(to_json(question) + b"\n")
            self._process.stdin.flush()

    def answer(self, listen: Callable[[], None]) -> A | None:
        """What it says next; None where it is gone. `listen` is called meanwhile, and may raise."""
        while True:
            listen()
            with suppress(queue.Empty):
                return self._answers.get(timeout=_LISTEN_SECONDS)

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

    def _read(self, stream: IO[bytes]) -> None:
        with suppress(msgspec.DecodeError, ValueError):  # cut short, or closed by `close`
            for line in stream:
                self._answers.put(from_json(line, self._kind))
        self._answers.put(None)
