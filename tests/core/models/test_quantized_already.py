"""Models that were quantized elsewhere, in every form that has: known for it, weights counted."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.models.importing import import_model
from core.models.info import ModelInfo
from core.models.plan import QuantizationPlan
from core.optimize.quantizing import quantize
from tests.support import layouts, models
from tests.support.images import write_images
from tests.support.models import SIZE, Known
from tests.support.onnx_files import Node, onnx_file, scalar

FOUND = [Known((8, 10, 40, 30), 0.9, 2), Known((1, 2, 20, 60), 0.5, 0)]
WEIGHTS = 64 * 3 * 3 * 3

WEIGHTS_ONLY = [
    Node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["weights"]),
    Node("Conv", ["images", "weights"], ["made"]),
]
WITH_FIXED_SCALES = [
    Node("QuantizeLinear", ["images", "scale", "zero"], ["q"]),
    Node("DequantizeLinear", ["q", "scale", "zero"], ["x"]),
    Node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["weights"]),
    Node("Conv", ["x", "weights"], ["made"]),
]
WITH_INTEGER_CONVOLUTION = [
    Node("QuantizeLinear", ["images", "scale", "zero"], ["q"]),
    Node(
        "QLinearConv",
        ["q", "scale", "zero", "w", "w_scale", "w_zero", "scale", "zero"],
        ["c"],
    ),
    Node("DequantizeLinear", ["c", "scale", "zero"], ["made"]),
]
WITH_SCALES_OF_EVERY_IMAGE = [
    Node("DynamicQuantizeLinear", ["images"], ["q", "q_scale", "q_zero"]),
    Node("ConvInteger", ["q", "w", "q_zero", "w_zero"], ["c"]),
    Node("Cast", ["c"], ["made"], {"to": 1}),
]
ROUNDED_ALONE = [
    Node("DynamicQuantizeLinear", ["images"], ["q", "q_scale", "q_zero"]),
    Node("DequantizeLinear", ["q", "q_scale", "q_zero"], ["x"]),
    Node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["weights"]),
    Node("Conv", ["x", "weights"], ["made"]),
]


def detector(nodes: list[Node]) -> bytes:
    """YOLOv8's output, plus nothing times what these operations make of the image."""
    boxes, scores = layouts.dense(FOUND, 84)
    table = np.concatenate([layouts.centres(boxes), scores], axis=1).T[None]
    ends = [
        Node("ReduceMean", ["made"], ["mean"], {"keepdims": 0}),
        Node("Mul", ["mean", "nothing"], ["none"]),
        Node("Add", ["table", "none"], ["output0"]),
    ]
    random = np.random.default_rng(0)
    tensors = {
        "w": random.integers(-100, 100, (64, 3, 3, 3)).astype(np.int8),
        "w_scale": scalar(0.01),
        "w_zero": scalar(0, "int8"),
        "scale": scalar(1 / 255),
        "zero": scalar(0, "uint8"),
        "table": table.astype(np.float32),
        "nothing": scalar(0),
    }
    shape = (1, 3, SIZE, SIZE)
    return onnx_file(
        [*nodes, *ends], tensors, {"images": (shape, "float32")},
        {"output0": (table.shape, "float32")},
    )  # fmt: skip


def told_of(nodes: list[Node], folder: Path) -> tuple[Path, ModelInfo]:
    path = folder / "model.onnx"
    path.write_bytes(detector(nodes))
    stored = import_model(path, folder)
    return stored.xml, stored.card.info


@pytest.mark.parametrize(
    "nodes",
    [
        WITH_FIXED_SCALES,
        WITH_INTEGER_CONVOLUTION,
        WITH_SCALES_OF_EVERY_IMAGE,
        ROUNDED_ALONE,
    ],
    ids=["qdq", "qlinearconv", "convinteger", "dynamic"],
)
def test_it_is_quantized_already_and_not_optimized(tmp_path: Path, nodes: list[Node]) -> None:
    xml, info = told_of(nodes, tmp_path)
    assert (info.quantized, info.precision) == (True, "INT8")
    assert info.quantization.startswith("It is quantized already")
    assert WEIGHTS <= info.parameters < 2 * WEIGHTS
    stored = import_model(xml, tmp_path / "again")  # also in the form that it is stored in
    assert stored.card.info.quantized
    dataset = open_dataset(write_images(tmp_path / "images", 2))
    with pytest.raises(InputError, match="is quantized already"):
        quantize(xml, stored.card.detector, dataset, QuantizationPlan(), lambda *step: None)


def test_weights_in_8_bits_alone_are_told_and_optimized(tmp_path: Path) -> None:
    _, info = told_of(WEIGHTS_ONLY, tmp_path)
    assert (info.quantized, info.packed_weights, info.precision) == (False, True, "FP32")
    assert info.quantization == (
        "Its weights are quantized already, to 8 bits; it computes with floats."
    )
    assert WEIGHTS <= info.parameters < 2 * WEIGHTS


def test_floats_are_not_taken_for_quantized(tmp_path: Path) -> None:
    info = import_model(models.save(models.yolox(), tmp_path, "model"), tmp_path).card.info
    assert (info.quantized, info.packed_weights, info.quantization) == (False, False, "")
