"""How models ran, without running one."""

from __future__ import annotations

from core.inference.settings import AS_IT_RUNS, TRUE_F32, Executed

IN_F32 = Executed(
    settings=TRUE_F32,
    device_name="Processor",
    precision="f32",
    float_precision="f32",
    layers={"f32": 60},
    threads=2,
    arithmetic=None,
)
IN_INT8 = Executed(
    settings=AS_IT_RUNS,
    device_name="Processor",
    precision="int8",
    float_precision="bf16",
    layers={"int8": 58, "bf16": 2},
    threads=2,
    arithmetic="exact",
)
