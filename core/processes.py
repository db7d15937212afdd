"""How the program starts processes of its own, and how they end with it, whatever ends it."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

import core
from core.identity import is_alive, ours
from core.loading import nothing_thrown_away
from core.sizes import UNITS, prefer, preferred

HELPERS = {
    "job": "core.capabilities",
    "worker": "core.benchmark.worker",
    "devices": "core.inference.processor",
    "detector": "core.predict.machine_process",
    "statistics": "core.optimize.machine_process",
    "candidates": "core.search.machine_process",
    "self_test": "core.deployment.self_testing_process",
    "limited": "core.inference.limited_process",
    "pdf": "app.reports.pdf.process",
    "updates": "core.updates",
}
"""The processes that the program starts: the module whose ``main()`` each runs."""

HELPER_FLAG = "--helper"
"""In a bundle there is no ``python -m``: the program is its own helper."""

_PARENT = "DETECTION_WORKBENCH_PARENT"
_UNITS = "DETECTION_WORKBENCH_UNITS"
_THREADS = "OPENBLAS_NUM_THREADS"
_ONE_THREAD = "DETECTION_WORKBENCH_ONE_THREAD"  # we chose them, not the user
_LOOK_SECONDS = 0.5
_LEAVE_SECONDS = 4.0  # what is silent ends within 30 s of the last sign, whatever it has to remove


def command(helper: str, *arguments: str) -> list[str]:
    """What to start so that this helper runs; its environment must be `environment()`."""
    assert helper in HELPERS
    if getattr(sys, "frozen", False):
        return [_terminal_program(), HELPER_FLAG, helper, *arguments]
    return [sys.executable, "-P", "-m", "core.processes", helper, *arguments]


def _terminal_program() -> str:
    """The bundle's program with standard streams: on Windows, the window's own has none."""
    program = Path(sys.executable)
    return str(program.with_name(program.name.replace("-window", "")))


def run_helper(arguments: Sequence[str]) -> None:
    """Be the helper that is named first; `main` finds the other arguments in ``sys.argv``."""
    if sys.stderr is not None:
        faulthandler.enable()  # not by a variable: the Python in a bundle reads none
    _end_with_parent()  # before anything heavy is imported
    for units in UNITS:
        if os.environ.get(_UNITS) == units:
            prefer(units)
    multiply_in_one_thread()
    helper, *rest = arguments
    sys.argv = [sys.argv[0], *rest]
    with nothing_thrown_away():
        module = import_module(HELPERS[helper])
    module.main()


def environment() -> dict[str, str]:
    """Ours, with the program importable, who started it, and the unit of sizes in words."""
    root = str(Path(core.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    ours_alone = {_THREADS, _ONE_THREAD} if _ONE_THREAD in os.environ else set()
    return {
        **{name: value for name, value in os.environ.items() if name not in ours_alone},
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "PYINSTALLER_RESET_ENVIRONMENT": "1",  # a bundle's helper finds its libraries by itself
        _PARENT: ours(),
        _UNITS: preferred(),
    }


def multiply_in_one_thread() -> None:
    """Before NumPy is imported: our matrices are small, more threads would only wait.

    They wait by turning, which tripled what a report's intervals cost, and doubled what rounding
    weights does. What the user set counts; processes that this one starts choose for themselves.
    """
    if _THREADS not in os.environ:
        os.environ[_THREADS] = os.environ[_ONE_THREAD] = "1"


def own_channel() -> BinaryIO:
    """The real standard output, for messages alone; prints go to standard error from now on."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return channel


def _end_with_parent() -> None:
    """End this process within a second of the one that started it, which may have been killed.

    The end of standard input would not do: a helper that measures does not read, and one that
    was given none cannot.
    """
    parent = os.environ.get(_PARENT, "")
    if parent:
        threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: str) -> None:
    number = int(parent.partition(".")[0])
    while True:
        gone = not is_alive(parent) if sys.platform == "win32" else os.getppid() != number
        if gone:
            os._exit(1)
        sleep(_LOOK_SECONDS)


def end_with_input(silent_seconds: float = inf, leave: Callable[[], None] = lambda: None) -> None:
    """End this process at the end of its standard input, or when that is silent for so long.

    Nothing else may read it. So a process ends whose parent is on another machine. `leave` is
    called before, once; it ends also where that fails, or takes longer than `_LEAVE_SECONDS`.
    """
    heard = monotonic()
    leaving = threading.Lock()

    def end() -> None:
        try:
            late = threading.Timer(_LEAVE_SECONDS, os._exit, (1,))
            late.daemon = True
            late.start()
            leaving.acquire()
            leave()
        finally:
            os._exit(1)

    def listen() -> None:
        nonlocal heard
        try:
            while os.read(0, 4096):
                heard = monotonic()
        finally:
            end()

    def look() -> None:
        while monotonic() - heard < silent_seconds:
            sleep(_LOOK_SECONDS)
        end()

    for each in (listen, look):
        threading.Thread(target=each, name="input", daemon=True).start()


@cache
def end_helpers_with_us() -> None:
    """Let every process that this one starts end with it; the first thing that a face does.

    On Linux and macOS the helpers see to it themselves; Windows does so itself, for all
    processes of a job object, as soon as its last handle is closed.
    """
    if sys.platform == "win32":
        _make_job_object()


if sys.platform == "win32":

    def _make_job_object() -> None:
        """Put this process into a job object that ends all of its processes when we end."""
        import ctypes
        from ctypes import wintypes

        class Limits(ctypes.Structure):
            _fields_ = (
                ("per_process_time", ctypes.c_int64),
                ("per_job_time", ctypes.c_int64),
                ("flags", wintypes.DWORD),
                ("smallest_working_set", ctypes.c_size_t),
                ("largest_working_set", ctypes.c_size_t),
                ("processes", wintypes.DWORD),
                ("affinity", ctypes.c_size_t),
                ("priority", wintypes.DWORD),
                ("scheduling", wintypes.DWORD),
                ("counters", ctypes.c_uint64 * 6),
                ("process_memory", ctypes.c_size_t),
                ("job_memory", ctypes.c_size_t),
                ("peak_process_memory", ctypes.c_size_t),
                ("peak_job_memory", ctypes.c_size_t),
            )

        kill_on_close, extended = 0x2000, 9
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        job = kernel.CreateJobObjectW(None, None)  # its handle is never closed: we keep it
        limits = Limits(flags=kill_on_close)
        kernel.SetInformationJobObject(
            wintypes.HANDLE(job), extended, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        kernel.AssignProcessToJobObject(
            wintypes.HANDLE(job), wintypes.HANDLE(kernel.GetCurrentProcess())
        )


if __name__ == "__main__":
    run_helper(sys.argv[1:])
