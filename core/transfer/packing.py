"""Writing projects into one file: nothing in it says where things lay on this machine."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from time import gmtime
from typing import Any

import msgspec

from core import __version__
from core.datasets.archives.limits import USEFUL_SUFFIXES
from core.datasets.dataset import Dataset
from core.datasets.facts import DatasetFacts
from core.datasets.stored import load_dataset
from core.errors import WorkbenchError
from core.files import why
from core.images.decode import is_image
from core.images.listing import IMAGE_SUFFIXES
from core.importing.job import ImportResult, dataset_facts
from core.jobs.job import RESULT_FILE
from core.models.stored import CARD_SUFFIX, load_stored
from core.optimize.recipe import INGREDIENTS_FILE
from core.progress import Step
from core.remarks.remark import Remark, remark
from core.results import require_readable
from core.transfer.bundle import (
    DATASET,
    FILES,
    MANIFEST,
    Bundle,
    BundledArtifact,
    BundledProject,
)
from core.values import to_json

_STORED = {".jpg", ".jpeg", ".png", ".webp", ".bin"}  # packing them again gains little
_FIRST_YEAR, _LAST_YEAR = 1980, 2107  # that a zip archive can say


class Packer:
    """Writes a file; `problems` are what is not in it as it was."""

    def __init__(self, archive: zipfile.ZipFile, step: Step) -> None:
        self._archive = archive
        self._step = step
        self.files = 0
        self._redated = 0
        self._missing = 0
        self._no_images = 0
        self._left_out: list[Remark] = []

    def pack(self, projects: tuple[BundledProject, ...], dataset: Path, images: bool) -> None:
        """The models, artifacts and dataset, and the manifest at the end."""
        places = _Places(projects, load_dataset(dataset).root)
        packed = tuple(self._project(n, one, places) for n, one in enumerate(projects))
        self._dataset(dataset, images)
        manifest = Bundle(
            made_by=__version__, projects=packed, dataset=Path(DATASET), with_images=images
        )
        self._archive.writestr(MANIFEST, to_json(manifest))

    @property
    def problems(self) -> tuple[Remark, ...]:
        """What the user should know about the file."""
        found = list(self._left_out)
        if self._missing:
            found.append(remark("files_gone", count=self._missing))
        if self._no_images:
            found.append(remark("files_no_images", count=self._no_images))
        if self._redated:
            redated = remark(
                "files_redated", count=self._redated, first=_FIRST_YEAR, last=_LAST_YEAR
            )
            found.append(redated)
        return tuple(found)

    def _project(self, number: int, project: BundledProject, places: _Places) -> BundledProject:
        folder = f"models/{number}"
        xml = project.model
        for file in (xml, xml.with_suffix(".bin")):
            self._write(file, f"{folder}/{file.name}")
        card = load_stored(xml).card
        card = msgspec.structs.replace(card, source=Path(card.source.name))
        self._archive.writestr(f"{folder}/{xml.stem}{CARD_SUFFIX}", to_json(card))
        recipe = xml.parent / INGREDIENTS_FILE
        if recipe.is_file():
            self._write(recipe, f"{folder}/{INGREDIENTS_FILE}")
        artifacts = []
        for place, artifact in enumerate(project.artifacts):
            inside = f"artifacts/{number}-{place}"
            if self._artifact(artifact, inside, places):
                artifacts.append(msgspec.structs.replace(artifact, folder=Path(inside)))
        return msgspec.structs.replace(
            project, model=Path(folder) / xml.name, artifacts=tuple(artifacts)
        )

    def _artifact(self, artifact: BundledArtifact, inside: str, places: _Places) -> bool:
        """What a job made; left out where its result cannot be read, which nobody could import."""
        folder = artifact.folder
        files = _files_below(folder)
        try:
            require_readable(artifact.kind, folder)
            written = {
                file: places.without(file.read_bytes()) for file in files if file.suffix == ".json"
            }
        except WorkbenchError as error:
            self._left_out.append(remark("result_left_out", reason=error.what))
            return False
        except (OSError, ValueError, RecursionError) as error:
            reason = f"{folder} cannot be read: {' '.join(why(error).split())}."
            self._left_out.append(remark("result_left_out", reason=reason))
            return False
        for file in files:
            name = f"{inside}/{file.relative_to(folder).as_posix()}"
            if file in written:
                self._archive.writestr(name, written[file])
                self.files += 1
            else:
                self._write(file, name)
        return True

    def _dataset(self, path: Path, images: bool) -> None:
        """The dataset's description and figures, and its files if they are wanted."""
        dataset = load_dataset(path)
        facts = dataset_facts(path)
        base = Path(os.path.commonpath([dataset.root, *dataset.annotations]))
        if images:
            for file in _dataset_files(dataset):
                if not file.is_file():
                    self._missing += 1
                elif file.suffix.lower() in IMAGE_SUFFIXES and not is_image(file):
                    self._no_images += 1
                else:
                    self._write(file, f"dataset/{FILES}/{file.relative_to(base).as_posix()}")
        dataset = msgspec.structs.replace(
            dataset,
            root=Path(FILES) / dataset.root.relative_to(base),
            annotations=tuple(Path(FILES) / one.relative_to(base) for one in dataset.annotations)
            if images
            else (),
        )
        self._archive.writestr(DATASET, to_json(dataset))
        self._archive.writestr(f"dataset/{RESULT_FILE}", to_json(_as_import(facts, dataset)))

    def _write(self, file: Path, place: str) -> None:
        self._step("Packing", self.files, None)
        packing = zipfile.ZIP_STORED if file.suffix.lower() in _STORED else zipfile.ZIP_DEFLATED
        if not _FIRST_YEAR <= gmtime(file.stat().st_mtime).tm_year <= _LAST_YEAR:
            self._redated += 1
        self._archive.write(file, place, packing)
        self.files += 1


class _Places:
    """What paths of this machine are called in the file."""

    def __init__(self, projects: tuple[BundledProject, ...], images: Path) -> None:
        self._known = {
            os.fspath(one.model): f"models/{number}/{one.model.name}"
            for number, one in enumerate(projects)
        }
        self._folders = (images, Path.home())

    def without(self, data: bytes) -> bytes:
        """JSON of ours, without a path of this machine; raises as `json.loads` does."""
        return to_json(self._without(json.loads(data)))

    def _without(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._without(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._without(one) for one in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text in self._known:
            return self._known[text]
        if Path(text) == self._folders[0]:
            return f"dataset/{FILES}"
        for folder in self._folders:  # inside sentences
            text = text.replace(f"{folder}{os.sep}", "")
        return Path(text).name if Path(text).is_absolute() else text


def _as_import(facts: DatasetFacts, dataset: Dataset) -> ImportResult:
    name = Path(DATASET).name
    facts = msgspec.structs.replace(facts, file=name, root=dataset.root)
    return ImportResult(model=None, datasets=(facts,))


def _dataset_files(dataset: Dataset) -> Iterator[Path]:
    """Images, and what the ground truth is read from, each once."""
    seen = set()
    for file in dataset.files():
        seen.add(file)
        yield file
    for place in dataset.annotations:
        for file in (place,) if place.is_file() else _files_below(place):
            if file not in seen and file.suffix.lower() in USEFUL_SUFFIXES - IMAGE_SUFFIXES:
                seen.add(file)
                yield file


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
