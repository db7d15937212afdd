"""Distances between a network and a changed copy, on numbers that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.errors import InputError
from core.metrics.tensors.layers import shared_layers
from core.metrics.tensors.tensor_distance import TensorMeter


def network(scale: float, name: str = "scaled", noise: float = 0.0) -> ov.Model:
    """x -> conv(1x1, times 2, bias 1) -> times `scale` -> plus 0 -> result."""
    image = ops.parameter([1, 1, 2, 2], np.float32, "picture")
    kernel = ops.constant(np.full((1, 1, 1, 1), 2 + noise, np.float32))
    conv = ops.convolution(image, kernel, [1, 1], [0, 0], [0, 0], [1, 1])
    conv.set_friendly_name("conv")
    biased = ops.add(conv, ops.constant(np.ones((1, 1, 1, 1), np.float32)))
    biased.set_friendly_name("biased")
    scaled = ops.multiply(biased, ops.constant(np.full((1, 1, 1, 1), scale, np.float32)))
    scaled.set_friendly_name(name)
    last = ops.relu(scaled)
    last.set_friendly_name("last")
    return ov.Model([last], [image], "network")


def meter(tmp_path: Path, parent: ov.Model, optimized: ov.Model) -> TensorMeter:
    for name, model in (("parent", parent), ("optimized", optimized)):
        ov.save_model(model, tmp_path / f"{name}.xml", compress_to_fp16=False)
    return TensorMeter(tmp_path / "parent.xml", tmp_path / "optimized.xml")


IMAGE = np.array([1, 2, 3, 4], np.float32).reshape(1, 1, 2, 2)
BIASED = 2 * IMAGE.ravel().astype(np.float64) + 1


def test_the_layer_that_adds_the_error_comes_first(tmp_path: Path) -> None:
    measured = meter(tmp_path, network(3), network(3.3))
    measured.add([IMAGE])
    measured.add([2 * IMAGE])
    report = measured.report()
    values = np.concatenate([BIASED, 4 * IMAGE.ravel() + 1])
    error = 0.3 * values
    assert report.images == 2
    worst = report.layers[0]
    assert (worst.name, worst.kind, worst.operations) == ("scaled", "Multiply", ("scaled",))
    assert worst.mse == pytest.approx((error**2).mean(), rel=1e-5)
    assert worst.snr_db == pytest.approx(20.0, abs=1e-3)  # a tenth of the values
    assert worst.cosine == pytest.approx(1)
    assert worst.max_abs == pytest.approx(error.max(), rel=1e-5)
    assert worst.relative_error == worst.added_error == pytest.approx(0.1, rel=1e-4)
    by_name = {one.name: one for one in report.layers}
    assert by_name["biased"].mse == 0
    assert by_name["biased"].snr_db is None
    assert by_name["last"].added_error == pytest.approx(0, abs=1e-6)
    assert [one.name for one in report.outputs] == ["last"]


def test_a_bias_belongs_to_its_convolution(tmp_path: Path) -> None:
    measured = meter(tmp_path, network(3), network(3, noise=0.1))
    measured.add([IMAGE])
    worst = measured.report().layers[0]
    assert (worst.name, worst.kind) == ("biased", "Convolution")
    assert worst.operations == ("conv", "biased")
    assert "conv" not in {one.name for one in measured.report().layers}


def test_tensors_are_compared_as_they_enter_an_nms() -> None:
    def detector() -> ov.Model:
        image = ops.parameter([1, 1, 2, 4], np.float32, "picture")
        boxes = ops.relu(ops.reshape(image, np.array([1, 2, 4]), False))
        boxes.set_friendly_name("boxes")
        scores = ops.reduce_sum(ops.exp(boxes), np.array([2]), True)
        ranked = ops.transpose(scores, np.array([0, 2, 1]))
        ranked.set_friendly_name("scores")
        nms = ops.non_max_suppression(
            boxes, ranked, ops.constant(np.int64(5)), ops.constant(np.float32(0.5)),
            ops.constant(np.float32(0.0)),
        )  # fmt: skip
        after = ops.convert(nms.output(0), "f32")
        after.set_friendly_name("after")
        return ov.Model([after], [image], "detector")

    layers = {layer.name: layer for layer in shared_layers(detector(), detector())}
    assert layers["boxes"].output == "boxes, before NonMaxSuppression"
    assert layers["scores"].output == "scores, before NonMaxSuppression"
    assert "after" not in layers


def test_layers_of_other_names_are_not_compared(tmp_path: Path) -> None:
    measured = meter(tmp_path, network(3), network(3.3, name="renamed"))
    measured.add([IMAGE])
    report = measured.report()
    assert {one.name for one in report.layers} == {"biased", "last"}
    assert report.layers[0].name == "last"  # the error shows where it first can be seen


def test_networks_without_a_common_layer_are_refused(tmp_path: Path) -> None:
    other = ops.parameter([1, 1, 2, 2], np.float32, "picture")
    with pytest.raises(InputError, match="no layer of one name"):
        meter(tmp_path, network(3), ov.Model([ops.exp(other)], [other], "other"))


def test_many_layers_take_several_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once = meter(tmp_path, network(3), network(3.3))
    monkeypatch.setattr("core.metrics.tensors.tensor_distance.MAX_BYTES", 40)
    often = meter(tmp_path, network(3), network(3.3))
    for measured in (once, often):
        measured.add([IMAGE])
    first, second = once.report(), often.report()
    assert [one.name for one in first.outputs] == [one.name for one in second.outputs]
    assert {one.name: one.mse for one in first.layers} == pytest.approx(
        {one.name: one.mse for one in second.layers}, rel=1e-4, abs=1e-9
    )
