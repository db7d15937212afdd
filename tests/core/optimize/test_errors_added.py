"""What each layer adds to the error of the last layers when it runs in INT8."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, cast

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from core.optimize import errors_added as errors_added_module
from core.optimize.errors_added import errors_added
from core.optimize.gates import Gates
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


@pytest.mark.parametrize("names", [LAYERS, ("own", "scores"), ("first",)])
def test_closed_gates_give_what_the_parent_gives_and_open_ones_what_was_quantized(
    names: Sequence[str],
) -> None:
    """So does a part of the gates, where the other layers stayed in float."""
    parent = network()
    made = quantized(parent, names[0], [one for one in LAYERS if one not in names])
    wanted = [_given(one, IMAGES[0]) for one in (parent, made)]
    gates = Gates(made, parent)
    behind = gates.behind(gates.layers)
    values = _given(gates.before(behind.values), IMAGES[0])
    for value, one in zip((0, 1), wanted, strict=True):
        found = _given(behind.model, [*values, np.full(len(names), value, np.float32)])
        np.testing.assert_allclose(found[0], one[0], atol=1e-4)
    assert np.abs(wanted[0][0] - wanted[1][0]).max() > 0.01


def _given(model: ov.Model, tensors: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    engine = {"INFERENCE_PRECISION_HINT": "f32", "LP_TRANSFORMS_MODE": "NO"}
    compiled = openvino_core().compile_model(model, "CPU", engine)
    return list(compiled(list(tensors)).values())


def test_what_lies_in_front_of_all_gates_is_not_behind_them() -> None:
    parent = network()
    gates = Gates(quantized(parent), parent)
    first, *_, last = gates.layers
    kinds = [
        [op.get_type_name() for op in gates.behind([one]).model.get_ops()] for one in (first, last)
    ]
    assert [one.count("Tanh") for one in kinds] == [3, 0]
    assert [one.count("MatMul") for one in kinds] == [1, 2]


@pytest.mark.parametrize("gates", [1, 3])
def test_how_many_gates_a_network_has_does_not_matter(
    gates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = added("pairs")
    monkeypatch.setattr(errors_added_module, "_GATES", gates)
    apart = added("pairs")
    assert list(apart) == list(together)
    for name, one in together.items():
        assert apart[name].error == pytest.approx(one.error, rel=1e-4)


def test_one_layer_alone_adds_everything() -> None:
    parent = network()
    made = quantized(parent, keep=[one for one in LAYERS if one != "pairs"])
    found = errors_added(made, parent, IMAGES, openvino_core())
    assert [(one.name, one.work) for one in found] == [("pairs", 1.0)]
    assert found[0].error == pytest.approx(1.0)


@pytest.mark.parametrize("side", [SIDE, -1])
def test_several_inputs_of_any_size_are_given_in_their_order(side: int) -> None:
    """Shapes are not inputs of what lies behind: there they are computed again."""
    random = np.random.default_rng(5)
    model = of_two_inputs(side)
    images = [
        (one * 0.01, random.integers(0, 255, (1, SIDE, SIDE, 4)).astype(np.uint8))
        for (one,) in IMAGES
    ]
    made = nncf.quantize(model, nncf.Dataset(images), subset_size=len(images))
    found = errors_added(made, model, images, openvino_core())
    assert [one.name for one in found] == ["small", "large", "both"]
    assert found[1].error > 10 * found[0].error, "its values are hundreds of times those"


def of_two_inputs(side: int) -> ov.Model:
    """Two convolutions of an input each, one of bytes, and one of what both give."""
    random = np.random.default_rng(3)
    weights = [
        ops.constant(random.normal(0, 0.3, shape).astype(np.float32))
        for shape in ((4, 4, 3, 3), (4, 4, 3, 3), (6, 4, 1, 1))
    ]
    small = ops.parameter([1, 4, side, side], np.float32, name="floats")
    large = ops.parameter([1, side, side, 4], np.uint8, name="bytes")
    turned = ops.transpose(ops.convert(large, "f32"), ops.constant([0, 3, 1, 2]))
    one, other = (
        ops.convolution(value, own, [1, 1], [1, 1], [1, 1], [1, 1], name=name)
        for value, own, name in zip((small, turned), weights, ("small", "large"), strict=False)
    )
    other = ops.reshape(other, ops.shape_of(one), False)
    value = ops.convolution(
        ops.add(one, other), weights[2], [1, 1], [0, 0], [0, 0], [1, 1], name="both"
    )
    return ov.Model([ops.result(value)], [small, large])


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


class Counting:
    """OpenVINO's core that counts the networks it compiles: only so many, some when `ready`."""

    def __init__(self, room: int = 100, waiting: int = 100) -> None:
        self.compiled = 0
        self.ready = threading.Event()
        self._room, self._waiting = room, waiting

    def compile_model(self, *asked: Any) -> ov.CompiledModel:
        """As OpenVINO does, which has no memory for more."""
        self.compiled += 1
        if self.compiled > self._room:
            raise MemoryError
        if self.compiled > self._waiting:
            self.ready.wait()
        return openvino_core().compile_model(*asked)


def test_whoever_listens_can_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then no thread goes on, and nothing more is begun."""
    monkeypatch.setattr(errors_added_module, "_GATES", 1)
    parent, core = network(), Counting(waiting=2)
    heard: list[tuple[int, int]] = []

    def step(done: int, total: int) -> None:
        heard.append((done, total))
        if done == 1:
            core.ready.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        errors_added(quantized(parent), parent, IMAGES, cast(ov.Core, core), step)
    assert list(dict.fromkeys(heard)) == [(0, 4), (1, 4)]
    assert core.compiled < 1 + len(LAYERS)
    assert not [one for one in threading.enumerate() if one.name.startswith("weigh")]


def test_a_network_that_cannot_be_compiled_ends_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors_added_module, "_GATES", 1)
    parent, core = network(), Counting(room=2)
    with pytest.raises(MemoryError):
        errors_added(quantized(parent), parent, IMAGES, cast(ov.Core, core))
    assert not [one for one in threading.enumerate() if one.name.startswith("weigh")]


def test_a_layer_that_stayed_in_float_adds_nothing_and_is_not_among_them() -> None:
    parent = network()
    made = quantized(parent, keep=["own"])
    found = errors_added(made, parent, IMAGES, openvino_core())
    assert [one.name for one in found] == ["first", "pairs", "scores"]
