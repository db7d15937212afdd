"""Convolutions take what slices in strides give them, and give the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.models.plan import QuantizationPlan
from core.optimize.slices import fold_slices
from core.runtime import openvino_core
from tests.support import models
from tests.support.remade import rewritten_and_remade

Make = Callable[[Any], Any]
SIDE = 24
CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))


def cut(value: Any, axis: int, first: int, step: int, end: int = 2**31 - 1) -> Any:
    return ops.slice(value, [first], [end], [step], [axis])


def focus(image: Any) -> Any:
    """As YOLOX begins: even and odd rows and columns as channels."""
    return ops.concat([cut(cut(image, 2, row, 2), 3, column, 2) for row, column in CORNERS], 1)


def strided(image: Any) -> Any:
    """The same by StridedSlice, in both directions at once."""
    parts = [
        ops.strided_slice(
            image, [0, 0, row, column], [0, 0, 0, 0], [1, 1, 2, 2], [1, 1, 0, 0], [1, 1, 1, 1]
        )
        for row, column in reversed(CORNERS)
    ]
    return ops.concat(parts, 1)


def thirds(image: Any) -> Any:
    """Every third row of some channels alone."""
    return ops.concat([cut(cut(image, 2, row, 3), 1, 0, 1, 2) for row in range(2)], 1)


def halves(image: Any) -> Any:
    """Upper and lower half: nothing that a convolution could step over."""
    return ops.concat([cut(image, 2, 0, 1, SIDE // 2), cut(image, 2, SIDE // 2, 1)], 1)


def twice(image: Any) -> Any:
    """The same rows twice."""
    return ops.concat([cut(image, 2, 0, 2), cut(image, 2, 0, 2)], 1)


def computed(image: Any) -> Any:
    """Cut where the shape of the image says, as a network that was dynamic does."""
    shape = ops.shape_of(image)

    def part(value: Any, axis: int, first: int) -> Any:
        end = ops.gather(shape, ops.constant(np.array([axis])), ops.constant(0))
        return ops.slice(value, [first], end, [2], [axis])

    return ops.concat([part(part(image, 2, row), 3, column) for row, column in CORNERS], 1)


def again(image: Any) -> Any:
    """What a convolution gives, cut and given to another one."""
    first = convolved(focus(image))
    first.input_value(0).get_node().set_friendly_name("before")
    return convolved(focus(first))


def weighted(kind: str, scale: tuple[int, ...] = (1,)) -> Make:
    """Its convolution has weights of this kind, and scales in this shape."""

    def make(image: Any) -> Any:
        weights = np.random.default_rng(4).integers(0, 7, (8, 12, 3, 3)).astype(np.float32)
        read = ops.convert(ops.constant(weights, dtype=getattr(ov.Type, kind)), "f32")
        scales = np.random.default_rng(5).uniform(0.01, 0.02, scale).astype(np.float32)
        read = ops.multiply(read, ops.constant(scales))
        made = ops.convolution(focus(image), read, [1, 1], [1, 1], [1, 1], [1, 1])
        made.set_friendly_name("first")
        return made

    return make


def same_names(image: Any) -> Any:
    """Two operations of one name are cut; a network that is read from a file may have them."""
    read = [ops.relu(image), ops.sigmoid(image)]
    for one in read:
        one.set_friendly_name("read")
    parts = [cut(cut(read[row], 2, row, 2), 3, column, 2) for row, column in CORNERS]
    return convolved(ops.concat(parts, 1))


def reversed_rows(image: Any) -> Any:
    rows = [ops.slice(image, [-1 - row], [-(2**31)], [-2], [2]) for row in range(2)]
    return ops.concat(rows, 1)


def convolved(value: Any, **facts: Any) -> Any:
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.1, (8, value.get_output_partial_shape(0)[1].get_length(), 3, 3))
    given = {"strides": [1, 1], "pads_begin": [1, 1], "pads_end": [1, 1], "dilations": [1, 1]}
    made = ops.convolution(value, ops.constant(weights.astype(np.float32)), **{**given, **facts})
    made.set_friendly_name("first")
    return ops.relu(made)


FOLDED: dict[str, Make] = {
    "focus": lambda image: convolved(focus(image)),
    "strided": lambda image: convolved(strided(image)),
    "steps and uneven padding": lambda image: convolved(
        focus(image), strides=[2, 1], pads_begin=[0, 1], pads_end=[1, 0]
    ),
    "valid": lambda image: convolved(focus(image), auto_pad="valid"),
    "thirds": lambda image: convolved(thirds(image)),
    "weights in f16": weighted("f16"),
}
LEFT: dict[str, Make] = {
    "halves": lambda image: convolved(halves(image)),
    "twice": lambda image: convolved(twice(image)),
    "reversed": lambda image: convolved(reversed_rows(image)),
    "dilated": lambda image: convolved(focus(image), dilations=[2, 2]),
    "the same size": lambda image: convolved(focus(image), auto_pad="same_upper"),
    "something else behind it": lambda image: convolved(ops.relu(focus(image))),
    "computed": lambda image: convolved(computed(image)),
    "weights in bf16": weighted("bf16"),
    "weights in i4": weighted("i4"),
    "a scale for each channel that is read": weighted("u8", (12, 1, 1)),
    "the same names": same_names,
}


def network(make: Make) -> ov.Model:
    image = ops.parameter([1, 3, SIDE, SIDE], np.float32, name="image")
    return ov.Model([ops.result(make(image))], [image], "slices")


def given(model: ov.Model) -> Any:
    image = np.random.default_rng(1).uniform(0, 1, (1, 3, SIDE, SIDE)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    return openvino_core().compile_model(model, "CPU", settings)(image)[0]


def slices(model: ov.Model) -> int:
    return sum(op.get_type_name() in ("Slice", "StridedSlice") for op in model.get_ordered_ops())


@pytest.mark.parametrize("quantized", [False, True], ids=["float", "int8"])
@pytest.mark.parametrize("make", FOLDED.values(), ids=FOLDED)
def test_the_convolution_does_it_itself(make: Make, quantized: bool) -> None:
    model = network(make)
    if quantized:
        random = np.random.default_rng(2)
        shape = (1, 3, SIDE, SIDE)
        items = [random.uniform(0, 1, shape).astype(np.float32) for _ in range(3)]
        model = nncf.quantize(model, nncf.Dataset(items), subset_size=3)
    before = given(model)
    assert fold_slices(model, openvino_core()) == 1
    assert slices(model) == 0
    assert "first" in {op.get_friendly_name() for op in model.get_ops()}
    np.testing.assert_allclose(given(model), before, atol=1e-5)


@pytest.mark.parametrize("make", LEFT.values(), ids=LEFT)
def test_what_is_something_else_is_left(make: Make) -> None:
    model = network(make)
    before = slices(model)
    assert fold_slices(model, openvino_core()) == 0
    assert slices(model) == before


def test_two_convolutions_of_an_int8_network_do_it() -> None:
    model = network(again)
    shape = (1, 3, SIDE, SIDE)
    items = [np.random.default_rng(2).uniform(0, 1, shape).astype(np.float32)]
    model = nncf.quantize(model, nncf.Dataset(items), subset_size=1)
    before = given(model)
    assert fold_slices(model, openvino_core()) == 2
    np.testing.assert_allclose(given(model), before, atol=1e-5)


def test_what_others_read_as_well_is_left() -> None:
    image = ops.parameter([1, 3, SIDE, SIDE], np.float32)
    stacked = focus(image)
    model = ov.Model([ops.result(convolved(stacked)), ops.result(stacked)], [image])
    assert fold_slices(model, openvino_core()) == 0


def test_an_optimized_model_has_none_and_its_recipe_makes_the_same(tmp_path: Path) -> None:
    net = models.yolox()
    image = net.get_parameters()[0]
    readers = list(image.output(0).get_target_inputs())
    larger = ops.convolution(
        focus(image),
        ops.constant(np.random.default_rng(3).normal(0, 0.1, (12, 12, 3, 3)).astype(np.float32)),
        [1, 1], [1, 1], [1, 1], [1, 1],
    )  # fmt: skip
    whole = ops.depth_to_space(larger, "blocks_first", 2)
    for reader in readers:
        reader.replace_source_output(whole.output(0))
    net.validate_nodes_and_infer_types()
    plan = QuantizationPlan(subset_size=4, target="cpu_vnni", weight_rounding="least_error")
    assert [slices(one) for one in rewritten_and_remade(net, plan, tmp_path)] == [0, 0]
