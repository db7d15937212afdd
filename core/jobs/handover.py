"""Jobs whose files leave the workspace."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, WorkbenchError
from core.jobs.planned import PlannedJob


@dataclass(frozen=True, kw_only=True)
class PlannedHandover(PlannedJob):
    """Something that leaves the workspace for `output`."""

    output: Path


def require_new(output: Path) -> None:
    """Raises InputError where `output` exists, or cannot be made."""
    if output.exists():
        raise InputError(f"{output} exists already.", "Choose another name.")
    if not output.parent.is_dir():
        raise InputError(f"There is no folder {output.parent}.", "Choose another place.")


def deliver(folder: Path, name: str, output: Path) -> None:
    """What the job made, to where the user wants it; the job's folder goes away."""
    try:
        shutil.move(folder / name, output)
    except OSError as error:
        raise WorkbenchError(
            f"{output} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
