"""The work of a benchmark job: runs in the child process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.benchmark.plan import BenchmarkPlan, BenchmarkResult
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.values import Value, read_json

if TYPE_CHECKING:
    from core.benchmark.measuring import Earlier

IMAGES = 16  # of the dataset, that a run goes through again and again


class BenchmarkJob(Value, tag="benchmark"):
    """Speed of stored models, measured in turns. Leaves ``result.json`` and ``samples.npz``.

    `dataset` has the pictures, where the plan is to measure on pictures. `earlier` is the folder
    of a benchmark of the same plan that was stopped: what it has is not measured again.
    """

    plan: BenchmarkPlan
    dataset: DatasetSource | None = None
    earlier: Path | None = None

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        from core.benchmark.measuring import benchmark
        from core.benchmark.samples import SAMPLES_FILE, save_samples

        images = _images(self, context) if self.plan.input == "dataset" else ()
        earlier = _earlier(self.earlier) if self.earlier is not None else None
        result, samples = benchmark(
            self.plan, context.step, images=images, earlier=earlier, keep=context.keep
        )
        save_samples(context.folder / SAMPLES_FILE, samples)
        return result if result.stopped else _with_layers(result, self.plan, context)


def _with_layers(
    result: BenchmarkResult, plan: BenchmarkPlan, context: JobContext
) -> BenchmarkResult:
    """Where INT8 is no gain, the layers that are to blame, before what to use instead."""
    import msgspec

    from core.benchmark.no_gain_layers import layers_to_blame

    try:
        layers = [one for one in layers_to_blame(plan, result, context.step) if one]
    except JobCancelled:
        context.keep()
        return result
    advice = (*result.advice[:-1], *layers, *result.advice[-1:])
    return msgspec.structs.replace(result, advice=advice)


def _images(request: BenchmarkJob, context: JobContext) -> tuple[Path, ...]:
    """A few, from all over the dataset."""
    if request.dataset is None:
        raise InputError(
            "It is to be measured on pictures, but no dataset is named.",
            "Name one, or measure on random pixels.",
        )
    dataset = context.open_dataset(request.dataset)
    step = max(1, len(dataset.images) // IMAGES)
    return tuple(dataset.path(n) for n in range(0, len(dataset.images), step))[:IMAGES]


def _earlier(folder: Path) -> Earlier:
    from core.benchmark.measuring import Earlier
    from core.benchmark.samples import SAMPLES_FILE, load_samples

    return Earlier(
        read_json(folder / RESULT_FILE, BenchmarkResult), load_samples(folder / SAMPLES_FILE)
    )
