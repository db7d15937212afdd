"""Whether two networks compute the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.models.same_network import hash_of_network
from core.runtime import openvino_core
from tests.support import models


def network(
    *, name: str = "", factor: float = 2.0, stride: int = 1, swapped: bool = False, wide: int = 8
) -> ov.Model:
    image = ops.parameter([1, 3, wide, 8], np.float32, name=f"image{name}")
    weights = np.full((3, 3, 1, 1), factor, np.float32)
    made = ops.convolution(image, weights, [stride, stride], [0, 0], [0, 0], [1, 1])
    made.set_friendly_name(f"filter{name}")
    less = ops.subtract(made, ops.relu(made)) if not swapped else ops.subtract(ops.relu(made), made)
    return ov.Model([less], [image])


def test_names_make_no_difference() -> None:
    assert hash_of_network(network()) == hash_of_network(network(name="other"))


@pytest.mark.parametrize(
    "other",
    [network(factor=2.1), network(stride=2), network(swapped=True), network(wide=9)],
    ids=["weights", "attributes", "connections", "shapes"],
)
def test_everything_else_does(other: ov.Model) -> None:
    assert hash_of_network(network()) != hash_of_network(other)


def test_the_order_of_inputs_and_outputs_does() -> None:
    def two(*, turned: bool) -> ov.Model:
        first, second = (ops.parameter([1, 4], np.float32) for _ in range(2))
        made = [ops.relu(first), ops.relu(second)]
        return ov.Model(made[::-1] if turned else made, [first, second])

    assert hash_of_network(two(turned=False)) != hash_of_network(two(turned=True))


def test_a_network_is_itself_after_it_was_stored(tmp_path: Path) -> None:
    model = models.ssd()
    ov.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    read = openvino_core().read_model(tmp_path / "model.xml")
    assert hash_of_network(read) == hash_of_network(model)


def test_networks_inside_of_networks_are_not_looked_into() -> None:
    which, value = ops.parameter([], np.bool_), ops.parameter([1], np.float32)
    inner = [ops.parameter([1], np.float32) for _ in range(2)]
    results = [ops.result(ops.relu(inner[0])), ops.result(ops.negative(inner[1]))]
    made = ops.if_op(which)
    made.set_then_body(ov.Model([results[0]], [inner[0]]))
    made.set_else_body(ov.Model([results[1]], [inner[1]]))
    made.set_input(value.output(0), *inner)
    found = made.set_output(*results)
    assert hash_of_network(ov.Model([found], [which, value])) is None
