"""What Dask loads into a scheduler or worker of a `Cluster`: it ends with who started it.

Who was killed cannot end it.
"""

from __future__ import annotations

import os
import threading
from time import sleep

from core.identity import is_alive

WHO = "DETECTION_WORKBENCH_CLUSTER_OF"
_LOOK_SECONDS = 0.5


def dask_setup(server: object) -> None:
    """Called by Dask, in the process of the scheduler or worker."""
    threading.Thread(target=_watch, args=(os.environ[WHO],), name="owner", daemon=True).start()


def _watch(owner: str) -> None:
    while is_alive(owner):
        sleep(_LOOK_SECONDS)
    os._exit(1)
