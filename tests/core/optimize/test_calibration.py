"""Calibration gives NNCF's own weights, bit for bit, whichever way it takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset8 as ops

from core.optimize import calibration, statistics_graph
from core.optimize.bias_shifts import Shifts, remembered
from core.optimize.calibration import fast_calibration
from core.optimize.constant_statistics import take_constants
from core.optimize.statistics_cache import StatisticsCache
from core.optimize.structure import operations_of
from tests.support import models

Images = list[NDArray[np.float32]]


def images(size: int, count: int = 5) -> Images:
    random = np.random.default_rng(3)
    return [random.uniform(0, 255, (1, 3, size, size)).astype(np.float32) for _ in range(count)]


def products() -> ov.Model:
    """A network of matrix products, with statistics along another axis than convolutions."""
    random = np.random.default_rng(1)
    photo = ops.parameter([1, 3, 64, 64], np.float32, name="image")
    value = ops.reshape(photo, [1, 192, 64], False)
    for _ in range(2):
        weights = random.normal(0, 0.05, (64, 64)).astype(np.float32)
        value = ops.relu(ops.add(ops.matmul(value, weights, False, False), weights[:1] * 3))
    return ov.Model([value], [photo], "products")


def constants(model: ov.Model) -> list[NDArray[Any]]:
    return [op.get_data() for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]


def quantized(made: ov.Model, of: Images, **parameters: Any) -> list[NDArray[Any]]:
    return constants(nncf.quantize(made, nncf.Dataset(of), subset_size=len(of), **parameters))


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (models.ssd, 64),
        (lambda: models.ssd(size=72), 72),  # 81 pixels: one more than five times sixteen
        (models.yolox, 64),
        (products, 64),
    ],
    ids=["ssd", "odd", "yolox", "products"],
)
def test_the_weights_are_nncfs(make: Callable[[], ov.Model], size: int) -> None:
    of = images(size)
    expected = quantized(make(), of)
    with fast_calibration():
        made = quantized(make(), of)
    assert len(made) == len(expected) > 10
    assert all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def test_statistics_that_are_no_extremes_of_the_tensor() -> None:
    estimator = (
        nncf.quantization.range_estimator.RangeEstimatorParametersSet.MEAN_NO_OUTLIERS_MINMAX
    )
    parameters = nncf.AdvancedQuantizationParameters(activations_range_estimator_params=estimator)
    expected = quantized(models.ssd(), images(64), advanced_parameters=parameters)
    with fast_calibration():
        made = quantized(models.ssd(), images(64), advanced_parameters=parameters)
    assert all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def test_a_machine_that_adds_in_another_order_gets_nncfs_network(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = quantized(models.ssd(), images(64))
    finish = statistics_graph.Rest.finish

    def other(rest: statistics_graph.Rest, outputs: statistics_graph.Outputs) -> Any:
        means = [name for mean in rest.means.values() for name in mean.names]
        finished = finish(rest, outputs)
        assert not rest.largest or means
        return finished | {name: np.nextafter(finished[name], np.inf) for name in means}

    monkeypatch.setattr(statistics_graph.Rest, "finish", other)
    with caplog.at_level(logging.INFO, calibration.__name__), fast_calibration():
        made = quantized(models.ssd(), images(64))
    assert ["as NNCF does" in one.getMessage() for one in caplog.records] == [True]
    assert all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def test_the_rewritten_network_reduces_nothing_that_was_transposed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched: list[ov.Model] = []

    def keep(model: ov.Model) -> tuple[ov.Model, statistics_graph.Rest]:
        rewritten, rest = statistics_graph.faster(model)
        watched.extend((model, rewritten))
        return rewritten, rest

    monkeypatch.setattr("core.optimize.calibration.faster", keep)
    with fast_calibration():
        quantized(models.ssd(), images(64))
    before, after = (
        {kind: sum(op.get_type_name() == kind for op in model.get_ops()) for kind in KINDS}
        for model in watched
    )
    assert before["Abs"] > 5
    assert before["ReduceMean"] > 5
    assert after == {"Abs": 0, "ReduceMean": 0, "ReduceSum": before["ReduceMean"]}


KINDS = ("Abs", "ReduceMean", "ReduceSum")


@pytest.mark.parametrize("half", [False, True], ids=["f32", "f16"])
def test_what_no_image_changes_is_found_once_with_the_bits_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    ov.save_model(models.ssd(), tmp_path / "ssd.xml", compress_to_fp16=half)
    found: list[tuple[ov.Model, ov.Model, statistics_graph.Outputs]] = []

    def keep(model: ov.Model) -> statistics_graph.Outputs:
        before = model.clone()
        found.append((before, model, take_constants(model)))
        return found[-1][-1]

    monkeypatch.setattr(calibration, "take_constants", keep)
    with fast_calibration():
        quantized(ov.Core().read_model(tmp_path / "ssd.xml"), images(64, 2))
    ((before, after, constants),) = found
    assert len(after.outputs) == len(before.outputs) - len(constants)
    assert len(constants) > len(before.outputs) / 3
    network = calibration.Network(before, statistics_graph.Rest(), {"CACHE_DIR": ""})
    given = network.outputs(images(64)[0])
    for name, value in constants.items():
        assert value.dtype == given[name].dtype
        assert np.array_equal(value, given[name])
        assert value.shape == given[name].shape


def test_only_what_is_exact_everywhere_is_found_so() -> None:
    """An operation may have several outputs, and a mean has other bits in NumPy."""
    photo = ops.parameter([1, 4, 8], np.float32, name="image")
    weights = ops.constant(np.arange(4, dtype=np.float32) - 2.5)
    axis, keep = ops.constant([0]), True
    exact = ops.reduce_max(ops.abs(weights), axis, keep)
    exact.output(0).set_names({"exact"})
    values = [photo, exact, ops.reduce_mean(weights, axis, keep)]
    values += ops.split(photo, 1, 2).outputs()
    network = ov.Model([ops.result(one) for one in values], [photo], "network")
    constants = take_constants(network)
    assert {name: value.tolist() for name, value in constants.items()} == {"exact": [2.5]}
    assert len(network.outputs) == 4


def test_what_no_image_changes_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from nncf.common.tensor_statistics.collectors import AggregatorBase

    register, shapes = AggregatorBase.register_reduced_input, []

    def noted(own: Any, value: Any) -> None:
        shapes.append(value.shape)
        register(own, value)

    monkeypatch.setattr(AggregatorBase, "register_reduced_input", noted)
    with fast_calibration():
        quantized(models.ssd(), images(64, 3))
    assert shapes.count((4,)) > 1  # of tensors' shapes
    once = shapes.count((4,))
    shapes.clear()
    with fast_calibration():
        quantized(models.ssd(), images(64, 1))
    assert shapes.count((4,)) == once


def test_an_interrupted_calibration_leaves_nncf_as_it_was() -> None:
    from nncf.openvino.statistics.aggregator import OVStatisticsAggregator

    before = OVStatisticsAggregator.collect_statistics
    stop = RuntimeError("cancelled")

    def interrupted() -> Any:
        yield from images(64, 3)
        raise stop

    with pytest.raises(RuntimeError, match="cancelled"), fast_calibration():
        nncf.quantize(models.ssd(), nncf.Dataset(interrupted()), subset_size=9)
    assert OVStatisticsAggregator.collect_statistics is before


def test_statistics_of_another_plan_are_used_again_with_the_same_weights() -> None:
    network, of = models.yolox(), images(64)
    mixed = nncf.QuantizationPreset.MIXED
    scope = nncf.IgnoredScope(names=list(operations_of(network, "head")))
    expected = [
        quantized(network, of, ignored_scope=scope),
        quantized(network, of, preset=mixed),
    ]
    known, counted = StatisticsCache(), Counted(of)
    with fast_calibration(known):
        quantized(network, counted)
        assert known.reused == 0
        fewer = quantized(network, counted, ignored_scope=scope)
        assert known.reused > 0
        assert counted.read == len(of), "no image is needed a second time"
        other = quantized(network, counted, preset=mixed)
        assert counted.read == 2 * len(of), "other statistics are"
    for made, plain in zip((fewer, other), expected, strict=True):
        assert len(made) == len(plain)
        assert all(np.array_equal(a, b) for a, b in zip(made, plain, strict=True))


def test_layers_that_are_quantized_as_before_are_corrected_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nncf.quantization.algorithms.fast_bias_correction import algorithm

    computed: list[int] = []

    class Engines:
        """The engine that NNCF runs a layer with."""

        @staticmethod
        def create(model: ov.Model) -> Any:
            computed.append(1)
            return factory.create(model)

    factory = algorithm.EngineFactory
    network, of, other = models.yolox(), images(64), images(64)[::-1][:2]
    scope = nncf.IgnoredScope(names=list(operations_of(network, "head")))
    expected = quantized(network, of, ignored_scope=scope)
    elsewhere = quantized(network, other)
    monkeypatch.setattr(algorithm, "EngineFactory", Engines)
    shifts: Shifts = {}
    with remembered(shifts):
        quantized(network, of)
        first = len(computed)
        fewer = quantized(network, of, ignored_scope=scope)
        assert len(computed) == first == len(shifts) > 3
        assert all(np.array_equal(a, b) for a, b in zip(fewer, expected, strict=True))
        others = quantized(network, other)
        assert len(computed) == 2 * first, "of other images nothing is known"
    assert all(np.array_equal(a, b) for a, b in zip(others, elsewhere, strict=True))


class Counted(list[NDArray[np.float32]]):
    """Images that count how often one is read."""

    read = 0

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for image in super().__iter__():
            self.read += 1
            yield image
