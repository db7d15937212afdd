"""Layers that run together give the biases that NNCF finds by running each alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset8 as ops

from core.optimize import layers_together
from core.optimize.layers_together import layers_run_together
from tests.core.optimize.test_calibration import Images, images, products, quantized
from tests.support import models


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[ov.Model]:
    """The networks of one layer that NNCF makes an engine of its own for, from now on."""
    from nncf.quantization.algorithms.fast_bias_correction import algorithm

    made: list[ov.Model] = []
    create = algorithm.EngineFactory.create

    def counted(model: ov.Model) -> Any:
        if len(model.outputs) == 1:  # that of the statistics has many
            made.append(model)
        return create(model)

    monkeypatch.setattr(algorithm.EngineFactory, "create", staticmethod(counted))
    return made


def equal(made: list[Any], expected: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def biased() -> ov.Model:
    """Convolutions with biases that are large enough to be corrected."""
    random = np.random.default_rng(1)
    photo = ops.parameter([1, 3, 64, 64], np.float32, name="image")
    value, before = photo, 3
    for channels in (8, 16, 24):
        weights = random.normal(0, 0.1, (channels, before, 3, 3)).astype(np.float32)
        bias = random.uniform(20, 40, (1, channels, 1, 1)).astype(np.float32)
        value = ops.convolution(value, weights, [2, 2], [1, 1], [1, 1], [1, 1])
        value, before = ops.relu(ops.add(value, bias)), channels
    return ov.Model([value], [photo], "biased")


def test_biases_are_corrected() -> None:
    of = images(64)
    expected = quantized(biased(), of)
    with layers_run_together():
        made = quantized(biased(), of)
    assert equal(made, expected)
    assert not equal(made, quantized(biased(), of, **without_correction()))


@pytest.mark.parametrize("make", [models.ssd, models.yolox, products, biased])
def test_biases_are_nncfs_and_one_layer_is_run_alone(
    make: Callable[[], ov.Model], engines: list[ov.Model]
) -> None:
    of = images(64)
    expected = quantized(make(), of)
    alone = len(engines)
    with layers_run_together():
        made = quantized(make(), of)
    assert equal(made, expected)
    assert alone >= 2
    assert len(engines) == alone + 1


def without_correction() -> dict[str, Any]:
    return {
        "advanced_parameters": nncf.AdvancedQuantizationParameters(disable_bias_correction=True)
    }


def test_many_layers_take_several_networks(
    engines: list[ov.Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = quantized(models.ssd(), images(64))
    alone = len(engines)
    monkeypatch.setattr(layers_together, "_MOST_BYTES", 2**16)
    with layers_run_together():
        made = quantized(models.ssd(), images(64))
    assert equal(made, expected)
    assert alone + 1 < len(engines) < 2 * alone


def test_other_bits_together_leave_all_to_nncf(
    engines: list[ov.Model], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    of: Images = images(64)
    expected = quantized(models.ssd(), of)
    alone = len(engines)

    class Other:
        """A core that compiles networks which double what goes in."""

        def compile_model(self, model: ov.Model, *given: Any) -> Any:
            compiled = ov.Core().compile_model(model, *given)

            class Request:
                def infer(self, values: list[Any]) -> list[Any]:
                    found = compiled.create_infer_request().infer([2 * one for one in values])
                    return [found[place] for place in range(len(values))]

            class Compiled:
                create_infer_request = Request

            return Compiled()

    monkeypatch.setattr(layers_together, "openvino_core", Other)
    with caplog.at_level(logging.INFO, layers_together.__name__), layers_run_together():
        made = quantized(models.ssd(), of)
    assert ["other bits together" in one.getMessage() for one in caplog.records] == [True]
    assert equal(made, expected)
    assert len(engines) == 2 * alone + 1


def test_nncf_is_as_it_was_afterwards() -> None:
    from nncf.quantization.algorithms.fast_bias_correction import algorithm

    before = algorithm.EngineFactory, algorithm.FastBiasCorrection.apply
    with pytest.raises(RuntimeError, match="stop"), layers_run_together():
        raise RuntimeError("stop")
    assert (algorithm.EngineFactory, algorithm.FastBiasCorrection.apply) == before


@pytest.mark.parametrize(("shape", "axis"), [((1, 3, 4, 5), 1), ((2, 4, 6), -1), ((5, 3), 0)])
def test_what_goes_into_a_layer_is_nncfs(shape: tuple[int, ...], axis: int) -> None:
    from nncf.quantization.algorithms.fast_bias_correction.openvino_backend import (
        OVFastBiasCorrectionAlgoBackend as Backend,
    )
    from nncf.tensor import Tensor

    means = list(Tensor(np.random.default_rng(2).normal(size=7).astype(np.float32)))
    own, given = vars(Backend)["create_input_data"], (shape, means, "input", axis)
    expected = Backend.create_input_data(*given)
    with layers_run_together():
        assert vars(Backend)["create_input_data"] is not own
        made = Backend.create_input_data(*given)
    assert vars(Backend)["create_input_data"] is own
    assert made["input"].dtype == expected["input"].dtype
    assert np.array_equal(made["input"], expected["input"])
