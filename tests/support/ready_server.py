"""``python -m tests.support.ready_server``: the program, imported in a process that is copied.

Starting Python and importing what a job needs takes half a second of a processor, and over a second
with NNCF; a copy (``fork``) of a process that has done so takes none. What runs in the copy is
the helper's own ``main``, with the arguments, environment, limits and standard streams that the
real one is given, as the child of whoever asked. A request is a message of JSON with the streams
beside it; the answer is the number of the copy.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import resource
import socket
import sys
from importlib import import_module
from pathlib import Path
from time import sleep
from typing import Any

MOST_BYTES = 2**17  # of a request: an environment
_HELPERS = ("core.benchmark.worker", "core.predict.machine_process")
_LIBRARIES = ("openvino", "core.images.opencv")
# Measuring goes on for as many rounds as a user's, but shorter ones: what is measured is no part
# of these tests. Where it is kept by several modules it is set in each.
_SHORT_SECONDS = (
    ("core.benchmark.pace", "SHORTEST_TURN_SECONDS", 0.01),
    ("core.benchmark.recommending", "SECONDS", 1.0),
    ("core.benchmark.to_boxes", "LEAD_IN_SECONDS", 0.005),
    ("core.benchmark.worker", "LEAD_IN_SECONDS", 0.005),
    ("core.search.speeds", "FINAL_SECONDS", 1.0),
    ("core.search.speeds", "TRIAL_SECONDS", 0.2),
    ("core.search.speeds", "SIZE_SECONDS", 0.1),
    ("core.search.speeds", "LOOK_SECONDS", 0.05),
)
_IS = b"."  # said by a copy
_LOOK_SECONDS = 0.001
_PATIENT_LOOKS = 10_000


def main() -> None:
    """Import the program, and make copies until whoever asks is gone."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    _import()
    gc.freeze()  # the copies share what is there
    asked.send(b"ready")
    _serve(asked)


def _import() -> None:
    from core import capabilities
    from core.optimize.importing_nncf import import_nncf

    for module in (*_LIBRARIES, *_HELPERS):
        import_module(module)
    capabilities.jobs()
    import_nncf()
    for module, name, seconds in _SHORT_SECONDS:
        assert getattr(import_module(module), name) > seconds
        setattr(import_module(module), name, seconds)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a copy has one thread only"


def _serve(asked: socket.socket) -> None:
    while True:
        message, streams, _, _ = socket.recv_fds(asked, MOST_BYTES, 3)
        if not message:
            os._exit(0)
        number = _copy(json.loads(message), streams)
        for one in streams:
            os.close(one)
        asked.send(str(number).encode())


def _copy(request: dict[str, Any], streams: list[int]) -> int:
    """The number of a copy whose parent is the one that asks.

    Linux gives a process whose parent has ended to the nearest one above that takes such.
    """
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        number = os.fork()
        if not number:
            _be(request, streams, writing)
        os.write(writing, str(number).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(between, 0)
    number = int(os.read(reading, 32).rstrip(_IS))
    os.read(reading, 1)  # once it is what it shall be, or gone
    os.close(reading)
    return number


def _be(request: dict[str, Any], streams: list[int], telling: int) -> None:
    """Be the helper in this copy, and end."""
    from core.processes import run_helper

    status = 1
    try:
        if request["session"]:
            os.setsid()
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        os.closerange(len(streams), telling)
        os.closerange(telling + 1, 256)
        _as_if_new(request)
        if request["arguments"][0] == "job":
            _let_helpers_be_copies(telling)
        _call_ourselves([sys.executable, "-P", "-m", "core.processes", *request["arguments"]])
        os.write(telling, _IS)
        os.close(telling)
        run_helper(request["arguments"])
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def _let_helpers_be_copies(telling: int) -> None:
    """What a job starts, as a benchmark does, is a copy of the same state; a job has threads."""
    from tests.support import ready

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if not os.fork():
        ours.close()
        os.close(telling)
        for stream in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        _serve(theirs)
    theirs.close()
    ready.stand_in(ready.Ready(ours))


def _as_if_new(request: dict[str, Any]) -> None:
    import numpy as np

    for _ in range(_PATIENT_LOOKS):
        if os.getppid() == request["parent"]:
            break
        sleep(_LOOK_SECONDS)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    for limit, values in request["limits"]:
        resource.setrlimit(limit, values)
    random.seed()
    np.random.seed(int.from_bytes(os.urandom(4), "little"))


def _call_ourselves(arguments: list[str]) -> None:
    """Let lists of processes show these arguments, as far as there is room for them."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    begin, end = int(fields[45]), int(fields[46])
    shown = b"\0".join(map(os.fsencode, arguments)) + b"\0"
    ctypes.memmove(begin, shown[: end - begin - 1].ljust(end - begin, b"\0"), end - begin)


if __name__ == "__main__":
    main()
