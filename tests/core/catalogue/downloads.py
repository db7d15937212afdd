"""Downloads of one file by the real job, and what they leave."""

import random
from pathlib import Path

from core.catalogue.entries import CatalogueEntry
from core.catalogue.fetching import part_of
from core.catalogue.service import PlannedDownload, downloaded_model, plan_download
from core.workspace.store import Workspace
from tests.support.jobs import Watched, leftovers, run

DATA = random.Random(0).randbytes(300_000)
OTHER = random.Random(1).randbytes(1_000)


def planned(workspace: Workspace, entry: CatalogueEntry) -> PlannedDownload:
    return plan_download(workspace, entry, timeout_seconds=1.0)


def downloaded(workspace: Workspace, entry: CatalogueEntry) -> Watched:
    return run(workspace, planned(workspace, entry))


def part(workspace: Workspace, entry: CatalogueEntry) -> Path:
    return part_of(entry.files[0], workspace.root / "partial-downloads" / entry.name)


def require_whole(workspace: Workspace, entry: CatalogueEntry, ended: Watched) -> None:
    assert ended.end.outcome.state == "succeeded", ended.end.outcome.error
    model = downloaded_model(workspace, entry)
    assert model is not None
    assert model.read_bytes() == DATA
    assert not (workspace.root / "partial-downloads" / entry.name).exists()
    assert leftovers(workspace.root) == []


def require_failed(workspace: Workspace, entry: CatalogueEntry, ended: Watched, said: str) -> None:
    assert said in ended.sentence
    assert ended.end.outcome.error is not None
    assert ended.end.outcome.error.next_step
    assert downloaded_model(workspace, entry) is None
    assert not planned(workspace, entry).destination.exists()
    assert leftovers(workspace.root) == []


def started(workspace: Workspace, entry: CatalogueEntry, data: bytes, tag: str = "") -> None:
    """As if a download had come that far before."""
    path = part(workspace, entry)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    if tag:
        path.with_suffix(".etag").write_text(tag)
