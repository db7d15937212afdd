"""A Dask scheduler with one worker, on a host, for one session: started there, by SSH.

Both are bound to the loopback, and take only who shows the key of this session, which goes to the
other side through the pipe. Dask's web pages, which ask for no key, are left out. All ends with the
input, or after 25 s without a sign.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from core.folders import temporary_folder
from core.processes import end_with_input, own_channel
from core.unfinished import settle
from core.values import Value, to_json

SILENT_SECONDS = 25.0
_THREADS = 3  # one more than the pieces that a worker has at a time
_NO_PAGES = "127.0.0.1:0"  # Dask listens for its web pages all the same, which there are none of
AT_REST: dict[str, object] = {
    "distributed.worker.profile.enabled": False,  # it looks 100 times a second
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
}
"""Settings of Dask's with which a worker that waits takes a sixth of the processor time."""
_DAYS = "3650"  # what ends a session is its end; clocks of two machines differ


class Begun(Value):
    """It runs, and takes who shows this; or `taken`: the port is somebody else's.

    `problem` is why there is none.
    """

    certificate: str = ""
    key: str = ""
    taken: bool = False
    problem: str = ""


def main() -> None:
    """Serve on the port that is the one argument, until nobody needs it."""
    end_with_input(SILENT_SECONDS, _leave)
    channel = own_channel()
    asyncio.run(_serve(channel, int(sys.argv[1])))


def _leave() -> None:
    """End what works for the worker, and remove what it has."""
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended by itself
            one.kill()
    settle()


async def _serve(channel: BinaryIO, port: int) -> None:
    import dask
    from distributed import Scheduler, Worker

    from core.machines.session_keys import session_security

    dask.config.set({"distributed.admin.system-monitor.gil.enabled": False})
    dask.config.set({"distributed.diagnostics.nvml": False})
    logging.getLogger("distributed").setLevel(logging.ERROR)  # it tells of every sign of life
    dask.config.set(AT_REST)
    for role in ("scheduler", "worker"):
        dask.config.set({f"distributed.{role}.http.routes": []})
    with temporary_folder() as folder:
        # the scheduler, too, makes itself a place, and leaves it: by itself in the system's
        dask.config.set({"temporary-directory": str(folder)})
        try:
            keys = _new_keys(folder)
        except (OSError, subprocess.SubprocessError):
            return _say(channel, Begun(problem="it has no program openssl that makes a key"))
        security = session_security(keys.certificate, keys.key)
        here: dict[str, Any] = {"host": "127.0.0.1", "protocol": "tls", "security": security}
        here |= {"dashboard": False, "dashboard_address": _NO_PAGES}
        try:
            async with (
                Scheduler(**here, port=port) as scheduler,
                Worker(scheduler.address, **here, nthreads=_THREADS),
            ):
                _say(channel, keys)
                await asyncio.Event().wait()
        except (OSError, RuntimeError) as error:
            if not _is_taken(error):
                raise
            _say(channel, Begun(taken=True))


def _is_taken(error: BaseException | None) -> bool:
    """Whether the port was somebody else's, which Dask wraps in errors of its own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return True
        error = error.__cause__
    return False


def _new_keys(folder: Path) -> Begun:
    """A key of this session, and a certificate of it that is its own authority."""
    files = [folder / name for name in ("certificate.pem", "key.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", _DAYS, "-subj", "/CN=session"]
    command += ["-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    certificate, key = (one.read_text("ascii") for one in files)
    for one in files:
        one.unlink()
    return Begun(certificate=certificate, key=key)


def _say(channel: BinaryIO, begun: Begun) -> None:
    channel.write(to_json(begun) + b"\n")
    channel.flush()


if __name__ == "__main__":
    main()
