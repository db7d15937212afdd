"""Parts of a network by its graph alone: names say nothing."""

from __future__ import annotations

from typing import Any, get_args

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset8 as ops

from core.models.plan import Part
from core.optimize.structure import Structure, operations_of
from core.wording.plan_choices import PARTS
from tests.support import models


def kinds(model: ov.Model, part: Part) -> list[str]:
    of_name = {op.get_friendly_name(): op.get_type_name() for op in model.get_ops()}
    return [of_name[name] for name in operations_of(model, part)]


def conv(value: Any, channels: int, kernel: int = 1) -> Any:
    weights = np.ones((channels, value.get_output_shape(0)[1], kernel, kernel), np.float32)
    pad = [kernel // 2] * 2
    return ops.convolution(value, ops.constant(weights), [1, 1], pad, pad, [1, 1])


def depthwise(value: Any) -> Any:
    weights = np.ones((value.get_output_shape(0)[1], 1, 1, 3, 3), np.float32)
    return ops.group_convolution(value, ops.constant(weights), [1, 1], [1, 1], [1, 1], [1, 1])


def model(*outputs: Any, image: Any) -> ov.Model:
    return ov.Model(list(outputs), [image])


def image(channels: int = 3) -> Any:
    return ops.parameter([1, channels, 8, 8], np.float32)


def test_yolox_has_a_head_on_each_grid() -> None:
    yolox = models.yolox()
    assert kinds(yolox, "first_layer") == ["Convolution"]
    assert kinds(yolox, "last_convolutions") == ["Convolution"] * 6, "boxes and scores, 3 strides"
    assert kinds(yolox, "post_processing").count("Sigmoid") == 3
    assert kinds(yolox, "post_processing")[-1] == "Transpose"
    head = operations_of(yolox, "head")
    assert set(operations_of(yolox, "last_convolutions")) <= set(head)
    assert set(operations_of(yolox, "first_layer")).isdisjoint(head)


def test_an_ssd_on_one_grid_has_a_head_for_each_output() -> None:
    ssd = models.ssd()
    assert kinds(ssd, "last_convolutions") == ["Convolution"] * 2
    assert kinds(ssd, "head").count("Convolution") == 2
    assert "DetectionOutput" in kinds(ssd, "post_processing")


def test_elementwise_leaves_biases_with_their_convolutions() -> None:
    seen = image()
    biased = ops.add(conv(seen, 4), np.ones((1, 4, 1, 1), np.float32))
    joined = ops.concat([ops.multiply(biased, ops.sigmoid(biased)), biased], 1)
    assert kinds(model(conv(joined, 2), image=seen), "elementwise") == [
        "Sigmoid",
        "Multiply",
        "Concat",
    ]


def test_depthwise_is_one_filter_for_each_channel() -> None:
    seen = image()
    last = conv(depthwise(conv(seen, 4)), 2)
    assert kinds(model(last, image=seen), "depthwise") == ["GroupConvolution"]


def test_attention_is_a_product_of_two_activations() -> None:
    seen = image()
    rows = ops.reshape(conv(seen, 4), [1, 4, 64], False)
    likely = ops.softmax(ops.matmul(rows, rows, True, False), 2)
    attended = ops.reshape(ops.matmul(rows, likely, False, False), [1, 4, 8, 8], False)
    network = model(conv(attended, 2), image=seen)
    assert kinds(network, "attention") == ["MatMul", "Softmax", "MatMul"]
    assert kinds(network, "last_convolutions") == ["Convolution"]


def test_the_mean_of_a_distribution_is_post_processing() -> None:
    """YOLOv8's box sides: a convolution without anything learnt, behind a Softmax."""
    seen = image()
    sides = ops.softmax(ops.reshape(conv(seen, 16), [1, 16, 8, 8], False), 1)
    network = model(conv(sides, 1), image=seen)
    assert kinds(network, "last_convolutions") == ["Convolution"]
    assert kinds(network, "post_processing") == ["Reshape", "Softmax", "Convolution"]
    (mean,) = Structure(network).quantized_of("post_processing")
    assert mean == operations_of(network, "post_processing")[-1], "NNCF takes it for a layer"


def test_layers_come_from_the_input_to_the_outputs() -> None:
    structure = Structure(models.yolox())
    assert structure.layers[0] == structure.operations_of("first_layer")[0]
    assert structure.layers[-1] in structure.operations_of("last_convolutions")


@pytest.mark.parametrize("part", get_args(Part))
def test_nncf_knows_every_name(part: Part) -> None:
    seen = np.zeros((1, 3, models.SIZE, models.SIZE), np.float32)
    network = models.ssd()
    scope = nncf.IgnoredScope(names=list(operations_of(network, part)), validate=True)
    nncf.quantize(network, nncf.Dataset([seen]), subset_size=1, ignored_scope=scope)


def test_every_part_has_words() -> None:
    assert set(PARTS) == set(get_args(Part))
