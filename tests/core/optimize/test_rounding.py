"""Weights that are rounded so that the layers' outputs stay closest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from core.datasets.open import open_dataset
from core.models.importing import import_model
from core.models.plan import QuantizationPlan
from core.models.stored import store_model
from core.optimize import moments as kept
from core.optimize import rounding
from core.optimize.moments import Images, Moments, moments_in_turns, watched_layers
from core.optimize.quantizing import quantize
from core.optimize.recipe import IMAGES_FILE, RECIPE_FILE, write_recipe
from core.optimize.rounding import Biases, Known, round_weights, rounded
from core.optimize.statistics_cache import StatisticsCache
from core.runtime import openvino_core
from tests.support import models
from tests.support.images import write_images
from tests.support.packages import run

Layer = Callable[[Any, np.random.Generator], Any]
ROUNDED = QuantizationPlan(subset_size=4, target="cpu_vnni", weight_rounding="least_error")
CHANNELS, SIDE = 8, 12


def _convolution(shape: tuple[int, ...], **facts: Any) -> Layer:
    given = {"strides": [1, 1], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}

    def made(value: Any, random: np.random.Generator) -> Any:
        weights = ops.constant(random.normal(size=shape).astype(np.float32))
        make = ops.group_convolution if len(shape) == 5 else ops.convolution
        return make(value, weights, **{**given, **facts})

    return made


def _product(transposed: bool) -> Layer:
    def made(value: Any, random: np.random.Generator) -> Any:
        rows = ops.reshape(value, np.array([SIDE * SIDE, CHANNELS]), False)
        shape = (6, CHANNELS) if transposed else (CHANNELS, 6)
        weights = ops.constant(random.normal(size=shape).astype(np.float32))
        return ops.matmul(rows, weights, False, transposed)

    return made


LAYERS: dict[str, Layer] = {
    "one by one": _convolution((6, CHANNELS, 1, 1)),
    "padded": _convolution((6, CHANNELS, 3, 3), pads_begin=[1, 1], pads_end=[1, 1]),
    "in strides": _convolution((6, CHANNELS, 3, 3), strides=[2, 2], auto_pad="same_upper"),
    "dilated": _convolution((6, CHANNELS, 3, 3), dilations=[2, 1], auto_pad="valid"),
    "in groups": _convolution((2, 3, CHANNELS // 2, 3, 3), pads_begin=[1, 0], pads_end=[0, 1]),
    "depthwise": _convolution((CHANNELS, 1, 1, 3, 3), auto_pad="same_lower", strides=[2, 2]),
    "product": _product(False),
    "transposed product": _product(True),
}


def network(layer: Layer) -> ov.Model:
    random = np.random.default_rng(4)
    image = ops.parameter([1, CHANNELS, SIDE, SIDE], np.float32)
    made = layer(image, random)
    shape = tuple(made.get_output_shape(0))
    wanted = (1, shape[1]) if len(shape) == 2 else (1, shape[1], 1, 1)
    bias = random.normal(size=wanted).astype(np.float32)
    return ov.Model([ops.result(ops.add(made, ops.constant(bias)))], [image])


def images(count: int = 12) -> list[NDArray[np.float32]]:
    """Smooth ones whose channels go together, as those of a network's inside do."""
    random = np.random.default_rng(5)
    mixed = random.normal(size=(CHANNELS, 3))
    found = []
    for _ in range(count):
        small = random.normal(size=(3, SIDE // 3, SIDE // 3)).repeat(3, 1).repeat(3, 2)
        values = 1 + np.einsum("ck,khw->chw", mixed, small)
        values += 0.2 * random.normal(size=values.shape)
        found.append(values[None].astype(np.float32))
    return found


def outputs(model: ov.Model, of: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """With the model's weights and biases, and all else in float."""
    compiled = openvino_core().compile_model(
        _in_float(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    return np.stack([compiled([one])[0] for one in of])


def _in_float(model: ov.Model) -> ov.Model:
    copy = model.clone()
    for op in copy.get_ordered_ops():
        if op.get_type_name() == "FakeQuantize":
            op.output(0).replace(op.input_value(0))
        elif op.get_type_name() == "Multiply" and "smooth" not in op.get_friendly_name():
            integers, scales = (op.input_value(place).get_node() for place in range(2))
            values = integers.input_value(0).get_node().get_data() * scales.get_data()
            op.output(0).replace(ops.constant(values.astype(np.float32)).output(0))
    return copy


def halved(
    model: ov.Model,
    of: list[NDArray[Any]],
    fix: nncf.OverflowFix = nncf.OverflowFix.ENABLE,
) -> ov.Model:
    """By NNCF's defaults, with half of the weights' 8 bits, or as that fix has it."""
    advanced = nncf.AdvancedQuantizationParameters(disable_bias_correction=True)
    advanced.overflow_fix = fix
    return nncf.quantize(model, nncf.Dataset(of), advanced_parameters=advanced)


def given(of: list[NDArray[Any]]) -> Images:
    return Images(lambda: ([one] for one in of), len(of))


def steps(model: ov.Model) -> NDArray[np.int8]:
    (found,) = [
        op.get_data()
        for op in model.get_ops()
        if op.get_type_name() == "Constant" and op.get_element_type() == ov.Type.i8
    ]
    return np.asarray(found)


def reached(steps: NDArray[np.int8]) -> int:
    return int(np.abs(steps.astype(int)).max())


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layers_outputs_stay_closer_in_images_that_were_not_seen(kind: str) -> None:
    parent, seen = network(LAYERS[kind]), images(24)
    model = halved(parent, seen[:12])
    expected, nearest = outputs(parent, seen[12:]), outputs(model, seen[12:])
    before = steps(model)
    assert round_weights(model, parent, given(seen[:12]), openvino_core()) == 1
    after = steps(model)
    assert (after != before).any()
    assert reached(after) <= (64 if reached(before) <= 64 else 127), "half of the 8 bits stay half"
    now = outputs(model, seen[12:])
    assert np.square(now - expected).mean() < 0.8 * np.square(nearest - expected).mean()


@pytest.mark.parametrize("kind", ["padded", "product", "transposed product"])
def test_weights_that_were_smoothed_are_rounded_as_such(kind: str) -> None:
    channels = np.geomspace(0.1, 10, CHANNELS, dtype=np.float32)[:, None, None]
    parent, seen = network(LAYERS[kind]), [channels * one for one in images(24)]
    advanced = nncf.AdvancedQuantizationParameters(disable_bias_correction=True)
    advanced.smooth_quant_alphas = nncf.AdvancedSmoothQuantParameters(0.5, 0.5)
    model = nncf.quantize(
        parent,
        nncf.Dataset(seen[:12]),
        model_type=nncf.ModelType.TRANSFORMER,
        advanced_parameters=advanced,
    )
    assert any("smooth" in op.get_friendly_name() for op in model.get_ops())
    expected, nearest = outputs(parent, seen[12:]), outputs(model, seen[12:])
    assert round_weights(model, parent, given(seen[:12]), openvino_core()) == 1
    now = outputs(model, seen[12:])
    assert np.square(now - expected).mean() < 0.8 * np.square(nearest - expected).mean()


@pytest.mark.parametrize("biases", ["parents", "as_they_are"])
def test_biases_make_up_for_the_mean_unless_they_are_to_stay(biases: Biases) -> None:
    parent, seen = network(LAYERS["padded"]), images()
    model = halved(parent, seen)
    before = outputs(parent, seen).mean(axis=(0, 1, 3, 4))
    round_weights(model, parent, given(seen), openvino_core(), biases)
    stayed = [
        op.get_data()
        for op in model.get_ops()
        if op.get_type_name() == "Constant" and tuple(op.shape) == (1, 6, 1, 1)
    ]
    own = [op for op in parent.get_ops() if tuple(op.get_output_shape(0)) == (1, 6, 1, 1)]
    same = any(np.array_equal(one, own[0].get_data()) for one in stayed)
    assert same == (biases == "as_they_are")
    if biases == "parents":
        now = outputs(model, seen).mean(axis=(0, 1, 3, 4))
        assert np.abs(now - before).max() < 0.05 * np.abs(before).max()


def test_inputs_that_never_show_anything_are_rounded_to_the_nearest() -> None:
    weights = np.array([[[0.4, -1.3, 2.6]]], np.float32)
    nothing = np.zeros((1, 3, 3), np.float32)
    assert rounded(weights, np.ones((1, 1, 1)), nothing, -64, 64).tolist() == [[[0, -1, 3]]]


def test_inputs_that_go_together_share_what_is_lost() -> None:
    weights = np.full((1, 1, 4), 0.5, np.float32)
    alike = np.ones((1, 4, 4), np.float32)
    assert rounded(weights, np.ones((1, 1, 1)), alike, -64, 64).sum() == 2, "as the weights do"


@pytest.mark.parametrize(("outputs_each", "width"), [(1, 9), (5, 70)])
def test_groups_are_rounded_together_as_each_by_itself(outputs_each: int, width: int) -> None:
    random = np.random.default_rng(3)
    weights = random.normal(size=(7, outputs_each, width)).astype(np.float32)
    scales = np.abs(random.normal(size=(7, outputs_each, 1))) / 40 + 0.01
    values = random.normal(size=(7, 200, width)).astype(np.float32)
    products = (values.transpose(0, 2, 1) @ values / 200).astype(np.float32)
    products[2] = 0  # a group that never shows anything
    together = rounded(weights, scales, products, -127, 127)
    for one in range(7):
        own = slice(one, one + 1)
        alone = rounded(weights[own], scales[own], products[own], -127, 127)
        assert np.array_equal(alone[0], together[one])


def test_what_memory_does_not_hold_at_once_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    yolox, random = models.yolox(), np.random.default_rng(1)
    shape = tuple(yolox.inputs[0].shape)
    seen = [random.random(shape).astype(np.float32) for _ in range(2)]
    read: list[int] = []

    def counted() -> Any:
        read.append(1)
        return ([one] for one in seen)

    made = []
    for limit in (kept.AT_ONCE, 1):  # what a larger network would need
        monkeypatch.setattr(kept, "AT_ONCE", limit)
        read.clear()
        model = halved(yolox, seen)
        layers = round_weights(model, yolox, Images(counted, len(seen)), openvino_core())
        made.append([op.get_data() for op in model.get_ops() if op.get_type_name() == "Constant"])
        assert len(read) == (1 if limit > 1 else layers)


def test_moments_that_are_known_are_not_looked_for_again(tmp_path: Path) -> None:
    stored = import_model(models.save(models.yolox(), tmp_path, "yolox", models.CLASSES), tmp_path)
    dataset = open_dataset(write_images(tmp_path / "images", 4))
    known = StatisticsCache()
    stages: list[tuple[str, int]] = []

    def made(cache: StatisticsCache | None, plan: QuantizationPlan) -> list[NDArray[Any]]:
        model = quantize(
            stored.xml,
            stored.card.detector,
            dataset,
            plan,
            lambda stage, done, _: stages.append((stage, done)),
            cache,
        ).model
        return [op.get_data() for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]

    head = QuantizationPlan(
        subset_size=4, target="cpu_vnni", weight_rounding="least_error", ignored_parts=("head",)
    )
    made(known, head)
    collected = [("Collecting layer inputs", done) for done in range(5)]
    assert [one for one in stages if one[0] == "Collecting layer inputs"] == collected
    assert "Rounding weights" in dict(stages)
    first = dict(known.rounding.moments)
    assert all(isinstance(one, Moments) for one in first.values())
    both = made(known, ROUNDED), made(None, ROUNDED)
    kept_moments = known.rounding.moments
    assert all(kept_moments[name] is one for name, one in first.items()), "none is made anew"
    assert all(np.array_equal(one, two) for one, two in zip(*both, strict=True))


def test_steps_that_are_known_are_not_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    parent, seen, known = network(LAYERS["padded"]), images(), Known()
    times: list[int] = []

    def counted(*given: Any) -> NDArray[np.int8]:
        times.append(1)
        return rounded(*given)

    monkeypatch.setattr(rounding, "rounded", counted)

    def made(fix: nncf.OverflowFix) -> list[NDArray[Any]]:
        model = halved(parent, seen, fix)
        round_weights(model, parent, given(seen), openvino_core(), known=known)
        return [op.get_data() for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]

    one, two = made(nncf.OverflowFix.ENABLE), made(nncf.OverflowFix.ENABLE)
    assert len(times) == 1
    assert all(np.array_equal(*both) for both in zip(one, two, strict=True))
    made(nncf.OverflowFix.DISABLE)  # other scales
    assert len(times) == 2


@pytest.mark.parametrize("correction", ["fast", "off"])
def test_the_recipe_rounds_them_the_same(tmp_path: Path, correction: Any) -> None:
    plan = QuantizationPlan(
        subset_size=4, target="any", weight_rounding="least_error", bias_correction=correction
    )
    stored = import_model(models.save(models.yolox(), tmp_path, "yolox", models.CLASSES), tmp_path)
    folder = write_images(tmp_path / "images", 4)
    made = quantize(stored.xml, stored.card.detector, open_dataset(folder), plan, lambda *_: None)
    (tmp_path / "made").mkdir()
    model = store_model(
        made.model, tmp_path / "made" / "yolox.xml", name="yolox", source=stored.xml,
        framework="openvino", detector=stored.card.detector, plan=plan,
    )  # fmt: skip
    write_recipe(model.xml, stored.card.detector, plan, made.made_of)
    assert (tmp_path / "made" / IMAGES_FILE).is_file()
    done = run(tmp_path / "made", RECIPE_FILE, stored.xml, folder, tmp_path / "again.xml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "The weights are the same."


def test_a_network_of_16_bit_floats_stays_one() -> None:
    random = np.random.default_rng(4)
    image = ops.parameter([1, CHANNELS, SIDE, SIDE], np.float16)
    weights = ops.constant(random.normal(size=(6, CHANNELS, 3, 3)).astype(np.float16))
    bias = ops.constant(random.normal(size=(1, 6, 1, 1)).astype(np.float16))
    made = ops.convolution(image, weights, [1, 1], [1, 1], [1, 1], [1, 1])
    parent = ov.Model([ops.result(ops.add(made, bias))], [image])
    seen = [one.astype(np.float16) for one in images()]
    model = halved(parent, seen)
    assert round_weights(model, parent, given(seen), openvino_core()) == 1
    model.validate_nodes_and_infer_types()
    assert model.output(0).get_element_type() == ov.Type.f16


def few_rows() -> ov.Model:
    """A product of those places alone whose first channel is above -8: as behind an NMS."""
    image = ops.parameter([1, CHANNELS, SIDE, SIDE], np.float32)
    rows = ops.transpose(ops.reshape(image, np.array([CHANNELS, -1]), False), np.array([1, 0]))
    first = ops.squeeze(ops.slice(rows, [0], [1], [1], np.array([1])), np.array([1]))
    more = ops.non_zero(ops.greater(first, ops.constant(np.float32(-8))), "i64")
    chosen = ops.gather(rows, ops.squeeze(more, np.array([0])), np.int64(0))
    weights = ops.constant(np.random.default_rng(4).normal(size=(CHANNELS, 6)).astype(np.float32))
    return ov.Model([ops.result(ops.matmul(chosen, weights, False, False))], [image])


def test_images_in_which_a_layer_gets_nothing_say_nothing_of_it() -> None:
    parent, seen = few_rows(), images(8)
    (found,) = moments_in_turns(parent, _names(parent), given(seen), openvino_core())
    blank = [*seen, np.full_like(seen[0], -9)]
    given_too = Images(lambda: ([one] for one in blank), len(seen))  # so many rows of each
    (same,) = moments_in_turns(parent, _names(parent), given_too, openvino_core())
    for name, moments in found.items():
        assert np.array_equal(same[name].products, moments.products)
        assert np.array_equal(same[name].means, moments.means)


def _names(model: ov.Model) -> list[str]:
    return [one.name for one in watched_layers(model)]


def test_a_layer_that_never_gets_anything_is_rounded_to_the_nearest() -> None:
    parent, seen = few_rows(), images()
    model = halved(parent, seen)
    before = steps(model)
    nothing = [np.full_like(seen[0], -9)]
    assert round_weights(model, parent, given(nothing), openvino_core()) == 1
    moved = steps(model) != before
    assert set(np.abs(before[moved])) <= {63}, "the largest, of 63.5 steps, alone"
