"""Models of other frameworks, folders of them, and what exporters write beside the graph."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

from core.errors import InputError
from core.models.importing import import_model
from core.models.metadata import file_metadata, graph_metadata
from core.models.sources import find_model_file, framework_of, holds_model
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from tests.support import layouts, models, protobuf
from tests.support.models import SIZE

NAMES = {0: "fox", 1: "wolf", 2: "hare"}


def table() -> NDArray[np.float32]:
    """YOLOv8's output for a 64 x 64 input and three classes."""
    random = np.random.default_rng(0)
    boxes = random.uniform(8, 56, (4, 84))
    return np.concatenate([boxes, random.uniform(0, 1, (3, 84))])[None].astype(np.float32)


def imported(path: Path, folder: Path) -> ModelCard:
    folder.mkdir()
    return import_model(path, folder).card


def test_onnx_tells_its_names_in_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "best.onnx"
    said = {"names": str(NAMES), "task": "detect", "stride": "32", "imgsz": "[64, 64]"}
    path.write_bytes(protobuf.onnx_model(table(), SIZE, said))
    card = imported(path, tmp_path / "out")
    assert (card.info.framework, card.detector.decoder) == ("onnx", "yolov8")
    assert card.detector.class_names == ("fox", "wolf", "hare")
    assert "Class names come from best.onnx." in sentences(card.detector.reasons)


def test_a_frozen_tensorflow_graph(tmp_path: Path) -> None:
    path = tmp_path / "frozen.pb"
    path.write_bytes(protobuf.frozen_graph(table(), SIZE))
    card = imported(path, tmp_path / "out")
    assert (card.info.framework, card.detector.decoder) == ("tensorflow", "yolov8")
    assert card.detector.preprocessing.layout == "NHWC"


@pytest.mark.parametrize("inside", [False, True])
def test_a_savedmodel_folder_or_the_file_in_it(tmp_path: Path, inside: bool) -> None:
    folder = tmp_path / "my detector"
    (folder / "variables").mkdir(parents=True)
    data = protobuf.saved_model(protobuf.frozen_graph(table(), SIZE))
    (folder / "saved_model.pb").write_bytes(data)
    card = imported(folder / "saved_model.pb" if inside else folder, tmp_path / "out")
    assert (card.name, card.info.framework) == ("my detector", "tensorflow")
    assert card.info.size_bytes == len(data)
    assert card.detector.decoder == "yolov8"


def test_paddle_needs_its_weights_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "model" / "model.pdmodel"
    path.parent.mkdir()
    path.write_bytes(protobuf.paddle_program(12, 9, SIZE))
    with pytest.raises(InputError, match=r"needs its weights, model\.pdiparams"):
        imported(path, tmp_path / "none")
    path.with_suffix(".pdiparams").write_bytes(b"")
    assert find_model_file(path.parent) == path
    assert framework_of(path) == "paddle"
    with pytest.raises(InputError, match=r"No known detector has the outputs \[1,12,9\]"):
        imported(path, tmp_path / "out")  # it was read: it only is no detector


def test_an_ultralytics_folder_is_taken_whole(tmp_path: Path) -> None:
    folder = tmp_path / "yolo_openvino_model"
    boxes = protobuf.onnx_model(table(), SIZE)
    (tmp_path / "yolo.onnx").write_bytes(boxes)
    folder.mkdir()
    ov.save_model(ov.Core().read_model(tmp_path / "yolo.onnx"), folder / "yolo.xml")
    lines = [f"  {number}: {name}" for number, name in NAMES.items()]
    said = ["task: detect", "stride: 32", "imgsz:", "- 64", "- 64", "names:", *lines]
    (folder / "metadata.yaml").write_text("\n".join(said), "utf-8")
    card = imported(folder, tmp_path / "out")
    assert card.detector.class_names == ("fox", "wolf", "hare")
    assert "Class names come from metadata.yaml." in sentences(card.detector.reasons)


def test_a_model_of_another_task_is_refused(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path, "model")
    (tmp_path / "metadata.yaml").write_text("task: segment\nstride: 32\n", "utf-8")
    with pytest.raises(InputError, match="was made for another task: segment"):
        imported(path, tmp_path / "out")


def test_tflite_carries_a_zip_at_its_end(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("temp_meta.txt", str({"names": NAMES, "imgsz": [320, 416]}))
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\0\0\0\0TFL3" + bytes(99) + buffer.getvalue())
    found = file_metadata(path)
    assert found.class_names == ("fox", "wolf", "hare")
    assert found.image_size == (320, 416)


@pytest.mark.parametrize(
    "said",
    [
        "more: &x [a]\nnames: &y [*x, *x]\ntask: [*y, *y]",
        "imgsz: 1" + ":59" * 10_000,
        "a: &x [1]\nb: [*x, *x]", "names: 3\ntask: ''", "name: of another program",
    ],
)  # fmt: skip
def test_metadata_of_nothing_is_passed_over(tmp_path: Path, said: str) -> None:
    (tmp_path / "metadata.yaml").write_text(said, "utf-8")
    assert file_metadata(tmp_path / "model.xml").class_names == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "it has no keys and values"), (b"- 1", "it has no keys and values"),
        (b"[", "it is not valid YAML"), (b"names: *x", "it is not valid YAML"),
        (b"names: {1: 2", "it is not valid YAML"),
        (b"names: [2001-13-41, [x], {y: z}]\n? [a]\n: b", "it is not valid YAML"),
        (b"names: " + b"[" * 100_000, "it is nested too deeply"),
        (b"imgsz: 1" + b":59" * 100_000, "it is too long"),
        (b"\0" * 100, "it is not a text file"),
    ],
)  # fmt: skip
def test_damaged_metadata_is_refused_as_a_damaged_card_is(
    tmp_path: Path, said: bytes, why: str
) -> None:
    """Without it the model would be used otherwise, unseen."""
    path = models.save(models.ssd(), tmp_path, "model")
    (tmp_path / "metadata.yaml").write_bytes(said)
    with pytest.raises(InputError, match=rf"metadata\.yaml cannot be read: {why}\. Remove it"):
        imported(path, tmp_path / "out")


def test_model_info_in_the_graph(tmp_path: Path) -> None:
    model = layouts.emitting({"output0": table()})
    said = {
        "labels": "fox polar_bear hare", "mean_values": "123.675 116.28 103.53",
        "scale_values": "58.395 57.12 57.375", "reverse_input_channels": "True",
        "resize_type": "fit_to_window_letterbox", "pad_value": "7",
    }  # fmt: skip
    for key, value in said.items():
        model.set_rt_info(value, ["model_info", key])
    found = graph_metadata(model)
    assert found.class_names == ("fox", "polar bear", "hare")
    card = imported(models.save(model, tmp_path, "model"), tmp_path / "out")
    assert card.detector.preprocessing.describe() == (
        "RGB mean 123.675/116.28/103.53, scale 58.395/57.12/57.375, 64x64, letterbox with 7"
    )


def test_mean_and_scale_inside_the_graph_are_not_applied_twice(tmp_path: Path) -> None:
    model = models.ssd()  # which begins with x / 128 - 1
    model.set_rt_info("127.5", ["model_info", "mean_values"])
    model.set_rt_info("[127.5]", ["model_info", "scale_values"])
    card = imported(models.save(model, tmp_path, "model"), tmp_path / "out")
    assert card.detector.preprocessing.describe() == "BGR 0..255, 64x64, stretch"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
@pytest.mark.parametrize("suffix", [".onnx", ".pb"])
def test_files_that_are_cut_short(tmp_path: Path, suffix: str, share: float) -> None:
    made = {".onnx": protobuf.onnx_model, ".pb": protobuf.frozen_graph}[suffix]
    data = made(table(), SIZE)
    path = tmp_path / f"model{suffix}"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match="cannot be read as a model") as refused:
        imported(path, tmp_path / "out")
    assert "cut short" in refused.value.next_step


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("../secrets.bin", "wants its weights from ../secrets.bin, outside its own folder"),
        ("/etc/passwd", "wants its weights from /etc/passwd, outside its own folder"),
        ("model.data", "needs its weights, model.data, in the same folder"),
        ("a\0b", "is damaged: it wants its weights from a"),
        ("n" * 5000, "n, which is no file's name"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, location: str, cause: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(protobuf.onnx_with_weights_in(location))
    (tmp_path.parent / "secrets.bin").write_bytes(b"")
    with pytest.raises(InputError) as refused:
        imported(path, tmp_path / "out")
    assert cause in refused.value.what


@pytest.mark.parametrize("suffix", [".onnx", ".tflite", ".pb", ".xml"])
def test_a_file_larger_than_any_model_is_not_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    with path.open("wb") as file:
        file.truncate(6 * 2**30)  # of nothing: it takes no room
    with pytest.raises(InputError, match=r"is larger than \d+ MiB"):
        imported(path, tmp_path / "out")


def test_json_files_of_settings_are_no_models(tmp_path: Path) -> None:
    path = models.save(models.ssd(), tmp_path, "model")
    (tmp_path / "config.json").write_text(json.dumps({}), "utf-8")
    assert find_model_file(tmp_path) == path


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (["saved_model.pb"], True),
        (["yolov8n.xml", "yolov8n.bin", "metadata.yaml"], True),
        (["inference.json", "inference.pdiparams"], True),
        (["best.pt", "results.csv"], True),  # to be told how to export it
        (["model.h5"], True),
        (["photo.JPG", "best.pt"], False),
        (["photo.jpg", "annotations.json"], False),
        ([], False),
    ],
)
def test_dropped_folders_that_hold_a_model(tmp_path: Path, names: list[str], held: bool) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert holds_model(tmp_path) == held
