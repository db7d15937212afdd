"""The job of downloading a model of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from core.catalogue.entries import CatalogueEntry
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.values import Value

TIMEOUT_SECONDS = 30.0  # without a byte


class DownloadJob(Value, tag="download"):
    """A model of the catalogue, from the network. Leaves its files and its class names.

    The folder `parts` keeps what has arrived, for a later request to go on from. No byte for
    `timeout_seconds` is a failure.
    """

    weight: ClassVar[Weight] = "light"
    entry: CatalogueEntry
    parts: Path
    timeout_seconds: float = TIMEOUT_SECONDS

    def run(self, context: JobContext) -> DownloadResult:
        """See `core.jobs.job.Job`."""
        from core.catalogue.downloading import download

        entry = self.entry
        model = download(entry, context.folder, self.parts, context.step, self.timeout_seconds)
        context.artifact("model", model)
        return DownloadResult(model=model.name, entry=entry)


class DownloadResult(Value):
    """Of a download: the name of the file to import, and what the catalogue says about it."""

    model: str
    entry: CatalogueEntry
