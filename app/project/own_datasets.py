"""Datasets that were made here, offered wherever images are chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.workspace.store import Workspace

DATASET_FILES = (
    "Archives and annotations (*.zip *.tar *.tgz *.gz *.xz *.bz2 *.json *.yaml *.yml *.xml *.csv);;"
    "All files (*)"
)


def offered_datasets(workspace: Workspace) -> tuple[tuple[str, Path], ...]:
    """A title and a file each."""
    from core.dataset_making.service import own_datasets

    return tuple((one.title, one.path) for one in own_datasets(workspace))
