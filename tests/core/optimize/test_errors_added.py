"""What each layer adds to the error of the last layers when it runs in INT8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from core.optimize.errors_added import errors_added, gated
from core.optimize.weighed import Weighed
from core.runtime import openvino_core

SIDE = 16
IMAGES = tuple(
    (np.random.default_rng(seed).uniform(-1, 1, (1, 4, SIDE, SIDE)).astype(np.float32),)
    for seed in range(4)
)
LAYERS = ("first", "own", "pairs", "scores")
COARSE = 30.0
"""Times the range that a layer's inputs need: its steps are as many times too wide."""


def network(behind: bool = False) -> ov.Model:
    """A convolution, a depthwise one, one in groups and a product; each adds a constant but that.

    `behind` has a choice of places, and one more convolution behind it.
    """
    random = np.random.default_rng(7)
    image = ops.parameter([1, 4, SIDE, SIDE], np.float32, name="image")
    value: Any = image
    shapes = {"first": (4, 4, 3, 3), "own": (4, 1, 1, 3, 3), "pairs": (2, 2, 2, 1, 1)}
    for name, shape in shapes.items():
        weights = random.normal(0, 0.3, shape).astype(np.float32)
        value = _layer(value, weights, name)
        value = ops.tanh(value)
    value = ops.transpose(value, ops.constant([0, 2, 3, 1]))
    weights = random.normal(0, 0.3, (4, 6)).astype(np.float32)
    value = ops.matmul(value, ops.constant(weights), False, False, name="scores")
    if not behind:
        return ov.Model([ops.result(value)], [image])
    flat = ops.reshape(value, ops.constant([1, 6, SIDE * SIDE]), False)
    best = ops.topk(flat, ops.constant(16), 2, "max", "value")
    square = ops.reshape(best.output(0), ops.constant([1, 6, 4, 4]), False)
    made = _layer(square, random.normal(0, 0.3, (6, 6, 1, 1)).astype(np.float32), "behind")
    return ov.Model([ops.result(made)], [image])


def _layer(value: Any, weights: NDArray[np.float32], name: str) -> Any:
    make = ops.group_convolution if weights.ndim == 5 else ops.convolution
    pads = [weights.shape[-1] // 2] * 2
    found = make(value, ops.constant(weights), [1, 1], pads, pads, [1, 1], name=name)
    channels = weights.shape[0] * weights.shape[1] if weights.ndim == 5 else weights.shape[0]
    return ops.add(found, ops.constant(np.full((1, channels, 1, 1), 0.1, np.float32)))


def quantized(model: ov.Model, coarse: str = "", keep: Sequence[str] = ()) -> ov.Model:
    """The inputs of the layer `coarse` have far too wide a range; those to `keep` stay in float."""
    scope = nncf.IgnoredScope(names=list(keep))
    items = nncf.Dataset(IMAGES)
    made = nncf.quantize(model, items, subset_size=len(IMAGES), ignored_scope=scope)
    for op in made.get_ordered_ops():
        if op.get_friendly_name() == coarse:
            node = op.input_value(0).get_node()
            while node.get_type_name() != "FakeQuantize":
                node = node.input_value(0).get_node()
            for place in range(1, 5):
                wide = node.input_value(place).get_node().get_data() * COARSE
                node.input(place).replace_source_output(ops.constant(wide).output(0))
    return made


def added(coarse: str = "", behind: bool = False) -> dict[str, Weighed]:
    parent = network(behind)
    found = errors_added(quantized(parent, coarse), parent, IMAGES, openvino_core())
    return {one.name: one for one in found}


@pytest.mark.parametrize("coarse", LAYERS)
def test_the_layer_that_is_quantized_worst_adds_most(coarse: str) -> None:
    found = added(coarse)
    assert tuple(found) == LAYERS
    assert max(found.values(), key=lambda one: one.error).name == coarse
    assert sum(one.error for one in found.values()) == pytest.approx(1.0)


def test_an_image_far_outside_of_all_ranges_does_not_decide() -> None:
    parent = network()
    odd = (*IMAGES[:3], (IMAGES[3][0] * 50,))
    found = errors_added(quantized(parent, "scores"), parent, odd, openvino_core())
    assert max(found, key=lambda one: one.error).name == "scores"
    alone = errors_added(quantized(parent, "scores"), parent, odd[3:], openvino_core())
    assert max(alone, key=lambda one: one.error).name == "first"


def test_work_is_the_share_of_all_multiplications() -> None:
    per_place = {"first": 4 * 4 * 9, "own": 4 * 9, "pairs": 4 * 2, "scores": 4 * 6}
    found = added()
    for name, wanted in per_place.items():
        assert found[name].work == pytest.approx(wanted / sum(per_place.values()))


def test_layers_behind_a_choice_are_left_out_and_those_before_are_measured_in_front_of_it() -> None:
    alone, chosen = added("own"), added("own", behind=True)
    assert "behind" not in chosen
    assert chosen["own"].error == pytest.approx(alone["own"].error, rel=0.05)


def test_closed_gates_give_what_the_parent_gives_and_open_ones_what_was_quantized() -> None:
    parent = network()
    made = quantized(parent, "own")
    engine = {"INFERENCE_PRECISION_HINT": "f32", "LP_TRANSFORMS_MODE": "NO"}
    wanted = [
        openvino_core().compile_model(one, "CPU", engine)(list(IMAGES[0]))[0]
        for one in (parent, made)
    ]
    both, layers = gated(made, parent)
    compiled = openvino_core().compile_model(both, "CPU", engine)
    for value, one in zip((0, 1), wanted, strict=True):
        gates = np.full(len(layers), value, np.float32)
        np.testing.assert_allclose(compiled([*IMAGES[0], gates])[0], one, atol=1e-4)
    assert np.abs(wanted[0] - wanted[1]).max() > 0.01


def test_a_network_that_computes_in_float16_is_weighed_as_well() -> None:
    """So are IRs of FP16, as Open Model Zoo has them."""
    parent = in_half()
    found = errors_added(quantized(parent, "second"), parent, IMAGES, openvino_core())
    assert [one.name for one in found] == ["first", "second"]
    assert max(found, key=lambda one: one.error).name == "second"


def in_half() -> ov.Model:
    """Two convolutions whose values are all float16."""
    random = np.random.default_rng(3)
    image = ops.parameter([1, 4, SIDE, SIDE], np.float32, name="image")
    value: Any = ops.convert(image, "f16")
    for name in ("first", "second"):
        weights = ops.constant(random.normal(0, 0.3, (4, 4, 3, 3)).astype(np.float16))
        value = ops.convolution(value, weights, [1, 1], [1, 1], [1, 1], [1, 1], name=name)
        value = ops.tanh(ops.add(value, ops.constant(np.full((1, 4, 1, 1), 0.1, np.float16))))
    return ov.Model([ops.result(value)], [image])


def test_nothing_is_said_of_a_network_that_was_not_quantized() -> None:
    parent = network()
    assert errors_added(parent.clone(), parent, IMAGES, openvino_core()) == ()


def test_whoever_listens_can_stop_it() -> None:
    parent = network()
    heard: list[tuple[int, int]] = []

    def step(done: int, total: int) -> None:
        heard.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        errors_added(quantized(parent), parent, IMAGES, openvino_core(), step)
    assert heard == [(1, 4), (2, 4)]


def test_a_layer_that_stayed_in_float_adds_nothing_and_is_not_among_them() -> None:
    parent = network()
    made = quantized(parent, keep=["own"])
    found = errors_added(made, parent, IMAGES, openvino_core())
    assert [one.name for one in found] == ["first", "pairs", "scores"]
