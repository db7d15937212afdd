"""What came in a project file, before anything of it is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.datasets.dataset import Dataset
from core.datasets.registry import KINDS
from core.datasets.stored import load_dataset
from core.errors import InputError, WorkbenchError
from core.images.opening import is_there
from core.importing.job import ImportResult
from core.jobs.job import RESULT_FILE
from core.models.stored import CARD_SUFFIX, load_stored, require_options, weights_sha256
from core.optimize.recipe import INGREDIENTS_FILE, remake_recipe
from core.progress import Step
from core.remarks.remark import Remark, remark
from core.results import require_readable
from core.runtime import openvino_core
from core.transfer.bundle import DATASET, FILES, MANIFEST, SUFFIX, Bundle, BundledProject
from core.values import read_json, write_json
from core.workspace.records import LONGEST_NOTES, LONGEST_TITLE

_LARGEST_RESULT = 256 * 2**20  # bytes
_MOST_PROJECTS = 1000
_SHOWN = 200  # characters of a name that is somebody else's


def no_project(file: Path) -> InputError:
    """The error for a file that is another thing altogether."""
    return InputError(
        f"{file} holds no project of this program.",
        f"Choose a file that *Export project* made; its name ends in {SUFFIX}.",
    )


def _texts(project: BundledProject) -> Iterator[tuple[str, int]]:
    """What people wrote of a project, and how long that may be."""
    yield project.name, LONGEST_TITLE
    yield project.notes, LONGEST_NOTES
    for artifact in project.artifacts:
        yield artifact.name, LONGEST_TITLE


class Opened:
    """The unpacked files of `file` in `folder`, which will lie at `home`.

    Making one raises InputError, which names `file`, where anything in it is missing, damaged, or
    names something outside.
    """

    def __init__(self, file: Path, folder: Path, home: Path, step: Step) -> None:
        self._file = file
        self._folder = folder
        self._home = home
        if not (folder / MANIFEST).is_file():
            raise no_project(file)
        try:
            self.bundle = read_json(folder / MANIFEST, Bundle)
            self._check(step)
        except WorkbenchError as error:
            raise self._refused(error) from error

    def _check(self, step: Step) -> None:
        projects = self.bundle.projects
        if not 0 < len(projects) <= _MOST_PROJECTS or projects[0].parent is not None:
            raise self._damaged("it lists no project")
        for place, project in enumerate(projects):
            step("Checking the models", place, len(projects))
            if not project.name.strip():
                raise self._damaged("a project in it has no name")
            for text, most in _texts(project):
                if len(text) > most:
                    raise self._damaged("a text in it is too long")
            if project.parent is not None and not 0 <= project.parent < place:
                raise self._damaged(f"{project.name} stands before its parent")
            self._check_model(project)
        if self.bundle.dataset.as_posix() != DATASET:
            raise self._damaged("its dataset is missing")
        self.dataset = self._check_dataset()
        for project in projects:
            for artifact in project.artifacts:
                folder = self._inside(artifact.folder)
                self._move(folder)
                require_readable(artifact.kind, folder)

    @property
    def problems(self) -> tuple[Remark, ...]:
        """What is not there."""
        names = range(len(self.dataset.images))
        missing = sum(not is_there(self.dataset.path(number)) for number in names)
        if not missing:
            return ()
        absent = remark(
            "images_not_packed", missing=missing, images=len(names), dataset=self.dataset.name
        )
        return (absent,)

    def _check_model(self, project: BundledProject) -> None:
        """The model is whole and what its card says; its recipe is made anew from its data."""
        xml = self._inside(project.model)
        self._inside(project.model.with_suffix(".bin"))
        self._inside(project.model.with_suffix(CARD_SUFFIX))
        card = load_stored(xml).card
        require_options(card)
        if weights_sha256(xml) != card.weights_sha256:
            raise self._damaged(f"the weights of {card.name} are not those that its card names")
        try:
            openvino_core().read_model(xml)
        except RuntimeError as error:
            raise self._damaged(f"the model of {card.name} cannot be read") from error
        if (xml.parent / INGREDIENTS_FILE).is_file():
            remake_recipe(xml, xml.parent)

    def _check_dataset(self) -> Dataset:
        """The dataset; all that it names lies in the file."""
        path = self._inside(Path(DATASET))
        raw = read_json(path, Dataset)
        for place in (raw.root, *raw.annotations):
            if place.is_absolute() or not (path.parent / place).is_relative_to(path.parent / FILES):
                raise self._damaged(f"its dataset names {place}, which is not in the file")
            self._require_below(path.parent / place, path.parent / FILES)
        if raw.kind not in KINDS:
            raise self._damaged("the format of its dataset is not known")
        for name in raw.images:  # they may be a million; no link was unpacked, words are enough
            place = Path(name)
            if place.anchor or ".." in place.parts or "\0" in name or not place.parts:
                shown = name[:_SHOWN] or "an image without a name"
                raise self._damaged(f"it names {shown}, which is not in the file")
        dataset = load_dataset(path)
        facts = read_json(path.parent / RESULT_FILE, ImportResult).datasets
        if [one.file for one in facts] != [path.name]:
            raise self._damaged("the figures of its dataset are missing")
        return dataset

    def _require_below(self, path: Path, folder: Path) -> None:
        try:
            inside = ".." not in path.parts and path.resolve().is_relative_to(folder.resolve())
        except (OSError, ValueError):  # a NUL, a circle of links: no file's name
            inside = False
        if not inside:
            raise self._damaged(f"it names {path.name[:_SHOWN]}, which is not in the file")

    def _move(self, artifact: Path) -> None:
        """Let a result look for models and images where they are now."""
        if not artifact.is_dir():
            raise self._damaged(f"{artifact.name} is missing")
        result = artifact / RESULT_FILE
        if not result.is_file() or result.stat().st_size > _LARGEST_RESULT:
            raise self._damaged(f"the result of {artifact.name} is missing")
        for file in artifact.rglob("*.json"):
            try:
                content: Any = json.loads(file.read_bytes())
                write_json(file, self._moved(content))
            except (ValueError, RecursionError) as error:
                raise self._damaged(f"{file.name} of {artifact.name} cannot be read") from error

    def _moved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._moved(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._moved(one) for one in value]
        return self._place(value) if isinstance(value, str) else value

    def _place(self, text: str) -> str:
        if text == f"dataset/{FILES}":
            root = self.dataset.root.relative_to(self._folder)
            return str(self._home / root)
        if any(text == one.model.as_posix() for one in self.bundle.projects):
            return str(self._home / text)
        if len(text) < 4096 and Path(text).is_absolute():
            raise self._damaged("a result names a path outside the file")
        return text

    def _inside(self, place: Path) -> Path:
        """A path that the manifest names, which must lie in the file."""
        path = self._folder / place
        self._require_below(path, self._folder)
        if place.is_absolute() or not path.exists():
            raise self._damaged(f"{place.name} is missing")
        return path

    def _damaged(self, how: str) -> InputError:
        return InputError(f"{self._file} is damaged: {how}.", "Export the project again.")

    def _refused(self, error: WorkbenchError) -> InputError:
        """Of a file inside: the user knows only the one that holds it."""
        if isinstance(error, InputError) and str(self._file) in error.what:
            return error
        inside = error.what.replace(f"{self._folder}/", "")
        if "newer version" in inside or "older version" in inside:
            return InputError(f"{self._file} cannot be imported: {inside}", error.next_step)
        return InputError(f"{self._file} is damaged: {inside}", "Export the project again.")
