"""Tiny detectors, built when a test asks: real networks that NNCF quantizes in a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset8 as ops

from core.models.facts import Facts, facts_of
from core.models.shapes import fix_shapes

SIZE = 64
STRIDES = (8, 16, 32)
CLASSES = ("cat", "dog", "bird")


def ssd(size: int = SIZE, classes: int = 3, seed: int = 0) -> ov.Model:
    """An SSD as the Open Model Zoo has them: ``[1,1,20,7]`` out of DetectionOutput.

    Label 0 is the background; the weights are random, so that it finds "something" everywhere.
    """
    random = np.random.default_rng(seed)
    image = ops.parameter([1, 3, size, size], np.float32, name="image")
    features = _backbone(_normalised(image), random)
    cells = size // 8
    priors = 2
    count = cells * cells * priors
    location = _flat(_conv(features, random, 4 * priors, gain=0.3))
    scores = _conv(features, random, (classes + 1) * priors, gain=4.0)
    scores = ops.reshape(ops.transpose(scores, [0, 2, 3, 1]), [1, count, classes + 1], False)
    scores = ops.reshape(ops.softmax(scores, 2), [1, -1], False)
    output = ops.detection_output(
        location, scores, _priors(cells, priors), _detection_output_attributes()
    )
    return _named(ov.Model([output], [image], "tiny_ssd"), "image", "detection_out")


def yolox(
    width: int = SIZE, height: int = SIZE, classes: int = 3, seed: int = 0, sigmoid: bool = True
) -> ov.Model:
    """A raw YOLOX: ``[1,N,5+classes]``, boxes as grid offsets, scores through a sigmoid."""
    random = np.random.default_rng(seed)
    image = ops.parameter([1, 3, height, width], np.float32, name="images")
    features = _backbone(_normalised(image), random)
    heads = []
    for level in range(len(STRIDES)):
        if level:
            features = _swish(_conv(features, random, 16, kernel=3, stride=2))
        boxes = _conv(features, random, 4, gain=0.3)
        likely = _conv(features, random, 1 + classes, gain=8.0)
        if sigmoid:
            likely = ops.sigmoid(likely)
        head = ops.concat([boxes, likely], 1)
        heads.append(ops.reshape(head, [1, 5 + classes, -1], False))
    rows = ops.transpose(ops.concat(heads, 2), [0, 2, 1])
    return _named(ov.Model([rows], [image], "tiny_yolox"), "images", "output")


def embedding(size: int = SIZE) -> ov.Model:
    """No detector: an image becomes 256 numbers."""
    random = np.random.default_rng(0)
    image = ops.parameter([1, 3, size, size], np.float32, name="image")
    pooled = ops.reduce_mean(_conv(_backbone(image, random), random, 256), [2, 3], False)
    return _named(ov.Model([pooled], [image], "embedding"), "image", "embedding")


@dataclass(frozen=True)
class Known:
    """A box that a model of known outputs always finds, in pixels of its input."""

    box: tuple[float, float, float, float]
    score: float
    class_id: int


def known_ssd(found: Sequence[Known], size: int = SIZE, rows: int = 20) -> ov.Model:
    """An SSD-shaped model that finds these boxes in every image. It needs a labels.txt."""
    table = np.zeros((1, 1, rows, 7), np.float32)
    table[0, 0, len(found) :, 0] = -1 if len(found) < rows else 0
    for row, one in zip(table[0, 0], found, strict=False):
        row[1:] = [one.class_id, one.score, *(side / size for side in one.box)]
    image = ops.parameter([1, 3, size, size], np.float32, name="image")
    output = ops.add(ops.constant(table), nothing(image))
    return _named(ov.Model([output], [image], "known_ssd"), "image", "detection_out")


def known_yolox(
    found: Sequence[Known], width: int = SIZE, height: int = SIZE, classes: int = 3
) -> ov.Model:
    """A raw YOLOX that finds these boxes in every image."""
    cells = [
        (stride, x, y)
        for stride in STRIDES
        for y in range(height // stride)
        for x in range(width // stride)
    ]
    boxes = np.zeros((1, len(cells), 4), np.float32)
    likely = np.full((1, len(cells), 1 + classes), -30, np.float32)
    for number, one in enumerate(found):
        stride, x, y = cells[number]
        left, top, right, bottom = one.box
        boxes[0, number] = [
            (left + right) / 2 / stride - x,
            (top + bottom) / 2 / stride - y,
            np.log((right - left) / stride),
            np.log((bottom - top) / stride),
        ]
        likely[0, number, [0, 1 + one.class_id]] = [30, np.log(one.score / (1 - one.score))]
    image = ops.parameter([1, 3, height, width], np.float32, name="images")
    zero = ops.reshape(nothing(image), [1, 1, 1], False)
    rows = ops.concat(
        [ops.add(ops.constant(boxes), zero), ops.sigmoid(ops.add(ops.constant(likely), zero))], 2
    )
    return _named(ov.Model([rows], [image], "known_yolox"), "images", "output")


def chain(length: int, size: int = SIZE) -> ov.Model:
    """An SSD behind many small operations."""
    image = ops.parameter([1, 3, size, size], np.float32, name="image")
    value: Any = image
    for _ in range(length):
        value = ops.relu(value)
    rows = ops.reshape(ops.reduce_mean(value, [1, 2, 3], False), [1, 1, 1, 1], False)
    output = ops.broadcast(rows, [1, 1, 20, 7])
    return _named(ov.Model([output], [image], "chain"), "image", "detection_out")


def facts(model: ov.Model) -> Facts:
    """What recognition looks at."""
    return facts_of(model, fix_shapes(model))


def save(model: ov.Model, folder: Path, name: str, labels: Sequence[str] = ()) -> Path:
    """Write `model` as IR into `folder`, with its class names beside it if there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    if labels:
        path.with_suffix(".txt").write_text("\n".join(labels) + "\n", "utf-8")
    return path


def _backbone(image: Any, random: np.random.Generator) -> Any:
    value = image
    for _ in range(3):
        value = _swish(_conv(value, random, 16, kernel=3, stride=2, gain=2.0))
    return value


def _normalised(image: Any) -> Any:
    return ops.subtract(ops.multiply(image, np.float32(1 / 128)), np.float32(1))


def _conv(
    value: Any,
    random: np.random.Generator,
    channels: int,
    kernel: int = 1,
    stride: int = 1,
    gain: float = 1.0,
) -> Any:
    inputs = value.get_output_partial_shape(0)[1].get_length()
    deviation = gain / np.sqrt(inputs * kernel * kernel)
    weights = random.normal(0, deviation, (channels, inputs, kernel, kernel)).astype(np.float32)
    pad = [kernel // 2] * 2
    made = ops.convolution(value, ops.constant(weights), [stride] * 2, pad, pad, [1, 1])
    bias = random.normal(0, 0.1, (1, channels, 1, 1)).astype(np.float32)
    return ops.add(made, ops.constant(bias))


def _swish(value: Any) -> Any:
    return ops.multiply(value, ops.sigmoid(value))


def _flat(value: Any) -> Any:
    return ops.reshape(ops.transpose(value, [0, 2, 3, 1]), [1, -1], False)


def nothing(image: Any) -> Any:
    """Zero, ``[1,1,1,1]``, by way of a convolution over the image."""
    random = np.random.default_rng(0)
    mean = ops.reduce_mean(_conv(image, random, 4, kernel=3), [1, 2, 3], True)
    return ops.multiply(mean, np.float32(0))


def _priors(cells: int, priors: int) -> NDArray[np.float32]:
    """Boxes in 0..1 and their variances, ``[1,2,4 * number]``."""
    y, x = np.mgrid[:cells, :cells]
    centres = np.stack([x, y], axis=-1).reshape(-1, 1, 2) + 0.5
    sides = np.array([[2.0, 2.0], [3.0, 1.5]])[:priors]
    boxes = np.concatenate([centres - sides / 2, centres + sides / 2], axis=-1) / cells
    variances = np.tile([0.1, 0.1, 0.2, 0.2], cells * cells * priors)
    return np.stack([boxes.reshape(-1), variances])[None].astype(np.float32)


def _detection_output_attributes() -> dict[str, Any]:
    return {
        "background_label_id": 0,
        "top_k": 100,
        "keep_top_k": np.array([20], np.int32),
        "code_type": "caffe.PriorBoxParameter.CENTER_SIZE",
        "share_location": True,
        "nms_threshold": np.float32(0.45),
        "confidence_threshold": np.float32(0.05),
        "clip_after_nms": True,
        "clip_before_nms": False,
        "normalized": True,
        "variance_encoded_in_target": False,
        "decrease_label_id": False,
    }


def _named(model: ov.Model, image: str, output: str) -> ov.Model:
    model.input(0).set_names({image})
    model.output(0).set_names({output})
    model.validate_nodes_and_infer_types()
    return model
