import os
import re
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.detection.labels import (
    coco_category_ids,
    label_map,
    labels_by_model_name,
    numbered_labels,
)
from core.errors import InputError, WorkbenchError
from core.inference.predicting import predict
from core.models.importing import import_model
from core.models.info import model_info
from core.models.plan import QuantizationPlan
from core.models.quantized import is_quantized
from core.models.sources import safe_name
from core.models.stored import CARD_SUFFIX, StoredModel, load_stored
from core.optimize.quantizing import quantize
from core.remarks.sentences import sentences
from core.runtime import openvino_core
from tests.support import models
from tests.support.images import write_image, write_images


def imported(path: Path, folder: Path) -> StoredModel:
    folder.mkdir(parents=True, exist_ok=True)
    return import_model(path, folder)


def test_the_card_tells_what_the_model_is(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path, "my detector", models.CLASSES)
    stages: list[str] = []
    (tmp_path / "out").mkdir()
    stored = import_model(path, tmp_path / "out", stages.append)
    info = stored.card.info
    assert stored.xml.parent == tmp_path / "out"
    assert (stored.card.name, stored.card.source) == ("my detector", path)
    assert (info.framework, info.precision, info.quantized) == ("openvino", "FP32", False)
    assert info.inputs[0].describe() == "image [1,3,64,64] f32"
    assert info.outputs[0].describe() == "detection_out [1,1,20,7] f32"
    assert info.size_bytes == sum(p.stat().st_size for p in (path, path.with_suffix(".bin")))
    assert stored.card.detector.class_names == models.CLASSES
    assert load_stored(stored.xml) == stored
    assert stages == ["Reading the model", "Running it once", "Copying it into the workspace"]


def test_gflops_and_parameters_are_counted() -> None:
    from openvino import opset8 as ops

    image = ops.parameter([1, 3, 8, 8], np.float32)
    weights = np.ones((4, 3, 3, 3), np.float32)
    output = ops.convolution(image, ops.constant(weights), [1, 1], [1, 1], [1, 1], [1, 1])
    info = model_info(ov.Model([output], [image], "conv"), "openvino", 1)
    assert info.parameters == 4 * 3 * 3 * 3
    assert info.gflops == pytest.approx(2 * 4 * 8 * 8 * 3 * 3 * 3 / 1e9, abs=5e-5)


def test_dynamic_shapes_have_no_gflops() -> None:
    model = models.yolox()
    model.reshape([1, 3, -1, -1])
    info = model_info(model, "onnx", 1)
    assert info.gflops is None
    assert info.inputs[0].shape == (1, 3, "?", "?")


def test_half_precision_weights_stay_half(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    ov.save_model(models.ssd(), path, compress_to_fp16=True)
    stored = imported(path, tmp_path / "out")
    assert stored.card.info.precision == "FP16"
    kept = stored.xml.with_suffix(".bin").stat().st_size
    assert kept == path.with_suffix(".bin").stat().st_size


def test_the_source_is_not_touched_and_may_go(tmp_path: Path) -> None:
    path = models.save(models.yolox(), tmp_path / "users", "model", models.CLASSES)
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    stored = imported(path, tmp_path / "out")
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before
    for file in path.parent.iterdir():
        file.unlink()
    table = predict(
        stored.xml, stored.card.detector, open_dataset(write_images(tmp_path / "images", 2))
    ).table
    assert len(table) == 2


@pytest.mark.parametrize("card", ["{bad", "{}", '{"name": 5}', ""])
def test_a_damaged_card_is_refused_and_not_passed_over(tmp_path: Path, card: str) -> None:
    """The model would be used otherwise than its user said, unseen."""
    stored = imported(models.save(models.ssd(), tmp_path / "users", "ssd"), tmp_path / "ours")
    beside = stored.xml.with_suffix(CARD_SUFFIX)
    beside.write_text(card)
    with pytest.raises(InputError, match=re.escape(str(beside))) as refused:
        imported(stored.xml, tmp_path / "again")
    assert str(refused.value).endswith("to have the model examined anew.")
    beside.unlink()
    assert imported(stored.xml, tmp_path / "anew").card.name == "ssd"


@pytest.mark.parametrize("name", ["result", "dataset-0", "a.b.c", "x" * 120, "ünï 猫", "..."])
def test_models_of_any_name(tmp_path: Path, name: str) -> None:
    path = models.save(models.ssd(), tmp_path / "users", name)
    stored = imported(path, tmp_path / "out")
    assert stored.card.name == path.stem
    assert load_stored(stored.xml).card == stored.card
    assert openvino_core().read_model(stored.xml).inputs


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a b/c", "a_b_c"), ("ünï", "_n_"), ("..", "model"), ("", "model"), ("x" * 99, "x" * 80)],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_names_beside_the_model_come_first(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path, "model")
    (tmp_path / "labels.txt").write_text("fox\n\n  wolf \nhare\n", "utf-8")
    assert imported(path, tmp_path / "1").card.detector.class_names == ("fox", "wolf", "hare")
    (tmp_path / "model.txt").write_text("a\nb\nc\n", "utf-8")
    assert imported(path, tmp_path / "2").card.detector.class_names == ("a", "b", "c")


def test_too_few_names_are_not_used(tmp_path: Path) -> None:
    path = models.save(models.ssd(classes=3), tmp_path, "model", ["cat", "dog"])
    detector = imported(path, tmp_path / "out").card.detector
    assert detector.class_names == ("class 0", "class 1", "class 2")
    assert "labels.txt" in " ".join(sentences(detector.reasons))


def test_published_names_are_known_by_the_models_name(tmp_path: Path) -> None:
    name = "person-vehicle-bike-detection-2001"
    path = models.save(models.ssd(classes=3), tmp_path, name)
    assert imported(path, tmp_path / "out").card.detector.class_names == (
        "vehicle", "person", "bike"
    )  # fmt: skip
    assert labels_by_model_name()[name] == ("vehicle", "person", "bike")


@pytest.mark.parametrize(
    ("name", "classes", "first", "last"),
    [
        ("best", 80, "person", "toothbrush"),
        ("best", 20, "class 0", "class 19"),  # many have twenty classes of their own
        ("ssd_voc0712", 20, "aeroplane", "tvmonitor"),
    ],
)
def test_a_well_known_number_of_classes_has_names(
    tmp_path: Path, name: str, classes: int, first: str, last: str
) -> None:
    path = models.save(models.yolox(classes=classes), tmp_path / "model", name)
    detector = imported(path, tmp_path / "out").card.detector
    names = detector.class_names
    assert (len(names), names[0], names[-1]) == (classes, first, last)
    assert ("Pascal VOC has as many" in " ".join(sentences(detector.reasons))) == (
        first == "class 0"
    )


def test_a_model_that_does_not_tell_its_classes_asks_for_labels(tmp_path: Path) -> None:
    path = models.save(models.known_ssd([]), tmp_path, "model")
    with pytest.raises(InputError, match="how many classes") as refused:
        imported(path, tmp_path / "out")
    assert "labels.txt" in refused.value.next_step


def test_label_maps() -> None:
    coco = label_map("coco-80")
    assert (len(coco), coco[15], coco[62]) == (80, "cat", "tv")
    assert len(label_map("voc-20")) == 20
    identities = coco_category_ids()
    assert (len(identities), identities[0], identities[15], identities[-1]) == (80, 1, 17, 90)
    assert numbered_labels(2) == ("class 0", "class 1")


def test_a_list_that_does_not_fit_is_never_used_shifted(tmp_path: Path) -> None:
    path = models.save(models.ssd(classes=3), tmp_path, "model")
    (tmp_path / "labels.txt").write_text("# mine\na\nb\nc\nd\n", "utf-8")
    detector = imported(path, tmp_path / "1").card.detector
    assert detector.class_names == ("class 0", "class 1", "class 2")
    assert "labels.txt has 4 names for 3 classes, and is not used." in " ".join(
        sentences(detector.reasons)
    )
    (tmp_path / "coco.names").write_bytes("行人\n车\n猫\n".encode("gbk"))
    detector = imported(path, tmp_path / "2").card.detector
    assert detector.class_names == ("行人", "车", "猫"), "another list does fit"
    assert "coco.names beside the model; it is not UTF-8" in " ".join(sentences(detector.reasons))
    (tmp_path / "labels.txt").write_bytes(b"\0\1\2")
    detector = imported(path, tmp_path / "3").card.detector
    assert detector.class_names == ("行人", "车", "猫")
    assert "labels.txt is not used: " in " ".join(sentences(detector.reasons))


def test_a_model_of_ours_keeps_what_was_known_about_it(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path / "users", "model", models.CLASSES)
    stored = imported(path, tmp_path / "ours")
    again = imported(stored.xml, tmp_path / "again")
    assert again.card.detector == stored.card.detector
    weights = stored.xml.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    assert imported(stored.xml, tmp_path / "other").card.detector.class_names == (
        "class 0", "class 1", "class 2"
    )  # fmt: skip


def test_a_missing_card_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="is missing"):
        load_stored(models.save(models.ssd(), tmp_path, "model"))


@pytest.mark.parametrize("make", [models.ssd, models.yolox], ids=["ssd", "yolox"])
def test_an_int8_model_is_recognised_and_not_quantized_twice(tmp_path: Path, make: object) -> None:
    assert callable(make)
    path = models.save(make(), tmp_path, "model", models.CLASSES)
    stored = imported(path, tmp_path / "parent")
    dataset = open_dataset(write_images(tmp_path / "images", 4))
    steps: list[tuple[str, int, int | None]] = []
    made = quantize(
        stored.xml,
        stored.card.detector,
        dataset,
        QuantizationPlan(subset_size=3),
        lambda *step: steps.append(step),
    )
    assert (made.images_used, made.problems) == (3, ())
    assert is_quantized(made.model)
    stages = list(dict.fromkeys(stage for stage, _, _ in steps))
    assert stages == ["Loading NNCF", "Collecting statistics", "Correcting biases"]
    for stage in stages[1:]:
        counts = [(done, total) for name, done, total in steps if name == stage]
        assert counts[0][0] == 0
        assert counts[-1][0] == counts[-1][1], "each stage ends at its total"

    int8 = models.save(made.model, tmp_path / "int8", "model", models.CLASSES)
    again = imported(int8, tmp_path / "child")
    assert again.card.info.quantized
    assert again.card.info.precision == "INT8"
    ours, theirs = again.card.detector, stored.card.detector
    assert (ours.decoder, ours.options, ours.class_names) == (
        theirs.decoder, theirs.options, theirs.class_names
    )  # fmt: skip
    with pytest.raises(InputError, match="is quantized already"):
        quantize(again.xml, again.card.detector, dataset, QuantizationPlan(), lambda *step: None)


def test_calibration_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    stored = imported(models.save(models.ssd(), tmp_path, "model"), tmp_path / "out")
    write_images(tmp_path / "images", 3)
    (tmp_path / "images" / "broken.jpg").write_bytes(b"?")
    dataset = open_dataset(tmp_path / "images")
    made = quantize(
        stored.xml, stored.card.detector, dataset, QuantizationPlan(), lambda *step: None
    )
    assert made.images_used == 3
    assert [("broken.jpg" in problem) for problem in sentences(made.problems)] == [True]


def test_calibration_without_any_image_fails_in_words(tmp_path: Path) -> None:
    stored = imported(models.save(models.ssd(), tmp_path, "model"), tmp_path / "out")
    write_image(tmp_path / "images" / "a.jpg").write_bytes(b"?")
    dataset = open_dataset(tmp_path / "images")
    with pytest.raises(WorkbenchError, match="None of the calibration images") as failed:
        quantize(stored.xml, stored.card.detector, dataset, QuantizationPlan(), lambda *step: None)
    assert "a.jpg" in failed.value.next_step
    with pytest.raises(WorkbenchError, match="None of the 1 images"):
        predict(stored.xml, stored.card.detector, dataset)


def test_prediction_keeps_the_order_and_names_what_was_left_out(tmp_path: Path) -> None:
    stored = imported(models.save(models.yolox(), tmp_path, "model"), tmp_path / "out")
    for number in range(9):
        write_image(tmp_path / "images" / f"{number}.png", 50 + number, 40, seed=number)
    (tmp_path / "images" / "4.png").write_bytes(b"?")
    dataset = open_dataset(tmp_path / "images")
    done: list[int] = []
    made = predict(stored.xml, stored.card.detector, dataset, progress=done.append)
    assert made.table.image_names == tuple(f"{n}.png" for n in range(9) if n != 4)
    assert made.table.image_sizes[:, 0].tolist() == [50 + n for n in range(9) if n != 4]
    assert ["4.png" in problem for problem in sentences(made.problems)] == [True]
    assert done == list(range(1, 10))
    alone = predict(
        stored.xml,
        stored.card.detector,
        dataset.__class__(name="", root=dataset.root, kind="folder", images=("6.png",)),
    )
    assert alone.table[0].boxes.tolist() == made.table[5].boxes.tolist()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_what_lies_beside_a_model_and_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path, "ssd")
    (tmp_path / "labels.txt").mkdir()
    reasons = imported(path, tmp_path / "a").card.detector.reasons
    assert "labels.txt is not a regular file" in " ".join(sentences(reasons))
    os.mkfifo(tmp_path / "metadata.yaml")
    with pytest.raises(InputError, match=r"metadata\.yaml is not a regular file"):
        imported(path, tmp_path / "b")
    (tmp_path / "metadata.yaml").unlink()
    os.mkfifo(tmp_path / "ssd.card.json")
    with pytest.raises(InputError, match=r"ssd\.card\.json .*not a regular file.*Remove .*card"):
        imported(path, tmp_path / "c")
