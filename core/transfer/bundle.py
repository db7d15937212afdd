"""A project as one file: what lies in it."""

from __future__ import annotations

from pathlib import Path

from core.models.plan import Target
from core.values import Stored, Value

SUFFIX = ".dwproject"  # a zip archive
MANIFEST = "project.json"
DATASET = "dataset/dataset.json"
FILES = "files"  # of the dataset, beside its description


class BundledArtifact(Value):
    """A benchmark or report; in a request `folder` is absolute, in the file below its root."""

    kind: str
    folder: Path
    name: str = ""


class BundledProject(Value):
    """A project: `parent` is its place in the list, and `model` its IR.

    The path of `model` is as that of an artifact.
    """

    name: str
    parent: int | None
    model: Path
    device: str
    target: Target
    artifacts: tuple[BundledArtifact, ...] = ()
    notes: str = ""


class Bundle(Stored):
    """The manifest: projects, the parent first, and the dataset's file."""

    made_by: str
    projects: tuple[BundledProject, ...]
    dataset: Path
    with_images: bool
