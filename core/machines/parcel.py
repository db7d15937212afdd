"""What is sent with a job: the files that it names, and what it is called by there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from core.datasets.source import DatasetSource
from core.errors import InputError, WorkbenchError
from core.files import open_regular, why
from core.images.decode import read_file
from core.images.opening import file_of
from core.machines.cache import LARGEST_BYTES, hash_of
from core.machines.talk import NamedFile, is_plain
from core.models.stored import CARD_SUFFIX, load_stored
from core.progress import Step
from core.text import visible
from core.values import to_json

MOST_FILES = 200_000


class Packing:
    """The files that a job needs on another machine.

    Each method gives the place of what it takes, relative to the folder that the job has there.
    """

    def __init__(self, scratch: Path, step: Step) -> None:
        """`scratch` takes what is written for it alone; `step` is told of progress."""
        self._scratch = scratch
        self._step = step
        self._paths: dict[str, Path] = {}
        self._models: dict[Path, Path] = {}

    def model(self, xml: Path) -> Path:
        """A stored model: graph, weights, and its card without where the model came from."""
        if xml in self._models:
            return self._models[xml]
        place = PurePosixPath(f"model {len(self._models)}") / "model.xml"
        card = load_stored(xml).card
        self.file(place, xml)
        self.file(place.with_suffix(".bin"), xml.with_suffix(".bin"))
        written = to_json(replace(card, source=Path(card.source.name)))
        self.content(place.with_suffix(CARD_SUFFIX), written)
        self._models[xml] = Path(place)
        return Path(place)

    def images(self, images: Iterable[Path]) -> DatasetSource:
        """Some images, numbered, as a dataset without ground truth."""
        for number, path in enumerate(images):
            place = PurePosixPath("images") / f"{number:06}{path.suffix.lower()}"
            if file_of(path) == path:
                self.file(place, path)
            else:
                self.content(place, read_file(path))
        return DatasetSource(path=Path("images"))

    def folder(self, folder: Path, called: str) -> Path:
        """All files of a folder, and of those in it; not what is hidden."""
        for place, _, names in os.walk(folder):
            below = Path(place).relative_to(folder)
            for name in names:
                shown = PurePosixPath(called, *below.parts, name)
                if not any(part.startswith(".") for part in shown.parts):
                    self.file(shown, Path(place) / name)
        return Path(called)

    def files(self) -> dict[NamedFile, Path]:
        """All of them, by place and content; raises WorkbenchError where one cannot be read."""
        found = {}
        for number, (name, path) in enumerate(self._paths.items()):
            self._step("Looking at what is to be sent", number, len(self._paths))
            try:
                with open_regular(path, LARGEST_BYTES) as file:
                    size = os.fstat(file.fileno()).st_size
                found[NamedFile(name=name, digest=hash_of(path), size=size)] = path
            except OSError as error:
                raise WorkbenchError(
                    f"{path} cannot be sent: {why(error)}.", "Check the file, and start again."
                ) from error
        return found

    def content(self, place: PurePosixPath, data: bytes) -> None:
        """What is written for it alone, at a place."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        written = self._scratch / str(len(self._paths))
        written.write_bytes(data)
        self.file(place, written)

    def file(self, place: PurePosixPath, path: Path) -> None:
        """A file, at a place; raises InputError where that is no name on every system."""
        if not is_plain(str(place)):
            raise InputError(
                f"{visible(str(path))} has a name that cannot be sent.",
                "Rename it, or what it lies in: no hidden files, no more than 14 folders.",
            )
        if len(self._paths) >= MOST_FILES:
            raise InputError(
                f"More than {MOST_FILES:,} files would be sent.", "Use fewer images for it."
            )
        self._paths[str(place)] = path
