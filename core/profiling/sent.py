"""A profile that is taken on another machine."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from core.jobs.context import JobContext
from core.jobs.job import Weight, read_result
from core.machines.machine import Machine
from core.machines.parcel import Packing
from core.machines.sending import measured_on, sent
from core.profiling.job import ProfileJob
from core.profiling.result import ProfileResult
from core.values import Value


class SentProfileJob(Value, tag="sent_profile"):
    """Sends a profile to a machine, and brings its result, which says where it was taken."""

    weight: ClassVar[Weight] = "light"
    machine: Machine
    job: ProfileJob

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        there = sent(self.machine, self.packed, context)
        result = read_result(context.folder, ProfileResult)
        return replace(result, machine=measured_on(self.machine, there, result.machine))

    def packed(self, packing: Packing) -> ProfileJob:
        models = (replace(one, xml=packing.model(one.xml)) for one in self.job.models)
        return replace(self.job, models=tuple(models))
