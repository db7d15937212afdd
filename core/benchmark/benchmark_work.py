"""The work of a benchmark job: runs in the child process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.benchmark.plan import BenchmarkPlan, BenchmarkResult
from core.errors import InputError, JobCancelled
from core.jobs.context import JobContext
from core.jobs.dataset_work import dataset_of
from core.jobs.requests import BenchmarkRequest
from core.jobs.results import RESULT_FILE
from core.values import Value, read_json

if TYPE_CHECKING:
    from core.benchmark.measuring import Earlier

IMAGES = 16  # of the dataset, that a run goes through again and again


def measure_speed(request: BenchmarkRequest, context: JobContext) -> Value:
    """Measure; a cancel keeps what is measured."""
    from core.benchmark.measuring import benchmark
    from core.benchmark.samples import SAMPLES_FILE, save_samples

    images = _images(request, context) if request.plan.input == "dataset" else ()
    earlier = _earlier(request.earlier) if request.earlier is not None else None
    result, samples = benchmark(
        request.plan, context.step, images=images, earlier=earlier, keep=context.keep
    )
    save_samples(context.folder / SAMPLES_FILE, samples)
    return result if result.stopped else _with_layers(result, request.plan, context)


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


def _images(request: BenchmarkRequest, context: JobContext) -> tuple[Path, ...]:
    """A few, from all over the dataset."""
    if request.dataset is None:
        raise InputError(
            "It is to be measured on pictures, but no dataset is named.",
            "Name one, or measure on random pixels.",
        )
    dataset = dataset_of(request.dataset, context)
    step = max(1, len(dataset.images) // IMAGES)
    return tuple(dataset.path(n) for n in range(0, len(dataset.images), step))[:IMAGES]


def _earlier(folder: Path) -> Earlier:
    from core.benchmark.measuring import Earlier
    from core.benchmark.samples import SAMPLES_FILE, load_samples

    return Earlier(
        read_json(folder / RESULT_FILE, BenchmarkResult), load_samples(folder / SAMPLES_FILE)
    )
