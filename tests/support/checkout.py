"""Where the checkout is, and processes that import from it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def environment(*first: Path, **variables: str) -> dict[str, str]:
    """Ours, with these folders and the checkout on Python's path."""
    before = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    path = os.pathsep.join([*map(str, first), str(ROOT), *before])
    return {**os.environ, "PYTHONPATH": path, **variables}


def run_python(program: str, *arguments: object, **variables: str) -> str:
    """What a Python program prints; fails where the program does."""
    made = subprocess.run(
        [sys.executable, "-P", "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment(**variables),
    )
    return made.stdout


@contextmanager
def running_python(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A Python program beside us that has printed ``ready``; killed at the end, if it is not over.

    It may wait for its end by reading standard input, which ends with `communicate`.
    """
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
