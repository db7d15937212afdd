"""The runs of a benchmark while it goes on: what each is, and what has been measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.benchmark.conversation import Ready
from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.benchmark.samples import Samples
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.inference.settings import PrecisionHint


@dataclass(frozen=True, eq=False)
class Earlier:
    """What a benchmark of the same models and settings had measured when it was stopped."""

    result: BenchmarkResult
    samples: Sequence[Samples]


@dataclass(eq=False)
class Run:
    """A model at a precision hint and in a mode; `ready` or `earlier` has what its process said."""

    model: BenchmarkedModel
    hint: PrecisionHint
    mode: RunMode
    samples: Samples = field(default_factory=Samples)
    ready: Ready | None = None
    earlier: BenchmarkRun | None = None
    peak_memory_bytes: int = 0
    complete: bool = False

    @property
    def title(self) -> str:
        """Such as ``parent (f32, throughput)``."""
        return f"{self.model.name} ({self.hint}, {self.mode.label})"

    @property
    def seconds(self) -> float:
        """What its turns took together."""
        batch = self.mode.batch
        return sum(len(turn.latencies_ms) * batch / turn.fps for turn in self.samples.turns)


def runs_of(
    models: Sequence[BenchmarkedModel], settings: BenchmarkSettings, earlier: Earlier | None
) -> list[Run]:
    """Every model at every precision hint in every mode, with what `earlier` has of it."""
    runs = [
        Run(model, hint, mode)
        for mode in settings.modes
        for model in models
        for hint in settings.precision_hints
    ]
    if earlier is None:
        return runs
    known = {
        (one.model, one.precision_hint, one.mode): (one, samples)
        for one, samples in zip(earlier.result.runs, earlier.samples, strict=True)
    }
    for run in runs:
        if found := known.get((run.model.name, run.hint, run.mode)):
            run.earlier, run.samples = found
            run.complete = run.earlier.complete
            run.peak_memory_bytes = run.earlier.peak_memory_bytes
    return runs
