"""How a model is to run, and how it did run."""

from __future__ import annotations

from typing import Literal

from core.models.plan import Arithmetic
from core.values import Value

__all__ = [
    "AS_IT_RUNS",
    "DEFAULT_DEVICE",
    "TRUE_F32",
    "Arithmetic",
    "Executed",
    "InferenceSettings",
    "Int8",
    "PrecisionHint",
]

PrecisionHint = Literal["f32", "default", "bf16", "f16"]
Int8 = Literal["as_executed", "exact", "saturating"]

DEFAULT_DEVICE = "CPU"


class InferenceSettings(Value):
    """How a model is asked to run.

    Attributes:
        device: as OpenVINO names it.
        precision_hint: ``f32`` asks for true float32; ``default`` leaves the choice to OpenVINO,
            which takes bfloat16 where the CPU has it. The others ask for that precision.
        int8: ``exact`` is on the CPU alone: sums of INT8 products as a CPU with VNNI has them and
            the rest in float32, on any CPU. It is slow. ``saturating`` is as on a CPU without
            VNNI: detections are made so, on one that has it in a process of its own (see
            `core.inference.limited`). ``as_executed`` is as it comes.
    """

    device: str = DEFAULT_DEVICE
    precision_hint: PrecisionHint = "default"
    int8: Int8 = "as_executed"


AS_IT_RUNS = InferenceSettings()
TRUE_F32 = InferenceSettings(precision_hint="f32")


class Executed(Value):
    """How a model ran.

    Attributes:
        settings: what was asked for.
        devices: that ran it; of AUTO, what it chose.
        device_name: what the device that ran it calls itself, such as the processor's name.
        precision: of most arithmetic layers (convolutions and matrix products); ``unknown`` where
            the device does not say.
        float_precision: of what is not in INT8; "" where the device does not say.
        layers: how many arithmetic layers ran in which precision.
        threads: that it was computed with; 0 where the device does not say.
        arithmetic: of the sums of INT8 products; None where nothing is quantized, or where it is
            not known, as on another device than the CPU.
        emulated: whether layers ran in bf16 on a CPU without instructions for it; that is slow.
    """

    settings: InferenceSettings
    device_name: str
    precision: str
    float_precision: str
    layers: dict[str, int]
    threads: int
    arithmetic: Arithmetic | None
    devices: tuple[str, ...] = ()
    emulated: bool = False

    @property
    def on_cpu(self) -> bool:
        """Whether the CPU alone ran it, asked for or chosen by AUTO."""
        return (self.devices or (self.settings.device,)) == (DEFAULT_DEVICE,)

    @property
    def as_in_true_f32(self) -> bool:
        """Whether it ran in true f32 on the CPU; what INT8 did to it is not in question.

        With exact sums it did on any CPU, also where they saturate as executed.
        """
        asked = self.settings
        same_sums = asked.int8 != "saturating" or self.arithmetic is None
        return asked.device == DEFAULT_DEVICE and self.float_precision == "f32" and same_sums
