"""Folders that the user may not enter: the sentence names them, not what may lie in them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.datasets.open import open_dataset
from core.errors import WorkbenchError
from core.models.reading import read_model
from core.models.sources import find_model_file
from core.refusals import explained
from core.remarks.sentences import sentences
from tests.support.datasets import write_voc, write_yolo

_NOBODY = 65534
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """The folder may not be entered; root, who may enter all, is somebody else meanwhile."""
    mode = folder.stat().st_mode
    folder.chmod(0)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(_NOBODY)
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(mode)


def sentence_of(error: Exception) -> str:
    """What the user reads of it."""
    if isinstance(error, OSError):
        return explained(error).what
    return error.what if isinstance(error, WorkbenchError) else repr(error)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize("inside", ["", "saved_model.pb", "model.xml"])
def test_a_folder_of_a_model_is_named_itself(place: Path, inside: str) -> None:
    folder = place / "model"
    folder.mkdir()
    (folder / "saved_model.pb").touch()
    with closed(folder), pytest.raises((WorkbenchError, OSError)) as refused:
        read_model(find_model_file(folder / inside))
    with closed(folder):
        said = sentence_of(refused.value)
    assert said == f"The folder {folder} cannot be read: Permission denied."


def test_a_folder_of_annotations_is_named(place: Path) -> None:
    root = write_voc(place / "voc")
    with closed(root / "Annotations"):
        dataset = open_dataset(root)
    said = "The folder Annotations/ cannot be read: Permission denied."
    assert (dataset.kind, said in sentences(dataset.warnings)) == ("folder", True)


def test_a_folder_of_labels_is_named_where_a_description_names_the_images(place: Path) -> None:
    write_yolo(place / "images", place / "labels")
    (place / "data.yaml").write_text("val: images\nnames: [cat, dog]\n")
    with closed(place / "labels"):
        said = sentences(open_dataset(place).warnings)
    assert "The folder labels/ cannot be read: Permission denied." in said


def test_a_folder_of_images_is_named(place: Path) -> None:
    write_yolo(place / "images", place / "labels")
    with closed(place / "images"), pytest.raises((WorkbenchError, OSError)) as refused:
        open_dataset(place / "images")
    with closed(place / "images"):
        said = sentence_of(refused.value)
    assert said == f"The folder {place / 'images'} cannot be read: Permission denied."
