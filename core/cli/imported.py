"""Models of the user's as stored ones, for as long as a command runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.cli.command import RunJob
from core.cli.models import import_into
from core.models.adjusting import Changes
from core.models.stored import StoredModel
from core.workspace.projects import distinct_names


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that goes away afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        yield Path(temporary)


@contextmanager
def imported(run: RunJob, model: Path, dataset: Path | None = None) -> Iterator[StoredModel]:
    """A model of the user's as a stored one.

    What the file does not say is tried on a few images of `dataset`.
    """
    with temporary_folder() as folder:
        yield import_into(run, model, folder / "model", Changes(), dataset)


@contextmanager
def all_imported(run: RunJob, models: Sequence[Path]) -> Iterator[list[tuple[str, StoredModel]]]:
    """Several models with their names; with their paths where some share one."""
    with ExitStack() as stack:
        stored = [stack.enter_context(imported(run, model)) for model in models]
        names = distinct_names([one.card.name for one in stored], [str(path) for path in models])
        yield list(zip(names, stored, strict=True))
