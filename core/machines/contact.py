"""A program that runs on a host, behind a pipe of ``ssh``, and why there is none.

Nothing that arrives is trusted: what shells print first is passed over up to a limit, lines have a
longest length, and of what is said beside that only the beginning is kept.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, TypeVar

from core.errors import WorkbenchError
from core.machines.machine import Machine
from core.machines.said import LONGEST_SAID, Said
from core.machines.ssh import greeting, started
from core.machines.ssh_trouble import not_ready, shell_talks, trouble
from core.text import visible

Absent = Mapping[int, Callable[[Machine, str], WorkbenchError]]
"""What statuses mean that a shell there ends with before the program, having said something."""

NOT_READY: Absent = {127: not_ready}
LONGEST_LINE = 2**20
_MOST_NOISE = 2**20  # bytes that shells may print before the program does
_LISTEN_SECONDS = 0.1
_BEAT_SECONDS = 5.0
_AT_ONCE = 2**18
_END_SECONDS = 2.0
T = TypeVar("T")
_SHOWN = 100  # characters of what the shell said
_AHEAD = 64  # lines that wait to be read


class Contact:
    """A process of ``ssh``; use it as a context, which ends it.

    `listen` is called ten times a second while something is waited for, and may raise to stop.
    Its own pipes are `stdin` and `stdout`; read either `lines` or `stdout`.
    """

    def __init__(
        self, machine: Machine, command: Sequence[str], listen: Callable[[], None]
    ) -> None:
        """Raises WorkbenchError where it cannot be started."""
        self._machine, self._listen = machine, listen
        self.process = started(command)
        self._said = Said(self.process.stderr)
        self._noise = bytearray()
        self._over = threading.Event()
        self._absent: Absent = {}

    def __enter__(self) -> Contact:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stdin(self) -> IO[bytes]:
        """What the program there reads."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """What the program there says, after its greeting."""
        assert self.process.stdout is not None
        return self.process.stdout

    def greeted(self, absent: Absent = NOT_READY) -> None:
        """Wait until the program there begins; raises WorkbenchError, which says why it does not.

        That is `core.machines.ssh_trouble.NotReady` where there is no such program yet.
        """
        self._absent = absent
        answers: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        threading.Thread(target=self._greet, args=(answers,), name="greeting", daemon=True).start()
        begun = self._waited(answers.get)
        if begun:
            self._absent = {}
        elif begun is None:
            raise shell_talks(self._machine, _MOST_NOISE)
        else:
            raise self.ended()

    def lines(self) -> Iterator[bytes]:
        """Lines of the program, without their ends, until it ends; raises WorkbenchError."""
        came: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        threading.Thread(target=self._read, args=(came,), name="lines", daemon=True).start()
        while (line := self._waited(came.get)) is not None:
            if len(line) > LONGEST_LINE:
                raise WorkbenchError(
                    f"What {self._machine.name} answers makes no sense: a line of it is too long.",
                    "Check what runs there.",
                )
            yield line

    def keep_telling(self, whole: bytes = b"") -> None:
        """Send all of that, then every few seconds an empty line: somebody still waits."""
        threading.Thread(target=self._tell, args=(whole,), name="telling", daemon=True).start()

    def _tell(self, whole: bytes) -> None:
        with suppress(OSError, ValueError):  # it is gone, which is noticed where it is heard
            for start in range(0, len(whole), _AT_ONCE):
                self.stdin.write(whole[start : start + _AT_ONCE])
            self.stdin.flush()
            while not self._over.wait(_BEAT_SECONDS):
                self.stdin.write(b"\n")
                self.stdin.flush()

    @property
    def over(self) -> bool:
        """Whether there is no contact any more."""
        return self.process.poll() is not None

    def ended(self) -> WorkbenchError:
        """Why the program is gone, or never came."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        status = self.process.poll()
        self.process.kill()
        noise = bytes(self._noise).decode("utf-8", "replace")
        absent = self._absent.get(status or 0)
        if absent is not None:
            return absent(self._machine, visible(noise.strip()[-_SHOWN:]))
        return trouble(self._machine, status, self._said.text(), noise, self._listen)

    def close(self) -> None:
        """End it; what runs on the host ends by the end of its input."""
        self._over.set()
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        for stream in (self.stdin, self.stdout):
            with suppress(OSError, ValueError):
                stream.close()

    def _waited(self, get: Callable[..., T]) -> T:
        while True:
            self._listen()
            with suppress(queue.Empty):
                return get(timeout=_LISTEN_SECONDS)

    def _greet(self, answers: queue.SimpleQueue[bool | None]) -> None:
        """Pass over what comes before the greeting; None where that is too much."""
        wanted, passed = greeting(self._machine).encode(), 0
        with suppress(OSError, ValueError):
            while line := self.stdout.readline(LONGEST_SAID):
                if line.strip() == wanted:
                    return answers.put(True)
                self._noise += line[: LONGEST_SAID - len(self._noise)]
                if (passed := passed + len(line)) > _MOST_NOISE:
                    return answers.put(None)
        return answers.put(False)

    def _read(self, came: queue.Queue[bytes | None]) -> None:
        with suppress(OSError, ValueError):
            while line := self.stdout.readline(LONGEST_LINE + 2):
                came.put(line.rstrip(b"\r\n"))
        came.put(None)
