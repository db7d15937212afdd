"""Models that take or give integers: those are read by their scale and zero point."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset8 as ops

from core.datasets.open import open_dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.images.opencv import cv2
from core.inference.predicting import predict
from core.models.importing import import_model
from core.models.stored import StoredModel
from core.remarks.sentences import sentences
from tests.support import layouts, models
from tests.support.models import SIZE, Known
from tests.support.onnx_files import Node, onnx_file, scalar

FOUND = [Known((8, 10, 40, 30), 0.8, 2), Known((30, 5, 60, 25), 0.4, 1)]
SCALE = 1.2 / 255  # of outputs in 0..1, and a little more
BOUNDS = {"u8": (0, 255), "i8": (-128, 127), "i16": (-32768, 32767)}
TYPES = {"u8": np.uint8, "i8": np.int8, "i16": np.int16}
ONNX = {"u8": "uint8", "i8": "int8"}


def table() -> np.ndarray[Any, Any]:
    """YOLOv8's, with boxes in 0..1 so that one scale serves boxes and scores."""
    boxes, scores = layouts.dense(FOUND, 84)
    return np.concatenate([layouts.centres(boxes) / SIZE, scores], axis=1).T[None]


def tflite_like(kind: str, known: bool = True) -> ov.Model:
    """As a TFLite file comes in: FakeQuantize to whole numbers, then the conversion.

    Scores are multiplied with the mean of the image, which counts from 0 to 1.
    """
    low, high = BOUNDS[kind]
    levels = high - low + 1
    image = ops.parameter([1, SIZE, SIZE, 3], TYPES[kind], name="image")
    real: Any = ops.convert(ops.transpose(image, [0, 3, 1, 2]), "f32")
    if known:
        real = ops.fake_quantize(
            real, np.float32(low), np.float32(high), np.float32(0), np.float32(1), levels
        )
    mean = ops.reduce_mean(real, [0, 1, 2, 3], False)
    rows = table().astype(np.float32)
    likely = ops.multiply(ops.constant(rows[:, 4:]), mean)
    value: Any = ops.concat([ops.constant(rows[:, :4]), likely], 1)
    if known:
        span = [np.float32(bound) for bound in (-20 * SCALE, (levels - 21) * SCALE)]
        if kind == "i16":
            span = [np.float32(-1.5), np.float32(1.5)]
        value = ops.fake_quantize(value, *span, np.float32(low), np.float32(high), levels)
    value = ops.reshape(ops.convert(value, kind), ops.constant([1, 7, 84]), False)
    model = ov.Model([value], [image], "integers")
    model.output(0).set_names({"Identity"})
    model.input(0).set_names({"image"})
    return model


def onnx_like(kind: str) -> bytes:
    """With ONNX's DequantizeLinear at the input and QuantizeLinear at the output."""
    zero = {"u8": 0, "i8": -128}[kind]
    rows = table().astype(np.float32)
    nodes = [
        Node("DequantizeLinear", ["images", "in_scale", "in_zero"], ["real"]),
        Node("ReduceMean", ["real"], ["mean"], {"keepdims": 0}),
        Node("Mul", ["scores", "mean"], ["likely"]),
        Node("Concat", ["boxes", "likely"], ["rows"], {"axis": 1}),
        Node("QuantizeLinear", ["rows", "out_scale", "out_zero"], ["output0"]),
    ]
    tensors = {
        "in_scale": scalar(1 / 255),
        "in_zero": scalar(zero, ONNX[kind]),
        "boxes": rows[:, :4],
        "scores": rows[:, 4:],
        "out_scale": scalar(SCALE),
        "out_zero": scalar(zero + 7, ONNX[kind]),
    }
    return onnx_file(
        nodes, tensors, {"images": ((1, 3, SIZE, SIZE), ONNX[kind])},
        {"output0": (rows.shape, ONNX[kind])},
    )  # fmt: skip


def found_in_white(stored: StoredModel, folder: Path) -> DetectionTable:
    folder.mkdir()
    white = np.full((SIZE, SIZE, 3), 255, np.uint8)
    (folder / "white.png").write_bytes(cv2.imencode(".png", white)[1].tobytes())
    return predict(stored.xml, stored.card.detector, open_dataset(folder)).table


def assert_found(table: DetectionTable) -> None:
    assert table.class_ids.tolist() == [2, 1]
    assert np.abs(table.boxes - np.array([one.box for one in FOUND])).max() < SIZE * SCALE
    assert table.scores.tolist() == pytest.approx([0.8, 0.4], abs=SCALE)


@pytest.mark.parametrize("kind", ["u8", "i8", "i16"])
def test_tflite_integers_stand_for_real_values(tmp_path: Path, kind: str) -> None:
    path = models.save(tflite_like(kind), tmp_path / "model", "quantized", models.CLASSES)
    stored = import_model(path, tmp_path)
    assert stored.card.info.outputs[0].describe() == "Identity [1,7,84] f32"
    values = "0..255" if kind == "u8" else "0..1"  # bytes are pixels as they are
    assert stored.card.detector.preprocessing.values_in_words() == values
    assert stored.card.detector.options["coordinates"] == "unit"
    assert stored.card.detector.options["sigmoid"] is False
    assert_found(found_in_white(stored, tmp_path / "images"))


@pytest.mark.parametrize("kind", ["u8", "i8"])
def test_onnx_integers_stand_for_real_values(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "quantized.onnx"
    path.write_bytes(onnx_like(kind))
    path.with_suffix(".txt").write_text("\n".join(models.CLASSES), "utf-8")
    (tmp_path / "out").mkdir()
    stored = import_model(path, tmp_path / "out")
    values = "0..255" if kind == "u8" else "0..1"
    assert stored.card.detector.preprocessing.values_in_words() == values
    assert_found(found_in_white(stored, tmp_path / "images"))


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0, 1, "0..1"),
        (-1, 1, "-1..1"),
        (0, 255, "0..255"),
        (0.0, 0.99, "0..1"),  # the images that it was calibrated on were not quite white
        (-2.1, 2.6, "0..1"),  # no usual range: the layout's convention holds
    ],
)
def test_a_quantized_input_of_floats_tells_its_values(
    tmp_path: Path, low: float, high: float, values: str
) -> None:
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    span = [np.float32(low), np.float32(high)]
    real = ops.fake_quantize(image, *span, *span, 256)
    zero = ops.reduce_mean(models.nothing(real), [0, 1, 2, 3], False)
    output = ops.add(ops.constant(table().astype(np.float32)), zero)
    model = ov.Model([output], [image], "quantized")
    path = models.save(model, tmp_path / "model", "quantized", models.CLASSES)
    detector = import_model(path, tmp_path).card.detector
    assert detector.preprocessing.values_in_words() == values
    said = f"Its quantized input represents {values}." in sentences(detector.reasons)
    assert said == (low > -2)


def test_integers_of_unknown_meaning_are_refused(tmp_path: Path) -> None:
    path = models.save(tflite_like("i8", known=False), tmp_path, "model")
    with pytest.raises(InputError) as refused:
        import_model(path, tmp_path)
    assert "model.xml gives its output Identity as integers of 8 bits" in refused.value.what
    assert "does not say what they stand for" in refused.value.what
    assert "inputs and outputs of floats" in refused.value.next_step


def test_an_input_of_unknown_integers_is_refused(tmp_path: Path) -> None:
    image = ops.parameter([1, 3, SIZE, SIZE], np.int8, name="image")
    zero = ops.reduce_mean(models.nothing(ops.convert(image, "f32")), [0, 1, 2, 3], False)
    output = ops.add(ops.constant(table().astype(np.float32)), zero)
    path = models.save(ov.Model([output], [image], "i8"), tmp_path, "model")
    with pytest.raises(InputError, match="takes its image as integers of 8 bits"):
        import_model(path, tmp_path)
