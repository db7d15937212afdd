"""Processes of tests' jobs: copies of one that has imported the program, where that is the same.

Half of what the suite took was Python starting and importing. In a copy modules were imported
before: nothing that happens at their import depends on the test. Therefore a job for which a test
has changed the environment is started, as those of users are; so are all of a test with the
fixture `started`, and of every test where TESTS_START_PROCESSES is set.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, Any

import core.helpers
import core.jobs.ahead
from core.processes import environment

_PLACES: tuple[Any, ...] = (core.jobs.ahead, core.helpers)
_TAKE_CHILDREN = 36  # of prctl: processes that lose their parent become ours
_NEVER = "TESTS_START_PROCESSES"
_OURS = ["-P", "-m", "core.processes"]
_ROOM = "-" * 4000  # for the arguments that a copy shows
_FREE = frozenset(  # of the variables, those that nothing asks for while it is imported
    {"DETECTION_WORKBENCH_PARENT", "DETECTION_WORKBENCH_UNITS", "PYTEST_CURRENT_TEST"}
    | {"XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME", "TMPDIR", "PATH"}
)


class NotReadyError(Exception):
    """There is no process to copy: it said why on standard error."""


class Ready:
    """The process that is copied, begun when one is first needed."""

    def __init__(self, asking: socket.socket | None = None) -> None:
        """`asking` is the line to one that has begun."""
        self._lock = threading.Lock()
        self._asking = asking
        self._process: subprocess.Popen[bytes] | None = None
        self._as_begun = _fixed(environment())

    def has(self, variables: dict[str, str]) -> bool:
        """Whether a copy is the same as a process that is started now with these variables."""
        return _fixed(variables) == self._as_begun

    def copy(self, request: dict[str, Any], streams: Sequence[int]) -> int:
        """The number of a copy, which is our child; raises NotReadyError, OSError."""
        with self._lock:
            asking = self._asking
            if asking is None or (self._process is not None and self._process.poll() is not None):
                asking = self._begin()
            with taking_children() as copies:
                socket.send_fds(asking, [json.dumps(request).encode()], list(streams))
                copies.append(int(asking.recv(32)))
            return copies[0]

    def close(self) -> None:
        """End it; copies go on."""
        if self._asking is not None and self._process is not None:
            self._asking.close()
            self._process.wait()

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            module = ["tests.support.ready_server", str(theirs.fileno()), _ROOM]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *module],
                env={**environment(), "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        if ours.recv(32) != b"ready":
            ours.close()
            self._process.wait()
            raise NotReadyError
        self._asking = ours
        return ours


class Copy:
    """What the program uses of `subprocess.Popen`, but for a copy."""

    def __init__(
        self,
        ready: Ready,
        command: Sequence[str],
        *,
        stderr: int | IO[bytes] | None,
        env: dict[str, str],
        start_new_session: bool,
    ) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        silent = os.open(os.devnull, os.O_WRONLY)
        error = silent if isinstance(stderr, int) else 2 if stderr is None else stderr.fileno()
        request = {
            "arguments": command[4:],
            "environment": env,
            "folder": str(Path.cwd()),
            "limits": _limits(),
            "parent": os.getpid(),
            "session": start_new_session,
        }
        try:
            self.pid = ready.copy(request, (theirs_in, theirs_out, error))
        except BaseException:
            os.close(ours_in)
            os.close(ours_out)
            raise
        finally:
            for one in (theirs_in, theirs_out, silent):
                os.close(one)
        self._end = os.pidfd_open(self.pid)
        self._asking = threading.Lock()
        self.returncode: int | None = None
        self.stdin = os.fdopen(ours_in, "wb")
        self.stdout: BufferedReader = BufferedReader(FileIO(ours_out, "rb"))

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit status; raises subprocess.TimeoutExpired."""
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("copy", timeout or 0)
        return status

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None:
            end = select.poll()
            end.register(self._end, select.POLLIN)
            if end.poll(None if seconds is None else 1000 * seconds):
                with self._asking:
                    if self.returncode is None:
                        self.returncode = _status(self.pid)
        return self.returncode

    def __del__(self) -> None:
        """Nobody asks for its end any more, in whatever thread."""
        if hasattr(self, "_end"):
            os.close(self._end)


class _Subprocess:
    """Stands in for the module where the program starts processes."""

    PIPE = subprocess.PIPE
    DEVNULL = subprocess.DEVNULL
    TimeoutExpired = subprocess.TimeoutExpired

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._usable = True

    def Popen(self, command: Sequence[str], **how: Any) -> Any:
        """A copy where that is the same and there is one, or the real one."""
        if list(command[1:4]) == _OURS and self._usable and self._ready.has(how["env"]):
            try:
                return Copy(
                    self._ready,
                    command,
                    stderr=how.get("stderr"),
                    env=how["env"],
                    start_new_session=how.get("start_new_session", False),
                )
            except NotReadyError:
                self._usable = False
        return subprocess.Popen(command, **how)


def stand_in(ready: Ready) -> None:
    """From now on jobs, and the helpers that jobs ask, are copies of that one."""
    for place in _PLACES:
        place.subprocess = _Subprocess(ready)


@contextmanager
def copied() -> Iterator[None]:
    """Jobs run in copies meanwhile, on Linux."""
    if sys.platform != "linux" or os.environ.get(_NEVER):
        yield
        return
    ready = Ready()
    stand_in(ready)
    try:
        yield
    finally:
        for place in _PLACES:
            place.subprocess = subprocess
        ready.close()


@contextmanager
def started() -> Iterator[None]:
    """Processes are started meanwhile, as those of users are."""
    before = [place.subprocess for place in _PLACES]
    for place in _PLACES:
        place.subprocess = subprocess
    try:
        yield
    finally:
        for place, one in zip(_PLACES, before, strict=True):
            place.subprocess = one


@contextmanager
def taking_children() -> Iterator[list[int]]:
    """Processes that lose their parent meanwhile become ours; which of them are wanted is said.

    The others, such as those of a server that a test has killed, are waited for: nobody else does,
    and they would be found among the children of a test.
    """
    begun = int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))
    before, wanted = _children(), list[int]()
    _take_children(True)
    try:
        yield wanted
    finally:
        _take_children(False)
        for stray in _children() - before - set(wanted):
            if _begun(stray) < begun:  # what is younger may have been started in another thread
                threading.Thread(target=_status, args=(stray,), daemon=True).start()


def _fixed(variables: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in _FREE}


def _limits() -> list[tuple[int, tuple[int, int]]]:
    import resource

    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return [(limit, resource.getrlimit(limit)) for limit in {getattr(resource, n) for n in names}]


def _status(number: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    except ChildProcessError:  # somebody else has asked before, as `subprocess` has it
        return 0


def _take_children(whether: bool) -> None:
    ctypes.CDLL(None).prctl(_TAKE_CHILDREN, int(whether), 0, 0, 0)


def _children() -> set[int]:
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has just ended, and its children are another one's
            found.update(map(int, (thread / "children").read_text().split()))
    return found


def _begun(number: int) -> float:
    """When a child of ours began, in ticks since the machine did; never, if it is gone."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # somebody has waited for it
        return math.inf
    return int(fields[19])
