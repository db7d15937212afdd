"""How the program starts processes of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

import core

_FLAGS = {
    "core.capabilities": "--job",
    "core.benchmark.lane": "--lane",
    "core.benchmark.machine": "--devices",
}
"""In a bundle there is no ``python -m``: the program is its own helper (`app.__main__`)."""


def command(module: str, *arguments: str) -> list[str]:
    """What to start so that `module` runs."""
    if getattr(sys, "frozen", False):
        return [sys.executable, _FLAGS[module], *arguments]
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """Ours, with the engine importable, and a trace in the log where the process crashes."""
    root = str(Path(core.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",
    }


def own_channel() -> BinaryIO:
    """The real standard output, for messages alone; prints go to standard error from now on."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return channel
