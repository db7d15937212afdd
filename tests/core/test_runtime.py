"""OpenVINO's core, as every process of ours makes it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.checkout import environment

THREADS = """
import os, sys, threading
from core.runtime import openvino_core

sys.setswitchinterval(1e-6)
together = threading.Barrier(4)

def work():
    together.wait()
    openvino_core()
    import openvino as ov
    ov.Type.f32.to_dtype()  # what every inference with arrays does

threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
os._exit(any(thread.is_alive() for thread in threads))
"""


@pytest.mark.parametrize("attempt", range(5))
def test_threads_that_infer_first_do_not_wait_for_each_other(attempt: int) -> None:
    """By itself, OpenVINO hangs more often than not."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", THREADS], env=environment(), check=False, timeout=100
    )
    assert done.returncode == 0
