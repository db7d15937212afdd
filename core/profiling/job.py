"""The job that profiles the layers of stored models."""

from __future__ import annotations

from typing import ClassVar

from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.profiling.settings import ProfiledModel, ProfileSettings
from core.values import Value


class ProfileJob(Value, tag="profile"):
    """Profile the layers of stored models, in turns. Leaves ``result.json`` alone."""

    weight: ClassVar[Weight] = "heavy"
    models: tuple[ProfiledModel, ...]
    settings: ProfileSettings

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        from core.profiling.measuring import profile

        return profile(self.models, self.settings, context.step)
