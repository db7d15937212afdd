"""Exports of kept reports: planned as jobs, and their files brought to where they are wanted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.reports.export_job import ExportFormat, ExportJob, ExportResult
from core.values import read_json
from core.workspace.store import Workspace

FILE_SUFFIXES: dict[ExportFormat, str] = {"html": ".html", "json": ".json"}
"""Formats that are one file; the others are a folder of files."""

FORMAT_WORDS: dict[ExportFormat, str] = {
    "html": "one HTML page",
    "csv": "CSV tables",
    "json": "JSON",
    "coco": "COCO results",
    "pictures": "annotated images",
}


def plan_export(
    workspace: Workspace,
    request: ExportJob,
    target: Path,
    convert: Callable[[Path], Path] = lambda file: file,
) -> PlannedJob:
    """A report's export to the file or folder `target`.

    `convert` makes another file of the page before it is brought there, such as a PDF.
    """
    require_target(request.format, target)

    def finish(folder: Path) -> None:
        try:
            deliver(folder, target, convert)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return PlannedJob(
        title=f"Export the report to {target.name}",
        job=request,
        destination=workspace.new_folder("export"),
        project_id=None,
        finish=finish,
    )


def require_target(wanted: ExportFormat, target: Path) -> None:
    """Raises InputError where `target` cannot take an export of this format."""
    if wanted in FILE_SUFFIXES:
        if target.is_dir():
            raise InputError(f"{target} is a folder.", "Name a file.")
    elif target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists, and is no empty folder.", "Name a new folder.")


def deliver(
    folder: Path, target: Path, convert: Callable[[Path], Path] = lambda file: file
) -> None:
    """Bring what an export left in `folder` to `target`: whole, or not at all.

    Raises WorkbenchError where that fails.
    """
    files = read_json(folder / RESULT_FILE, ExportResult).files
    sources = [folder / name for name in files]
    one = len(sources) == 1 and sources[0].suffix in FILE_SUFFIXES.values()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if one:
            shutil.copyfile(convert(sources[0]), temporary)
        elif len(sources) == 1:
            shutil.copytree(sources[0], temporary)
        else:
            temporary.mkdir()
            for source in sources:
                shutil.copyfile(source, temporary / source.name)
        if target.is_dir():
            target.rmdir()  # it is empty: a folder cannot be replaced everywhere
        temporary.replace(target)
    except OSError as error:
        raise WorkbenchError(
            f"{target} cannot be written: {error.strerror or error}.",
            "Choose another place, and check its free space and permissions.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        with suppress(OSError):
            temporary.unlink()
