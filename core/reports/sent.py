"""A report whose models run on another machine, which judges them, too."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE, Weight
from core.machines.dataset_parcel import pack_dataset
from core.machines.machine import Machine
from core.machines.parcel import Packing
from core.machines.run_on import host_for
from core.machines.sending import host_title, sent
from core.reports.annotations.kind import AnnotationsJob
from core.reports.kind import ReportJob
from core.reports.kinds import KINDS, kind_of_job
from core.reports.operating.kind import OperatingPointJob
from core.reports.predictions.kind import PredictionsJob
from core.values import Value, read_json

MOST_BYTES = 16 * 2**30  # of what a report leaves: detections in every image
_MAPPINGS = "mappings"


class SentReportJob(Value, tag="sent_report"):
    """Sends models and images to a machine, and brings the report that is made there.

    Its figures are those of the models as they run on that machine.
    """

    weight: ClassVar[Weight] = "light"
    machine: Machine
    job: PredictionsJob | AnnotationsJob | OperatingPointJob

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        dataset = context.open_dataset(self.job.dataset)

        def packed(packing: Packing) -> ReportJob:
            mappings = self.job.mappings
            kept = mappings is not None and mappings.is_dir()
            return replace(
                self.job,
                parent=packing.model(self.job.parent),
                optimized=packing.model(self.job.optimized),
                dataset=pack_dataset(packing, dataset),
                cache=None,
                mappings=packing.folder(mappings, _MAPPINGS) if mappings and kept else None,
                machine=None,
            )

        there = sent(self.machine, packed, context, MOST_BYTES)
        result = read_json(context.folder / RESULT_FILE, kind_of_job(self.job).result)
        machine = host_title(self.machine, there)
        return replace(result, dataset_root=dataset.root, machine=machine)


def report_on(job: ReportJob, machine: str | None) -> ReportJob | SentReportJob:
    """The same job, sent to the host of this name, if one is named.

    Raises InputError as `host_for` does, and where that kind of report is made here only.
    """
    host = host_for(machine)
    if host is None:
        return job
    if not isinstance(job, PredictionsJob | AnnotationsJob | OperatingPointJob):
        able = [kind.id for kind in KINDS if "run_on" in kind.options]
        raise InputError(
            "A report of this kind is made on this machine only.",
            f"Leave --run-on out, or use the kind {' or '.join(able)}.",
        )
    return SentReportJob(machine=host, job=job)
