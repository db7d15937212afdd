"""What a benchmark and its measuring processes say to each other: a JSON line each."""

from __future__ import annotations

from pathlib import Path

from core.benchmark.parts import Parts
from core.benchmark.settings import BenchmarkSettings, RunMode
from core.inference.settings import Arithmetic, PrecisionHint
from core.values import Value


class Prepare(Value, tag="prepare"):
    """Read, compile and warm up a model.

    Attributes:
        xml: where it is stored.
        precision_hint, mode: how it is compiled and run.
        settings: of the benchmark.
        images: to run it on, in turn; without any, random pixels.
        warm_up_seconds: before the first turn.
    """

    xml: Path
    precision_hint: PrecisionHint
    mode: RunMode
    settings: BenchmarkSettings
    images: tuple[Path, ...]
    warm_up_seconds: float


class TakeTurn(Value, tag="turn"):
    """Measure for so many seconds, or so many inferences."""

    seconds: float
    iterations: int | None = None


class Ready(Value, tag="ready"):
    """The model stands; fields as those of `BenchmarkRun`."""

    precision_executed: str
    precision_layers: dict[str, int]
    streams: int
    threads: int
    requests: int
    devices: tuple[str, ...]
    arithmetic: Arithmetic | None
    read_ms: float
    compile_ms: float
    first_inference_ms: float


class Refused(Value, tag="refused"):
    """The model cannot be run so: why, and what to do next where that is known."""

    why: str
    next_step: str = ""


class Measured(Value, tag="measured"):
    """A turn: images per second, milliseconds of each inference, memory at its highest.

    `parts_ms` are of an image, where it goes to boxes.
    """

    fps: float
    latencies_ms: tuple[float, ...]
    peak_memory_bytes: int
    parts_ms: Parts | None = None


Command = Prepare | TakeTurn
Answer = Ready | Refused | Measured
