"""A screen of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = shutil.which("Xvfb")


@contextmanager
def virtual_screen(size: str = "1920x1200x24") -> Iterator[str]:
    """The DISPLAY of an Xvfb that lives as long as the block."""
    assert PROGRAM is not None
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [PROGRAM, "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            yield f":{said.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)
