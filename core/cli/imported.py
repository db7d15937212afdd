"""Models of the user's as stored ones, for as long as a command runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.cli.command import RunJob
from core.datasets.source import require_dataset
from core.folders import temporary_folder
from core.importing.cache import imported_into
from core.importing.examining import examined_in, images_to_try, import_job
from core.models.adjusting import Overrides
from core.models.stored import StoredModel


def import_into(
    run: RunJob,
    model: Path,
    folder: Path,
    overrides: Overrides,
    dataset: Path | None = None,
    *,
    anew: bool = True,
) -> StoredModel:
    """Import a model of the user's into `folder`, trying guesses on images of `dataset`.

    One that was imported so before is not examined again; nor is one that other images settled,
    unless it is to be found out `anew`.
    """
    job = import_job(model, overrides=overrides, images=images_to_try(dataset))
    imported_into(job, folder, run, anew=anew)
    return examined_in(folder, job).stored


@contextmanager
def imported(
    run: RunJob, model: Path, dataset: Path | None = None, *, anew: bool = False
) -> Iterator[StoredModel]:
    """A model of the user's as a stored one.

    What the file does not say is tried on a few images of `dataset`, which is checked first; it is
    what an earlier command has found out, unless that is to be done `anew`.
    """
    if dataset is not None:
        require_dataset(dataset)
    with temporary_folder() as folder:
        yield import_into(run, model, folder / "model", Overrides(), dataset, anew=anew)


@contextmanager
def all_imported(
    run: RunJob, models: Sequence[Path], dataset: Path | None = None
) -> Iterator[list[tuple[str, StoredModel]]]:
    """Several models with their names; with their paths where some share one.

    What a file does not say is tried on images of `dataset`.
    """
    from core.workspace.projects import distinct_names

    with ExitStack() as stack:
        stored = [stack.enter_context(imported(run, model, dataset)) for model in models]
        names = distinct_names([one.card.name for one in stored], [str(path) for path in models])
        yield list(zip(names, stored, strict=True))
