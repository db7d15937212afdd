"""Projects into one file, and out of one: runs in the child process."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from core import __version__
from core.datasets.archives.limits import USEFUL_SUFFIXES, Limits
from core.datasets.archives.unpacking import unpack
from core.datasets.dataset import Dataset
from core.datasets.stored import load_dataset
from core.errors import InputError, WorkbenchError
from core.importing.job import ImportResult
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.models.stored import load_stored, weights_sha256
from core.runtime import openvino_core
from core.transfer.bundle import MANIFEST, Bundle, BundledArtifact, BundledProject
from core.values import Value, read_json, to_json, write_json

DATASET = "dataset/dataset.json"
_STORED = {".jpg", ".jpeg", ".png", ".webp", ".bin"}  # packing them again gains little
_SUFFIXES = USEFUL_SUFFIXES | {".bin", ".npz", ".py", ".md", ".html", ".pdf", ".log"}
_LARGEST_RESULT = 256 * 1024 * 1024


class PackResult(Value):
    """Of a project as one file."""

    file: str
    files: int
    size_bytes: int


class UnpackResult(Value):
    """Of the projects in a file: what they are, and sentences on what is missing."""

    bundle: Bundle
    problems: tuple[str, ...]


class PackProjectJob(Value, tag="pack_project"):
    """Projects with their models, artifacts and dataset as one file called `file`.

    The paths of `projects` and `dataset` are absolute. Without `images`, the file only tells
    where they were.
    """

    projects: tuple[BundledProject, ...]
    dataset: Path
    file: str
    images: bool = True

    def run(self, context: JobContext) -> PackResult:
        """See `core.jobs.job.Job`."""
        target = context.folder / self.file
        written = _Writer(context)
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                projects = tuple(
                    _packed(place, project, archive, written)
                    for place, project in enumerate(self.projects)
                )
                _pack_dataset(self, archive, written)
                manifest = Bundle(
                    made_by=__version__,
                    projects=projects,
                    dataset=Path(DATASET),
                    with_images=self.images,
                )
                archive.writestr(MANIFEST, to_json(manifest))
        except OSError as error:
            raise WorkbenchError(
                f"{self.file} cannot be written: {error.strerror or error}.",
                "Free some space, or leave the images out.",
            ) from error
        context.artifact("project", target)
        return PackResult(file=self.file, files=written.files, size_bytes=target.stat().st_size)


class _Writer:
    """Copies files into an archive, and tells how many."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.files = 0

    def write(self, archive: zipfile.ZipFile, file: Path, place: str) -> None:
        self._context.step("Packing", self.files, None)
        packing = zipfile.ZIP_STORED if file.suffix.lower() in _STORED else zipfile.ZIP_DEFLATED
        archive.write(file, place, packing)
        self.files += 1


def _packed(
    place: int, project: BundledProject, archive: zipfile.ZipFile, written: _Writer
) -> BundledProject:
    """The project as it lies in the file."""
    folder = f"models/{place}"
    own = project.model.stem
    for file in sorted(project.model.parent.iterdir()):
        if file.is_file() and (file.name.startswith((f"{own}.", "recipe"))):
            written.write(archive, file, f"{folder}/{file.name}")
    artifacts = []
    for number, artifact in enumerate(project.artifacts):
        inside = f"artifacts/{place}-{number}"
        for file in _files_below(artifact.folder):
            written.write(archive, file, f"{inside}/{file.relative_to(artifact.folder).as_posix()}")
        artifacts.append(BundledArtifact(kind=artifact.kind, folder=Path(inside)))
    return msgspec.structs.replace(
        project, model=Path(folder) / project.model.name, artifacts=tuple(artifacts)
    )


def _pack_dataset(request: PackProjectJob, archive: zipfile.ZipFile, written: _Writer) -> None:
    """The dataset's description and figures, and its files if they are wanted."""
    dataset = load_dataset(request.dataset)
    facts = next(
        one
        for one in read_json(request.dataset.parent / RESULT_FILE, ImportResult).datasets
        if one.file == request.dataset.name
    )
    if request.images:
        base = Path(os.path.commonpath([dataset.root, *dataset.annotations]))
        for file in _dataset_files(dataset):
            place = file.relative_to(base).as_posix()
            if file.is_file():
                written.write(archive, file, f"dataset/files/{place}")
        dataset = msgspec.structs.replace(
            dataset,
            root=Path("files") / dataset.root.relative_to(base),
            annotations=tuple(Path("files") / one.relative_to(base) for one in dataset.annotations),
        )
    name = Path(DATASET).name
    told = ImportResult(
        model=None, datasets=(msgspec.structs.replace(facts, file=name, root=dataset.root),)
    )
    archive.writestr(DATASET, to_json(dataset))
    archive.writestr(f"dataset/{RESULT_FILE}", to_json(told))


def _dataset_files(dataset: Dataset) -> Iterator[Path]:
    """Images, and what the ground truth is read from, each once."""
    yield from (dataset.path(number) for number in range(len(dataset.images)))
    seen = {dataset.path(number) for number in range(len(dataset.images))}
    for place in dataset.annotations:
        for file in (place,) if place.is_file() else _files_below(place):
            if file not in seen and file.suffix.lower() in USEFUL_SUFFIXES:
                seen.add(file)
                yield file


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


class UnpackProjectJob(Value, tag="unpack_project"):
    """The projects in a file. Leaves the folder ``project``, to be published at `home`."""

    file: Path
    home: Path

    def run(self, context: JobContext) -> UnpackResult:
        """See `core.jobs.job.Job`."""
        folder = context.folder / "project"
        limits = Limits(suffixes=frozenset(_SUFFIXES))
        unpack(self.file, folder, context.step, limits)
        if not (folder / MANIFEST).is_file():
            raise InputError(
                f"{self.file} holds no project of this program.",
                f"Choose a file that *Export project* made; its name ends in {self.file.suffix}.",
            )
        bundle = read_json(folder / MANIFEST, Bundle)
        home = self.home / "project"
        for place, project in enumerate(bundle.projects):
            context.step("Checking the models", place, len(bundle.projects))
            _check_model(_inside(folder, project.model, self.file), self.file)
            if project.parent is not None and not 0 <= project.parent < place:
                raise _damaged(self.file)
        dataset = load_dataset(_inside(folder, bundle.dataset, self.file))
        root = (
            home / dataset.root.relative_to(folder)
            if _below(dataset.root, folder)
            else dataset.root
        )
        for project in bundle.projects:
            for artifact in project.artifacts:
                _point_to(_inside(folder, artifact.folder, self.file) / RESULT_FILE, root)
        missing = sum(not dataset.path(number).is_file() for number in range(len(dataset.images)))
        problems: tuple[str, ...] = ()
        if missing:
            problems = (
                f"{missing} of the {len(dataset.images)} images of {dataset.name} are not on this "
                "machine: reports show their figures, but not these pictures.",
            )
            for problem in problems:
                context.log(problem)
        return UnpackResult(bundle=bundle, problems=problems)


def _check_model(xml: Path, file: Path) -> None:
    """The model is whole and what its card says."""
    stored = load_stored(xml)
    if not xml.with_suffix(".bin").is_file() or weights_sha256(xml) != stored.card.weights_sha256:
        raise _damaged(file)
    try:
        openvino_core().read_model(xml)
    except RuntimeError as error:
        raise _damaged(file) from error


def _inside(folder: Path, place: Path, file: Path) -> Path:
    """A path that the manifest names, which must lie in the file."""
    path = folder / place
    if place.is_absolute() or not _below(path, folder) or not path.exists():
        raise _damaged(file)
    return path


def _below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _damaged(file: Path) -> InputError:
    return InputError(f"{file} is damaged: not all of the project is in it.", "Export it again.")


def _point_to(result: Path, root: Path) -> None:
    """Let a report look for its images where they are now."""
    if not result.is_file() or result.stat().st_size > _LARGEST_RESULT:
        return
    told: Any = json.loads(result.read_bytes())
    if isinstance(told, dict) and "dataset_root" in told:
        write_json(result, {**told, "dataset_root": str(root)})
