"""What is benchmarked, and how."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from core.inference.settings import DEFAULT_DEVICE, PrecisionHint
from core.metrics.speed.figures import Positive
from core.values import Value

DEFAULT_SECONDS = 20.0
NARROW = 0.02
MOST_THREADS = 1024
START_SECONDS = 2.0  # until a measuring process has read, compiled and warmed up a usual model

Count = Annotated[int, Meta(ge=1)]
ModeHint = Literal["throughput", "latency", "streams"]
InputKind = Literal["random", "dataset"]
Start = Literal["input", "file", "memory"]


class BenchmarkedModel(Value):
    """A model of a benchmark.

    Attributes:
        name: unique among the models of the benchmark, such as ``parent`` and ``optimized``.
        xml: where it is stored.
    """

    name: str
    xml: Path


class RunMode(Value):
    """How a model is run.

    Attributes:
        hint: what OpenVINO is asked to aim at, ``throughput`` or ``latency``; or ``streams``, where
            their number is given instead.
        streams: inferences that the device computes side by side, with the hint ``streams``.
        batch: images of one inference.
        requests: inferences in flight; None for as many as OpenVINO asks for, with the hint
            ``latency`` for one at a time.
        threads: of the model, instead of the benchmark's.
        pinned: whether threads stay on a core each; None for OpenVINO's own choice.
        start: what a run begins with: the network's ``input``, and then it ends with the network's
            outputs; or an encoded image, in a ``file`` or in ``memory``, and then it ends with
            boxes.
    """

    hint: ModeHint = "throughput"
    streams: Count | None = None
    batch: Count = 1
    requests: Count | None = None
    start: Start = "input"
    threads: Count | None = None
    pinned: bool | None = None

    @property
    def to_boxes(self) -> bool:
        """Whether it goes from the encoded image to boxes, and not through the network alone."""
        return self.start != "input"

    @property
    def label(self) -> str:
        """Such as ``throughput``, ``2 streams x batch 4`` or ``latency, file to boxes``."""
        if self.hint == "streams":
            text = f"{self.streams} stream{'' if self.streams == 1 else 's'} x batch {self.batch}"
        else:
            text = self.hint if self.batch == 1 else f"{self.hint}, batch {self.batch}"
        if self.requests is not None:
            text = f"{text}, {self.requests} in flight"
        if self.threads is not None:
            text = f"{text}, {self.threads} thread{'' if self.threads == 1 else 's'}"
        if self.pinned is not None:
            text = f"{text}, {'pinned' if self.pinned else 'not pinned'}"
        return f"{text}, {self.start} to boxes" if self.to_boxes else text


THROUGHPUT, LATENCY = RunMode(hint="throughput"), RunMode(hint="latency")
HINTED = (THROUGHPUT, LATENCY)


def hinted(
    hints: Sequence[ModeHint], batches: Sequence[int], requests: int | None = None
) -> tuple[RunMode, ...]:
    """A mode for every hint to OpenVINO and every batch."""
    return tuple(
        RunMode(hint=hint, batch=batch, requests=requests)
        for hint, batch in product(hints, batches)
    )


def grid(
    streams: Sequence[int], batches: Sequence[int], requests: int | None = None
) -> tuple[RunMode, ...]:
    """A mode for every number of streams and every batch."""
    return tuple(
        RunMode(hint="streams", streams=number, batch=batch, requests=requests)
        for number, batch in product(streams, batches)
    )


def and_to_boxes(modes: Sequence[RunMode], start: Start) -> tuple[RunMode, ...]:
    """These modes, and those of one image at a time from `start` to boxes as well."""
    if start == "input":
        return tuple(modes)
    return (*modes, *(replace(mode, start=start) for mode in modes if mode.batch == 1))


class BenchmarkSettings(Value):
    """How models are benchmarked, and for how long.

    Attributes:
        precision_hints: each model is measured with each of them,
        modes: and in each of these.
        seconds: for all the measuring together, at most; warm-up left out.
        iterations: inferences of each run, instead of `seconds`.
        narrow: measuring ends before that where every ratio's interval is narrower than this share
            of the ratio; 0 for never.
        device: as OpenVINO names it.
        threads: of one model; None for as many as OpenVINO takes.
        input: ``random`` pixels, or images of a ``dataset``, one after the other.
        seed: decides the order within each round, and the random input.
    """

    precision_hints: tuple[PrecisionHint, ...] = ("f32", "default")
    modes: tuple[RunMode, ...] = HINTED
    seconds: Positive = DEFAULT_SECONDS
    iterations: Count | None = None
    narrow: float = NARROW
    device: str = DEFAULT_DEVICE
    threads: Annotated[int, Meta(ge=1, le=MOST_THREADS)] | None = None
    input: InputKind = "random"
    seed: int = 0

    def runs_of(self, models: int) -> int:
        """How many runs that makes of so many models."""
        return models * len(self.precision_hints) * len(self.modes)

    def estimated_seconds(self, models: int) -> float:
        """How long so many models take at most, starting the processes included."""
        return self.runs_of(models) * START_SECONDS + self.seconds
