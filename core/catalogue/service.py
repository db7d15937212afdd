"""Downloads of the catalogue's models as jobs of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.catalogue.entries import CatalogueEntry
from core.catalogue.job import TIMEOUT_SECONDS, DownloadJob
from core.jobs.planned import PlannedJob
from core.workspace.store import Workspace


@dataclass(frozen=True, kw_only=True)
class PlannedDownload(PlannedJob):
    """A download that can be run; it belongs to no project.

    Attributes:
        entry: what is downloaded.
        model: the file to import once the job has succeeded.
    """

    entry: CatalogueEntry
    model: Path


def plan_download(
    workspace: Workspace, entry: CatalogueEntry, timeout_seconds: float = TIMEOUT_SECONDS
) -> PlannedDownload:
    """A job that downloads `entry` into the workspace. Nothing is contacted before it runs.

    A download that was cancelled or broke off is resumed.
    """
    folder = _folder(workspace, entry)
    return PlannedDownload(
        title=f"Download {entry.name}",
        job=DownloadJob(
            entry=entry,
            parts=workspace.root / "partial-downloads" / entry.name,
            timeout_seconds=timeout_seconds,
        ),
        destination=folder,
        project_id=None,
        finish=lambda published: None,
        referred_to=False,
        entry=entry,
        model=folder / entry.model_file,
    )


def downloaded_model(workspace: Workspace, entry: CatalogueEntry) -> Path | None:
    """The file to import, where the entry was downloaded into this workspace before."""
    model = _folder(workspace, entry) / entry.model_file
    there = all(model.with_suffix(file.model_suffix).is_file() for file in entry.files)
    return model if there else None


def _folder(workspace: Workspace, entry: CatalogueEntry) -> Path:
    return workspace.root / "downloads" / entry.name
