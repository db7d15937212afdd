"""A benchmark that is made on another machine."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import ClassVar

from msgspec.structs import replace

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult
from core.benchmark.samples import SAMPLES_FILE
from core.errors import WorkbenchError
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE, Weight, read_result
from core.machines.machine import Machine
from core.machines.parcel import Packing
from core.machines.sending import measured_on, sent
from core.values import Value, to_json

_EARLIER = "earlier"


class SentBenchmarkJob(Value, tag="sent_benchmark"):
    """Sends a benchmark to a machine, and brings its result, which says where it was measured."""

    weight: ClassVar[Weight] = "light"
    machine: Machine
    job: BenchmarkJob

    def run(self, context: JobContext) -> BenchmarkResult:
        """See `core.jobs.job.Job`."""
        there = sent(
            self.machine, lambda packing: self.packed(packing, context), context, keeps=True
        )
        result = read_result(context.folder, BenchmarkResult)
        if tuple(one.name for one in result.models) != tuple(one.name for one in self.job.models):
            raise WorkbenchError(f"{self.machine.name} measured other models than were sent.", "")
        machine = measured_on(self.machine, there, result.machine)
        return replace(result, models=self.job.models, settings=self.job.settings, machine=machine)

    def packed(self, packing: Packing, context: JobContext) -> BenchmarkJob:
        """The benchmark as it is sent; of an earlier one, what it measured."""
        models = tuple(replace(one, xml=packing.model(one.xml)) for one in self.job.models)
        images = self.job.images(context)
        dataset = packing.images(images) if images else None
        earlier = None if self.job.earlier is None else Path(_EARLIER)
        if self.job.earlier is not None:
            stopped = replace(read_result(self.job.earlier, BenchmarkResult), models=models)
            packing.content(PurePosixPath(_EARLIER, RESULT_FILE), to_json(stopped))
            packing.file(PurePosixPath(_EARLIER, SAMPLES_FILE), self.job.earlier / SAMPLES_FILE)
        return replace(self.job, models=models, dataset=dataset, earlier=earlier)
