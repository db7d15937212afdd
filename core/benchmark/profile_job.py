"""The job of profiling: the layers of stored models, each timed."""

from __future__ import annotations

from core.benchmark.profile import ProfilePlan
from core.jobs.context import JobContext
from core.values import Value


class ProfileJob(Value, tag="profile"):
    """The layers of stored models, each timed, in turns. Leaves ``result.json`` alone."""

    plan: ProfilePlan

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        from core.benchmark.profiling import profile

        return profile(self.plan, context.step)
