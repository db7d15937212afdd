"""Datasets in jobs: what an import finds out, archives, and datasets made of dropped images."""

import json
import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from core.cli.main import main
from core.dataset_making.job import CreateDatasetJob, CreateDatasetResult
from core.datasets.facts import DatasetFacts
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.datasets.source import DatasetSource
from core.datasets.stored import is_stored, load_dataset
from core.errors import InputError
from core.images.augment import Augmentation
from core.importing.job import ImportJob, ImportResult
from core.jobs.events import Event, Progress
from core.jobs.job import RESULT_FILE, Job
from core.jobs.runner import run_job
from core.remarks.sentences import sentences
from core.values import read_json
from tests.support.datasets import coco_dict, write_coco, write_yolo
from tests.support.images import write_images


def imported(destination: Path, path: Path) -> DatasetFacts:
    run_job(ImportJob(datasets=(DatasetSource(path=path),)), destination).require()
    return read_json(destination / RESULT_FILE, ImportResult).datasets[0]


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder.parent))
    return archive


def test_an_import_tells_what_it_found(tmp_path: Path) -> None:
    content = coco_dict()
    content["annotations"][0]["bbox"] = [500, 5, 10, 10]
    facts = imported(tmp_path / "job", write_coco(tmp_path / "My set", content=content))
    assert (facts.kind, facts.images, facts.boxes, facts.class_names) == (
        "coco", 3, 2, ("cat", "dog")
    )  # fmt: skip
    assert facts.root == tmp_path / "My set" / "val2017"
    starts = [warning.split(" ", 5)[:5] for warning in sentences(facts.warnings)]
    assert [" ".join(words) for words in starts] == [
        "My set (val2017) has only",
        "Boxes left out because they",
        "1 of the 3 images",
        "1 of the 2 classes",
    ]


def test_annotations_that_cannot_be_read_leave_the_images(tmp_path: Path) -> None:
    content = coco_dict()
    content["annotations"] = "none"
    facts = imported(tmp_path / "job", write_coco(tmp_path / "set", content=content))
    assert (facts.images, facts.annotated) == (3, False)
    assert "The images are used without annotations." in sentences(facts.warnings)[-1]


def test_an_archive_is_unpacked_beside_its_dataset_and_moves_with_it(tmp_path: Path) -> None:
    write_yolo(tmp_path / "set" / "images", tmp_path / "set" / "labels")
    archive = zipped(tmp_path / "set", tmp_path / "two words.zip")
    facts = imported(tmp_path / "job", archive)
    assert (facts.name, facts.root) == ("two words", Path("dataset-0/set/images"))
    shutil.move(tmp_path / "job", tmp_path / "elsewhere")
    dataset = load_dataset(tmp_path / "elsewhere" / facts.file)
    assert is_stored(tmp_path / "elsewhere" / facts.file)
    assert dataset.root == tmp_path / "elsewhere" / "dataset-0" / "set" / "images"
    assert len(read_annotations(dataset).boxes) == 3


def test_a_refused_archive_leaves_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.jpg", b"x")
        file.writestr("../b.jpg", b"x")
    (tmp_path / "jobs").mkdir()
    with pytest.raises(InputError, match="leads out of the folder"):
        imported(tmp_path / "jobs" / "job", archive)
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_dataset_is_created_and_opened(tmp_path: Path) -> None:
    images = write_images(tmp_path / "album", 3)
    request = CreateDatasetJob(
        images=(images,), augmentation=Augmentation(horizontal_flip=True), name="Mine"
    )
    folder = run_job(request, tmp_path / "job").require()
    result = read_json(folder / RESULT_FILE, CreateDatasetResult)
    assert (result.images, result.augmented, result.problems) == (3, 3, ())
    dataset = load_dataset(folder / result.dataset)
    assert (dataset.name, len(dataset.images)) == ("Mine", 6)
    assert dataset.path(0).is_file()
    assert len(open_dataset(folder).images) == 6


@pytest.mark.parametrize("what", ["create", "unpack"])
def test_a_cancel_leaves_nothing(tmp_path: Path, what: str) -> None:
    images = write_images(tmp_path / "album", 40, 400, 300)
    augmentation = Augmentation(noise=0.1, copies=20)
    request: Job = CreateDatasetJob(images=(images,), augmentation=augmentation)
    stage = "Copying the images"
    if what == "unpack":
        source = DatasetSource(path=zipped(images, tmp_path / "a.zip"))
        request, stage = ImportJob(datasets=(source,)), "Unpacking the archive"
    cancel = threading.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == stage:
            cancel.set()

    (tmp_path / "jobs").mkdir()
    outcome = run_job(request, tmp_path / "jobs" / "job", on_event=on_event, cancel=cancel)
    assert outcome.state == "cancelled"
    assert list((tmp_path / "jobs").iterdir()) == []


def test_the_terminal_creates_datasets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    images = write_images(tmp_path / "album", 2)
    (images / "bad.jpg").write_bytes(b"no image")
    command = ["create-dataset", str(images), "--output", str(tmp_path / "out")]
    assert main([*command, "--flip", "both", "--noise", "0.1", "--copies", "2"]) == 0
    said = capfd.readouterr().out
    assert said.startswith("2 images and 8 augmented images made of them")
    assert "1 was left out; the first one:" in said
    assert len(open_dataset(tmp_path / "out").images) == 10
    assert main(command) == 2
    assert "is not empty" in capfd.readouterr().err


def test_the_terminal_checks_a_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = write_coco(tmp_path / "coco")
    images = write_images(tmp_path / "others", 2)
    shutil.copy(coco / "val2017" / "a b.jpg", images / "copied.jpg")
    assert main(["check-dataset", str(images), str(coco), "--role", "calibration", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["images"], found["shared"]) == ("folder", 3, ["a b.jpg"])
    assert found["warnings"][-1]["code"] == "shared_images"
    assert found["warnings"][-1]["facts"]["shared"] == ["a b.jpg"]
    assert main(["check-dataset", str(coco)]) == 0
    said = capsys.readouterr().out
    assert "3 images (coco), 3 boxes of 2 classes" in said
    assert "1 of the 3 images has no boxes" in said
