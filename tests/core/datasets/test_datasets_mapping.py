"""Classes of datasets and models that do not agree, and what the user is told about datasets."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from core.datasets.checks import (
    annotation_warnings,
    dataset_warnings,
    overlap,
    overlap_warnings,
)
from core.datasets.class_mapping import ClassMapping, map_classes
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.detection.labels import label_map
from core.errors import JobCancelled
from core.remarks.sentences import sentences
from core.values import read_json, write_json
from tests.support.datasets import coco_dict, write_coco, write_yolo
from tests.support.images import write_image, write_images

VOC = ("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
       "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa",
       "train", "tvmonitor")  # fmt: skip


def mapped(dataset: tuple[str, ...], model: tuple[str, ...]) -> dict[str, str | None]:
    return {one.dataset_class: one.model_class for one in map_classes(dataset, model).classes}


def test_voc_and_coco_agree() -> None:
    coco = label_map("coco-80")
    found = mapped(VOC, coco)
    different = {name: other for name, other in found.items() if name != other}
    assert different == {
        "aeroplane": "airplane",
        "diningtable": "dining table",
        "motorbike": "motorcycle",
        "pottedplant": "potted plant",
        "sofa": "couch",
        "tvmonitor": "tv",
    }
    back = map_classes(coco, VOC)
    assert {c.model_class for c in back.classes} - {None} == set(VOC)
    assert len(back.unmapped) == 60
    reasons = {one.reason for one in back.classes}
    assert reasons == {
        "same name",
        "same name except for case and spaces",
        "synonym",
        "the model has no class of this name",
    }


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [
        ("person", "person", "same name"),
        ("Traffic_Light", "traffic light", "same name except for case and spaces"),
        ("hot-dog", "hot dog", "same name except for case and spaces"),
        ("Cars", "car", "singular and plural of one name"),
        ("person", "People", "singular and plural of one name"),
        ("knives", "knife", "singular and plural of one name"),
        ("buses", "bus", "singular and plural of one name"),
        ("motorbikes", "motorcycle", "synonym"),
        ("Human face", "face", "synonym"),
        ("truck", "vehicle", "a kind of vehicle"),
        ("motorcycle", "bike", "a kind of bike"),
        ("woman", "person", "a kind of person"),
        ("猫", "猫", "same name"),
    ],
)
def test_names_are_matched_tolerantly(name: str, model: str, reason: str) -> None:
    (one,) = map_classes([name], [model, "something else"]).classes
    assert (one.model_class, one.reason) == (model, reason)


@pytest.mark.parametrize(("name", "model"), [("cat", "car"), ("bus", "bu"), ("", "---"),
                                             ("glass", "gla"), ("unknown", "person")])  # fmt: skip
def test_names_that_only_look_alike_are_not_matched(name: str, model: str) -> None:
    assert map_classes([name], [model]).unmapped == (name,)


def test_several_classes_are_one_to_a_coarser_model() -> None:
    mapping = map_classes(label_map("coco-80"), ("vehicle", "person", "bike"))
    kinds: dict[str, set[str]] = {}
    for one in mapping.classes:
        if one.model_class:
            kinds.setdefault(one.model_class, set()).add(one.dataset_class)
    assert kinds == {
        "vehicle": {"car", "bus", "truck"},
        "person": {"person"},
        "bike": {"bicycle", "motorcycle"},
    }
    assert mapping.model_ids(["car", "dog", "person", "nothing"]).tolist() == [0, -1, 1, -1]


def test_the_finer_class_wins_over_the_group() -> None:
    assert mapped(("car", "bus"), ("vehicle", "car")) == {"car": "car", "bus": "vehicle"}


def test_a_mapping_can_be_changed_and_stored(tmp_path: Path) -> None:
    mapping = map_classes(("RBC", "WBC"), ("cell", "RBC"))
    assert mapping.unmapped == ("WBC",)
    changed = mapping.changed("WBC", "cell").changed("RBC", None)
    assert [(c.model_class, c.reason) for c in changed.classes] == [
        (None, "chosen by you"), ("cell", "chosen by you")
    ]  # fmt: skip
    assert mapping.unmapped == ("WBC",), "a value is never changed in place"
    write_json(tmp_path / "mapping.json", changed)
    assert read_json(tmp_path / "mapping.json", ClassMapping) == changed
    with pytest.raises(ValueError, match="no class"):
        mapping.changed("WBC", "nothing")
    with pytest.raises(ValueError, match="no class"):
        mapping.changed("nothing", "cell")


def test_equal_class_names_take_the_first() -> None:
    mapping = map_classes(("a", "a"), ("a", "b", "a"))
    assert mapping.model_ids(["a", "a"]).tolist() == [0, 0]


def test_images_in_both_datasets_are_found_by_content(tmp_path: Path) -> None:
    first = write_images(tmp_path / "first", 5)
    second = write_images(tmp_path / "second" / "deeper", 3).parent
    for path in list((second / "deeper").iterdir())[:1]:
        path.rename(second / "another name.jpg")
    large = bytes(50_000)
    (first / "large.jpg").write_bytes(large + b"a" + large)
    (second / "other.jpg").write_bytes(large + b"b" + large)  # the same ends
    (second / "same.jpg").write_bytes(large + b"a" + large)
    one, two = open_dataset(first, "calibration"), open_dataset(second)
    shared = overlap(one, two)
    assert len(shared.images) == 4
    assert {"another name.jpg", "same.jpg"} < set(shared.images)
    assert "other.jpg" not in shared.images
    (apart,) = sentences(overlap_warnings(one, two, shared))
    assert apart.startswith("4 of the 5 images of second are among the calibration images of")
    (whole,) = sentences(overlap_warnings(one, one, overlap(one, one)))
    assert whole.startswith("All the 6 images of first are calibration images, too")
    (second / "same.jpg").unlink()  # that it is gone meanwhile is no error
    assert len(overlap(one, two).images) == 3
    assert overlap_warnings(one, two, overlap(one, open_dataset(second.parent / "second"))) != ()


def test_looking_for_an_overlap_can_be_stopped(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(200):
            (tmp_path / name / f"{number}.jpg").write_bytes(bytes(10))

    def stop(files: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        overlap(open_dataset(tmp_path / "a"), open_dataset(tmp_path / "b"), stop)


def test_images_of_no_common_size_are_counted_while_their_sizes_are_looked_at(
    tmp_path: Path,
) -> None:
    for length, name in enumerate(("a", "b"), start=10):
        (tmp_path / name).mkdir()
        for number in range(200):
            (tmp_path / name / f"{name}{number}.jpg").write_bytes(bytes(length))
    heard: list[int] = []
    overlap(open_dataset(tmp_path / "a"), open_dataset(tmp_path / "b"), heard.append)
    assert heard == [100, 200, 300, 400]


def test_few_images_are_warned_of(tmp_path: Path) -> None:
    dataset = open_dataset(write_images(tmp_path / "few", 2))
    (calibration,) = sentences(dataset_warnings(dataset, "calibration"))
    assert calibration.startswith("few has only 2 images; calibration is more stable with 100")
    (validation,) = sentences(dataset_warnings(dataset, "validation"))
    assert "only 2 images; figures measured on so few may be due to chance" in validation


def test_what_is_odd_about_annotations_is_told(tmp_path: Path) -> None:
    content = coco_dict()
    content["annotations"] = content["annotations"][:1]
    content["categories"].append({"id": 50, "name": "unicorn"})
    truth = read_annotations(open_dataset(write_coco(tmp_path / "set", content=content)))
    mapping = map_classes(truth.class_names, ("cat", "horse"))
    assert sentences(annotation_warnings(truth, mapping)) == (
        "2 of the 3 images have no boxes; every detection in them counts as a false positive.",
        "2 of the 3 classes never occur (cat, unicorn); they are not evaluated.",
        "The model does not know 2 of the dataset's classes (dog, unicorn); 1 of the 1 box is "
        "left out.",
    )
    nothing = sentences(annotation_warnings(truth, map_classes(truth.class_names, ("horse",))))
    assert nothing[-1] == "The model knows none of the dataset's classes. Map them by hand."


def test_annotations_without_a_box_are_told_of(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    for path in (tmp_path / "labels").rglob("*.txt"):
        path.write_text("")
    truth = read_annotations(open_dataset(tmp_path))
    assert np.array_equal(truth.counts(), [])
    assert sentences(annotation_warnings(truth))[0].startswith("There is not a single box")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.timeout(20)
def test_pipes_among_images_do_not_hold_up_the_search_for_the_same(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_image(tmp_path / folder / "a.jpg")
        os.mkfifo(tmp_path / folder / "pipe.jpg")
    shared = overlap(open_dataset(tmp_path / "one"), open_dataset(tmp_path / "two"))
    assert shared.images == ("a.jpg",)
