"""Checks for the terminal: planned, and read back."""

from __future__ import annotations

from pathlib import Path

from core.check.job import CheckJob
from core.check.limits import KINDS, CheckLimits
from core.check.settings import CheckSettings
from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError
from core.models.plan import Target
from core.models.stored import StoredModel
from core.targets.target import planned_target


def require_limits(limits: CheckLimits) -> None:
    """Raises InputError where nothing is asked for."""
    if not limits.given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in KINDS)
        raise InputError(
            "There is no limit to check.", f"Specify a file with --limits, or some of {flags}."
        )


def check_job(
    parent: StoredModel,
    optimized: StoredModel,
    dataset: Path,
    limits: CheckLimits,
    settings: CheckSettings | None = None,
) -> CheckJob:
    """The job that checks a stored model beside its parent; raises InputError."""
    require_limits(limits)
    require_dataset(dataset)
    return CheckJob(
        parent=parent.xml,
        optimized=optimized.xml,
        dataset=DatasetSource(path=dataset),
        limits=limits,
        settings=settings or CheckSettings(),
    )


def target_for(asked: Target | None, limits: CheckLimits, optimized: StoredModel) -> Target:
    """What is asked for, else that of the limits, else of the model's plan, else this machine."""
    return asked or limits.target or planned_target(optimized)
