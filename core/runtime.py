"""The one place that makes an OpenVINO core, with the settings that keep our files safe."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov


@cache
def openvino_core() -> ov.Core:
    """The process's OpenVINO core.

    Files are read, not memory-mapped: a mapped file that is replaced kills the process.
    """
    import openvino as ov

    core = ov.Core()
    core.set_property({"ENABLE_MMAP": False})
    return core
