"""Files that leave the workspace, or never were in one: where they may go, and how."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, WorkbenchError
from core.files import is_special
from core.folders import bring
from core.jobs.planned import PlannedJob


@dataclass(frozen=True, kw_only=True)
class PlannedHandover(PlannedJob):
    """Something that leaves the workspace for `output`."""

    output: Path


def require_new(output: Path) -> None:
    """Raises InputError where `output` exists, or lies in what is not a folder."""
    if output.exists():
        raise InputError(f"{output} already exists.", "Choose another name.")
    require_folder(output.parent)


def require_folder(output: Path) -> None:
    """Raises InputError where `output` cannot be a folder."""
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} exists and is not a folder.", "Specify a folder.")


def require_empty(output: Path) -> None:
    """Raises InputError where `output` cannot be a folder of its own."""
    require_folder(output)
    if output.is_dir() and any(output.iterdir()):
        raise InputError(f"{output} already exists and is not empty.", "Specify a new folder.")


def require_file(output: Path) -> None:
    """Raises InputError where `output` cannot be a file."""
    if output.is_dir():
        raise InputError(f"{output} is a folder.", "Specify a file.")
    if is_special(output):
        raise InputError(f"{output} is not a regular file.", "Specify another file.")


def deliver(folder: Path, name: str, output: Path) -> None:
    """What the job made, to where the user wants it; the job's folder goes away."""
    try:
        bring(folder / name, output)
    except OSError as error:
        raise WorkbenchError(
            f"{output} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
