"""The job that benchmarks stored models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled
from core.jobs.context import JobContext
from core.jobs.job import Weight, read_result
from core.values import Value

if TYPE_CHECKING:
    from core.inference.machine import Machine

IMAGES = 16  # of the dataset, that a run goes through again and again


class BenchmarkJob(Value, tag="benchmark"):
    """Speed of stored models, measured in turns. Leaves ``result.json`` and ``samples.npz``.

    `dataset` has the images, where the settings say to run on images. `earlier` is the folder of a
    benchmark of the same models and settings that was stopped: what it has is not measured again.
    """

    weight: ClassVar[Weight] = "heavy"
    models: tuple[BenchmarkedModel, ...]
    settings: BenchmarkSettings
    dataset: DatasetSource | None = None
    earlier: Path | None = None

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        from core.benchmark.measuring import benchmark
        from core.benchmark.no_gain import with_bottlenecks
        from core.benchmark.result import BenchmarkResult
        from core.benchmark.runs import Earlier
        from core.benchmark.samples import SAMPLES_FILE, load_samples, save_samples
        from core.inference.machine import this_machine

        earlier = None
        if self.earlier is not None:
            stopped = read_result(self.earlier, BenchmarkResult)
            _require_same(stopped.machine, this_machine(self.settings.device))
            runs = len(stopped.runs)
            earlier = Earlier(stopped, load_samples(self.earlier / SAMPLES_FILE, runs))
        result, samples = benchmark(
            self.models,
            self.settings,
            context.step,
            images=self.images(context),
            earlier=earlier,
            keep=context.keep,
        )
        save_samples(context.folder / SAMPLES_FILE, samples)
        if result.stopped:
            return result
        try:
            return with_bottlenecks(result, context.step)
        except JobCancelled:
            context.keep()
            return result

    def images(self, context: JobContext) -> tuple[Path, ...]:
        """A few, from all over the dataset."""
        if self.settings.input == "random":
            return ()
        if self.dataset is None:
            raise InputError(
                "No dataset is given to take images from.", "Name one, or run on random pixels."
            )
        dataset = context.open_dataset(self.dataset)
        step = max(1, len(dataset.images) // IMAGES)
        return tuple(dataset.path(n) for n in range(0, len(dataset.images), step))[:IMAGES]


def _require_same(before: Machine, now: Machine) -> None:
    """Raises InputError where what was measured before was so on a machine of another kind."""
    if (before.device_name, before.logical_cores) != (now.device_name, now.logical_cores):
        raise InputError(
            f"The benchmark was begun on {before.device_name} with {before.logical_cores} logical "
            f"cores, and this is {now.device_name} with {now.logical_cores}: figures of different "
            "machines are not put together.",
            "Run it again instead.",
        )
