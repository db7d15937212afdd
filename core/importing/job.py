"""The job of importing: a model and datasets, read and stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.datasets.facts import DatasetFacts, store_with_facts
from core.datasets.source import LOOKING, DatasetSource, open_archive, open_folder
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE, Weight
from core.models.adjusting import Overrides
from core.values import Stored, Value, read_json

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.models.importing import Evidence

TRIAL_IMAGES = 8  # of each dataset, that an import may try its guesses on


class ImportJob(Value, tag="import"):
    """Read a model and datasets, and store what was found out about them.

    Leaves the IR with its card, and ``dataset-<n>.json`` for each dataset. `overrides` are what
    the user knows better than the import; `images` are some that guesses may be tried on,
    besides those of the datasets.
    """

    weight: ClassVar[Weight] = "light"
    model: Path | None = None
    datasets: tuple[DatasetSource, ...] = ()
    overrides: Overrides = Overrides()
    images: tuple[Path, ...] = ()

    def run(self, context: JobContext) -> ImportResult:
        """See `core.jobs.job.Job`."""
        imported = import_datasets(self.datasets, context)
        stored = None
        if self.model is not None:
            from core.models.importing import import_model

            evidence = _evidence(self, [dataset for dataset, _ in imported])
            stored = import_model(self.model, context.folder, context.step, evidence)
            context.artifact("model", stored.xml)
        facts = tuple(facts for _, facts in imported)
        return ImportResult(model=stored.xml.name if stored else None, datasets=facts)


class ImportResult(Stored):
    """Of an import: file names in the job's folder."""

    model: str | None
    datasets: tuple[DatasetFacts, ...]


def _evidence(request: ImportJob, datasets: list[Dataset]) -> Evidence:
    """A few images of the datasets, from all over them, and their classes."""
    from core.models.importing import Evidence

    images = list(request.images)
    for dataset in datasets:
        step = max(1, len(dataset.images) // TRIAL_IMAGES)
        images += [dataset.path(number) for number in range(0, len(dataset.images), step)]
    named = next((dataset.class_names for dataset in datasets if dataset.class_names), ())
    return Evidence(images=images, class_names=named, overrides=request.overrides)


def import_datasets(
    sources: Sequence[DatasetSource], context: JobContext
) -> list[tuple[Dataset, DatasetFacts]]:  # fmt: skip
    """Open datasets, archives unpacked into the job's folder, and store what they are."""
    if not sources:
        return []
    from core.datasets.archives.unpacking import archive_title, is_archive

    imported = []
    for number, source in enumerate(sources):
        context.step(LOOKING, number, len(sources))
        if is_archive(source.path):
            folder = context.folder / f"dataset-{number}"
            dataset = open_archive(source.path, folder, source.role, context.step)
            dataset = msgspec.structs.replace(dataset, name=archive_title(source.path))
        else:
            dataset = open_folder(source.path, source.role, context.step)
        file = context.folder / f"dataset-{number}.json"
        imported.append(store_with_facts(dataset, source.role, file, context.step))
        context.artifact("dataset", file)
    return imported


def dataset_facts(dataset: Path) -> DatasetFacts:
    """The facts of a stored dataset, from the import beside it; `root` is absolute."""
    result = read_json(dataset.parent / RESULT_FILE, ImportResult)
    facts = next(facts for facts in result.datasets if facts.file == dataset.name)
    return msgspec.structs.replace(facts, root=dataset.parent / facts.root)
