"""The one place that makes an OpenVINO core, with the settings that keep our files safe."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov

LIMIT = "ONEDNN_MAX_CPU_ISA"  # oneDNN's variable: at most these instructions, as on an older CPU
_WITHOUT_BF16 = frozenset(
    ("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"),
)


_MAKING = Lock()


def openvino_core() -> ov.Core:
    """The process's OpenVINO core.

    Files are read, not memory-mapped: a mapped file that is replaced kills the process. Where the
    instructions are limited to a CPU without bfloat16, the default precision is f32, as it is on
    such a CPU: OpenVINO chooses by what the CPU has, and would then find no kernels.
    """
    with _MAKING:
        return _core()


@cache
def _core() -> ov.Core:
    import openvino as ov

    # Tables of types are made at the first call, and two threads in that wait for ever.
    ov.Type(ov.Type.f32.to_dtype())
    core = ov.Core()
    core.set_property({"ENABLE_MMAP": False})
    if os.environ.get(LIMIT, "").upper() in _WITHOUT_BF16:
        core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return core
