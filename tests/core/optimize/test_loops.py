"""Loops that run once are put in their place, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.models.plan import QuantizationPlan
from core.optimize.loops import unroll_loops
from core.runtime import openvino_core
from tests.support import models
from tests.support.remade import rewritten_and_remade

SIDE = 8


def looped(image: Any, turns: Any, most: int = 2**31 - 1, *, slices: bool = False) -> Any:
    """`image` times 3 plus the number of the turn, in a loop as TensorFlow's: ``i < turns``."""
    inside = ops.parameter(image.get_partial_shape(), np.float32)
    turn, until = ops.parameter([], np.int32), ops.parameter([], np.int32)
    following = ops.add(turn, ops.constant(np.int32(1)))
    goes_on = ops.less(following, until)
    number = ops.convert(turn, "f32")
    value = ops.add(ops.multiply(inside, ops.constant(np.float32(3))), number)
    body = ov.Model([value, following, goes_on], [inside, turn, until])
    loop = ops.loop(ops.constant(np.int32(most)), ops.constant(True))
    loop.set_function(body)
    loop.set_special_body_ports([-1, 2])
    loop.set_merged_input(inside, image, value.output(0))
    loop.set_merged_input(turn, ops.constant(np.int32(0)).output(0), following.output(0))
    loop.set_invariant_input(until, turns)
    if slices:
        return loop.get_concatenated_slices(value.output(0), 0, 1, 1, -1, 0)
    return loop.get_iter_value(value.output(0), -1)


def counted(image: Any, most: int) -> Any:
    """`image` plus the number of the turn plus 3, in a loop as ONNX's: so many turns."""
    inside, turn = ops.parameter(image.get_partial_shape(), np.float32), ops.parameter([], np.int32)
    number = ops.convert(turn, "f32")
    value = ops.add(ops.add(inside, number), ops.constant(np.float32(3)))
    goes_on = ops.constant(True)
    body = ov.Model([value, goes_on], [turn, inside])
    loop = ops.loop(ops.constant(np.int32(most)), ops.constant(True))
    loop.set_function(body)
    loop.set_special_body_ports([0, 1])
    loop.set_merged_input(inside, image, value.output(0))
    return loop.get_iter_value(value.output(0), -1)


def once(image: Any) -> Any:
    return looped(image, ops.constant(np.int32(1)).output(0))


def inside_another(image: Any) -> Any:
    """A loop that runs once in a loop that runs once."""
    inside = ops.parameter(image.get_partial_shape(), np.float32)
    value, goes_on = once(inside.output(0)), ops.constant(False)
    body = ov.Model([value.get_node(), goes_on], [inside])
    loop = ops.loop(ops.constant(np.int32(-1)), ops.constant(True))
    loop.set_function(body)
    loop.set_special_body_ports([-1, 1])
    loop.set_merged_input(inside, image, value)
    return loop.get_iter_value(value, -1)


def by_the_image(image: Any) -> Any:
    """As many turns as its first pixel says."""
    first = ops.squeeze(ops.slice(ops.reshape(image, [-1], False), [0], [1], [1]), [0])
    return looped(image, ops.convert(first, "i32").output(0))


Make = Callable[[Any], Any]
UNROLLED: dict[str, tuple[Make, int]] = {
    "by its condition": (once, 1),
    "by its number of turns": (lambda image: counted(image, 1), 1),
    "whatever its condition": (
        lambda image: looped(image, ops.constant(np.int32(5)).output(0), 1),
        1,
    ),
    "two of the same names": (lambda image: once(once(image)), 2),
    "one in another": (inside_another, 2),
}
LEFT: dict[str, Make] = {
    "two turns": lambda image: looped(image, ops.constant(np.int32(2)).output(0)),
    "as often as the image says": by_the_image,
    "three turns": lambda image: counted(image, 3),
    "slices": lambda image: looped(image, ops.constant(np.int32(1)).output(0), slices=True),
}


def network(make: Make) -> ov.Model:
    image = ops.parameter([1, 3, SIDE, SIDE], np.float32, name="image")
    made = make(image.output(0))
    made.get_tensor().set_names({"found"})
    return ov.Model([ops.result(made)], [image], "loops")


def given(model: ov.Model) -> Any:
    image = np.random.default_rng(0).uniform(0, 3, (1, 3, SIDE, SIDE)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    return openvino_core().compile_model(model, "CPU", settings)(image)[0]


def loops(model: ov.Model) -> int:
    return sum(op.get_type_name() == "Loop" for op in model.get_ops())


@pytest.mark.parametrize(("make", "count"), UNROLLED.values(), ids=UNROLLED)
def test_what_runs_once_stands_in_its_place_and_gives_the_same(make: Make, count: int) -> None:
    model = network(make)
    before = given(model)
    assert unroll_loops(model) == count
    assert loops(model) == 0
    np.testing.assert_allclose(given(model), before, rtol=1e-6)  # x * 3 * 3 becomes x * 9
    assert model.output(0).get_names() == {"found"}
    names = [op.get_friendly_name() for op in model.get_ops()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("make", LEFT.values(), ids=LEFT)
def test_what_may_run_otherwise_is_left(make: Make) -> None:
    model = network(make)
    assert unroll_loops(model) == 0
    assert loops(model) == 1


def test_an_optimized_model_has_none_and_its_recipe_makes_the_same(tmp_path: Path) -> None:
    net = models.yolox()
    rows = net.get_results()[0].input(0)
    before = rows.get_source_output()
    names = before.get_names()
    after = looped(before, ops.constant(np.int32(1)).output(0))
    before.get_tensor().set_names(set())
    after.get_tensor().set_names(names)
    rows.replace_source_output(after)
    plan = QuantizationPlan(subset_size=4, target="cpu_vnni")
    assert [loops(one) for one in rewritten_and_remade(net, plan, tmp_path)] == [0, 0]
