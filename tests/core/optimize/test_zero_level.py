"""Zero is a level of every quantizer, and so integers compute what the quantizers say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from nncf.quantization import fake_quantize
from nncf.tensor import Tensor
from numpy.typing import ArrayLike
from openvino import opset13 as ops

from core.datasets.open import open_dataset
from core.models.importing import import_model
from core.models.plan import QuantizationPlan
from core.optimize.moments import constant_of
from core.optimize.quantizing import quantize
from core.optimize.zero_level import with_zero
from core.runtime import openvino_core
from tests.support import models
from tests.support.images import write_images
from tests.support.remade import remade

PLAN = QuantizationPlan(subset_size=4, preset="mixed", ignored_parts=("elementwise",))


def shifted(sign: float) -> ov.Model:
    """Its first layer gets 0 to 215 less .4, which is less than half a step; or all negated."""
    net = models.yolox()
    image = net.get_parameters()[0]
    first = next(op for op in net.get_ordered_ops() if op.get_type_name() == "Convolution")
    positive = ops.relu(ops.subtract(image, np.float32(40)))
    less = ops.multiply(ops.subtract(positive, np.float32(0.4)), np.float32(sign))
    first.input(0).replace_source_output(less.output(0))
    net.validate_nodes_and_infer_types()
    return net


def places_of_zero(model: ov.Model) -> list[float]:
    """In steps from the lowest value of each range."""
    found = []
    for op in model.get_ordered_ops():
        if op.get_type_name() == "FakeQuantize":
            ends = (constant_of(op.input_value(place).get_node()) for place in (1, 2))
            low, high = (float(one.get_data().min()) for one in ends)
            found.append(-low * (op.get_attributes()["levels"] - 1) / (high - low))
    return found


def given(model: ov.Model, **facts: str) -> np.ndarray:
    image = np.random.default_rng(1).uniform(0, 255, tuple(model.input(0).shape))
    facts = {"INFERENCE_PRECISION_HINT": "f32", **facts}
    compiled = openvino_core().compile_model(model, "CPU", facts)
    return np.asarray(compiled([image.astype(np.float32)])[0])


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_compute_what_the_quantizers_say(tmp_path: Path, sign: float) -> None:
    stored = import_model(models.save(shifted(sign), tmp_path, "net", models.CLASSES), tmp_path)
    images = open_dataset(write_images(tmp_path / "images", 4))
    made = quantize(stored.xml, stored.card.detector, images, PLAN, lambda *_: None)
    assert made.made_of.zeros_moved
    places = places_of_zero(made.model)
    assert places == pytest.approx(np.round(places), abs=1e-3)
    as_said = given(made.model.clone(), LP_TRANSFORMS_MODE="NO")
    assert np.abs(given(made.model) - as_said).max() < 1e-3 * np.abs(as_said).max()


def tuned(left: ArrayLike, right: ArrayLike) -> tuple[list[float], list[float], int]:
    """Both ends, and how many were moved, as NNCF gives and takes them."""
    moved: list[None] = []
    tune = with_zero(fake_quantize.tune_range, lambda: moved.append(None))
    given = (Tensor(np.asarray(one, np.float32)) for one in (left, right))
    ends = tune(*given, 8)
    low, high = (np.atleast_1d(one.data).tolist() for one in ends)
    return low, high, len(moved)


def test_zero_that_lies_amid_two_levels_is_a_level_too() -> None:
    random = np.random.default_rng(2)
    left = -random.uniform(0.01, 10, 2000).astype(np.float32)
    right = (-left * 509 * random.uniform(1 - 1e-7, 1 + 1e-7, 2000)).astype(np.float32)
    for ends in ((left, right), (-right, -left)):
        low, high, moved = tuned(*ends)
        places = -np.array(low) * 255 / (np.array(high) - np.array(low))
        assert moved == 1
        assert places == pytest.approx(np.round(places), abs=1e-3)


def test_ranges_that_are_left_are_not_said_to_be_moved() -> None:
    low, _, moved = tuned([0, -5, -1, np.nan], [5, 0, 1, 1])
    assert np.isnan(low[-1])
    assert moved == 0


def test_a_recipe_moves_the_same_ranges(tmp_path: Path) -> None:
    made, again = remade(shifted(1), PLAN, tmp_path)
    assert made.made_of.zeros_moved
    assert places_of_zero(again) == places_of_zero(made.model)
