"""``python -m tests.hostile.server``: the program, ready in a process that is copied for each case.

Starting Python and importing the program takes a second; a copy (``fork``) of a process that has
done so takes none. What runs in the copy is the terminal's own ``main``, or a job's own process,
with the arguments, environment and standard streams that the real ones are given; ``"real"`` in a
request starts the real ones. A request is a line of JSON, and so is the answer to it (see `Ran`).
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import BufferedReader, FileIO
from time import monotonic, sleep
from typing import Any

import psutil

ADDRESS_SPACE = 8 * 2**30  # bytes, so that a fault does not take the machine down
LINGER_SECONDS = 2.0  # for processes to end after the command, on a busy machine as well
_BECOME_PARENT = 36  # of prctl: processes that lose their parent become ours
_LOOK_SECONDS = 0.004


class Forked:
    """What `core.jobs.ahead` uses of `subprocess.Popen`, but for a copy of this process."""

    def __init__(
        self, command: Sequence[str], *, stderr: Any, env: dict[str, str], **_: Any
    ) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        error = os.open(os.devnull, os.O_WRONLY) if isinstance(stderr, int) else stderr.fileno()
        self._status: int | None = None
        self.pid = os.fork()
        if not self.pid:
            _be(lambda: _helper(command, env), theirs_in, theirs_out, error)
        os.close(theirs_in)
        os.close(theirs_out)
        if isinstance(stderr, int):
            os.close(error)
        self.stdin = os.fdopen(ours_in, "wb", buffering=0)
        self.stdout: BufferedReader = BufferedReader(FileIO(ours_out, "rb"))

    def poll(self) -> int | None:
        if self._status is None:
            with suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and monotonic() > deadline:
                raise subprocess.TimeoutExpired("job", timeout or 0)
            sleep(_LOOK_SECONDS)
        return status


class _Subprocess:
    """Stands in for the module in `core.jobs.ahead`."""

    Popen = Forked
    PIPE = subprocess.PIPE
    DEVNULL = subprocess.DEVNULL
    TimeoutExpired = subprocess.TimeoutExpired


def _helper(command: Sequence[str], env: dict[str, str]) -> int:
    from core.processes import run_helper

    _as_if_new()
    os.environ.clear()
    os.environ.update(env)
    run_helper(command[command.index("core.processes") + 1 :])
    return 0


def _as_if_new() -> None:
    """Forget what a process that was started, not copied, would not know: who held which lock.

    filelock keeps a copied process from a lock's database that its parent had open, since SQLite's
    connections do not outlive a fork; this copy has closed them.
    """
    import filelock._read_write as locks

    vars(locks)["_FORKED_DATABASES"] = locks._ForkedDatabaseRegistry()  # noqa: SLF001


def _be(run: Any, stdin: int, stdout: int, stderr: int) -> None:
    """Run in this copy, with these standard streams, and end."""
    status = 70
    try:
        os.setsid()
        for number, descriptor in enumerate((stdin, stdout, stderr)):
            os.dup2(descriptor, number)
        os.closerange(3, 200)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # it is open for good
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115  # it is open for good
        sys.stderr = open(  # noqa: SIM115
            2, "w", closefd=False, encoding="utf-8", errors="backslashreplace", buffering=1
        )
        tempfile.tempdir = None
        try:
            status = run()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 1
    finally:
        os._exit(status)


def _command(request: dict[str, Any]) -> int:
    """Be the program: the terminal, or another module with a `main`."""
    if request["user"]:
        number, group = request["user"]
        os.setgroups([])
        os.setgid(group)
        os.setuid(number)
    module, arguments = request["module"], request["arguments"]
    os.chdir(request["cwd"])
    os.environ.update(request["variables"])
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    if request["real"]:
        command = [sys.executable, "-P", "-m", module, *map(os.fsencode, arguments)]
        os.execv(sys.executable, command)
    sys.argv = [module, *arguments]
    name = "core.cli.main" if module == "core.cli" else module
    return int(import_module(name).main())


def _run(request: dict[str, Any]) -> dict[str, Any]:
    started = monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    streams = [
        os.open(os.devnull, os.O_RDONLY),
        os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        os.open(request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ]
    if request["user"]:
        for descriptor in streams[1:]:
            os.fchown(descriptor, *request["user"])
    pid = os.fork()
    if not pid:
        _be(lambda: _command(request), *streams)
    for descriptor in streams:
        os.close(descriptor)
    hung = False
    peak = 0
    while True:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            peak = used.ru_maxrss * 1024
            break
        if monotonic() - started > request["seconds"]:
            hung = True
            _end_all()
        sleep(_LOOK_SECONDS)
    left = _lingering()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": monotonic() - started,
        "cpu_seconds": spent,
        "memory_bytes": peak,
        "hung": hung,
        "left": left,
    }


def _lingering() -> list[str]:
    """What still runs some time after the command ended; it is ended then."""
    deadline = monotonic() + LINGER_SECONDS
    while True:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        children = psutil.Process().children(recursive=True)
        if not children or monotonic() > deadline:
            break
        sleep(_LOOK_SECONDS)
    said = []
    for process in children:
        with suppress(psutil.Error):
            said.append(" ".join(process.cmdline()[-3:]))
    _end_all()
    return said


def _end_all() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)


def main() -> None:
    """Import the program, and answer until standard input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    ctypes.CDLL(None).prctl(_BECOME_PARENT, 1, 0, 0, 0)
    for module in sys.argv[1:]:
        import_module(module)
    process: Any = import_module("core.jobs.ahead")
    process.subprocess = _Subprocess
    for line in requests:
        answers.write(json.dumps(_run(json.loads(line))).encode() + b"\n")


if __name__ == "__main__":
    main()
