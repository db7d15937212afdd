"""Calibration gives NNCF's own weights, bit for bit, whichever way it takes."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset8 as ops

from core.optimize import calibration, statistics_graph
from core.optimize import statistics_rest as rests
from core.optimize.bias_shifts import Shifts, remembered
from core.optimize.calibration import fast_calibration
from core.optimize.constant_statistics import take_constants
from core.optimize.registering import register_all
from core.optimize.statistics_cache import StatisticsCache
from core.optimize.structure import operations_of
from tests.support import models
from tests.support.as_processor import played
from tests.support.checkout import run_python

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


def wrong_means(monkeypatch: pytest.MonkeyPatch, ways: Collection[statistics_graph.AddUp]) -> None:
    """Means that are added up in these ways end with another bit."""
    rewrite, wrong = statistics_graph.faster, list[rests.Means]()
    finish = rests.Means.finish

    def noting(model: ov.Model, wanted: frozenset[str], add_up: statistics_graph.AddUp) -> Any:
        rewritten, rest = rewrite(model, wanted, add_up)
        assert rest.means is not None
        if add_up in ways:
            wrong.append(rest.means)
        return rewritten, rest

    def other(means: rests.Means, row: NDArray[np.float32]) -> rests.Outputs:
        found = finish(means, row)
        if means not in wrong:
            return found
        return {name: np.nextafter(value, np.inf) for name, value in found.items()}

    monkeypatch.setattr(calibration, "faster", noting)
    monkeypatch.setattr(rests.Means, "finish", other)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="kernels of x86")
def test_where_kernels_are_known_no_shortcut_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """The same weights would be made without them, in three times the time."""
    with caplog.at_level(logging.INFO, calibration.__name__), fast_calibration():
        quantized(models.ssd(), images(64))
    assert not caplog.records


@pytest.mark.parametrize("kind", ["avx2", "vnni"])
def test_partial_sums_are_those_of_the_processor(kind: str, tmp_path: Path) -> None:
    asked = "from core.optimize.lanes import lanes_here; print(lanes_here())"
    expected = {"avx2": "8", "vnni": "16"}[kind]
    assert run_python(asked, **played(kind, tmp_path)).strip() == expected


def test_a_machine_that_adds_in_another_order_gets_nncfs_network(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = quantized(models.ssd(), images(64))
    wrong_means(monkeypatch, (statistics_graph.by_product, statistics_graph.by_reduction))
    with caplog.at_level(logging.INFO, calibration.__name__), fast_calibration():
        made = quantized(models.ssd(), images(64))
    assert ["as NNCF does" in one.getMessage() for one in caplog.records] == [True]
    assert all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def test_where_only_products_add_otherwise_nothing_else_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = quantized(models.ssd(), images(64))
    wrong_means(monkeypatch, (statistics_graph.by_product,))
    with caplog.at_level(logging.INFO, calibration.__name__), fast_calibration():
        made = quantized(models.ssd(), images(64))
    assert not caplog.records
    assert all(np.array_equal(a, b) for a, b in zip(made, expected, strict=True))


def rewritten_networks(monkeypatch: pytest.MonkeyPatch) -> list[ov.Model]:
    """NNCF's network for the statistics of an SSD, and the one for the same in less time."""
    watched: list[ov.Model] = []

    def keep(model: ov.Model, *how: Any) -> tuple[ov.Model, rests.Rest]:
        rewritten, rest = statistics_graph.faster(model, *how)
        watched.extend((model, rewritten))
        return rewritten, rest

    monkeypatch.setattr(calibration, "faster", keep)
    with fast_calibration():
        quantized(models.ssd(), images(64))
    return watched


def test_the_rewritten_network_reduces_nothing_that_was_transposed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = (
        {kind: sum(op.get_type_name() == kind for op in model.get_ops()) for kind in KINDS}
        for model in rewritten_networks(monkeypatch)[:2]
    )
    assert before["Abs"] > 5
    assert before["ReduceMean"] > 5
    assert after == {"Abs": 0, "ReduceMean": 0, "MatMul": before["ReduceMean"] + before["MatMul"]}


def test_tensors_are_reduced_as_soon_as_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """So OpenVINO finds them in the cache, and needs less memory: it depends on their order."""
    _, network, *_ = rewritten_networks(monkeypatch)
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    executed = ov.Core().compile_model(network, "CPU", settings).get_runtime_model()
    steps = [
        (int(op.get_rt_info()["execOrder"].astype(str)), op) for op in executed.get_ordered_ops()
    ]
    when = {op.get_friendly_name(): step for step, op in steps}
    waited = [
        step - when[op.input_value(0).get_node().get_friendly_name()]
        for step, op in steps
        if op.get_rt_info()["layerType"].astype(str).startswith("Reduce")
    ]
    assert len(waited) > 10
    assert max(waited) < len(steps) / 8


KINDS = ("Abs", "ReduceMean", "MatMul")


@pytest.mark.parametrize("half", [False, True], ids=["f32", "f16"])
def test_what_no_image_changes_is_found_once_with_the_bits_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    ov.save_model(models.ssd(), tmp_path / "ssd.xml", compress_to_fp16=half)
    found: list[tuple[ov.Model, ov.Model, rests.Outputs]] = []

    def keep(model: ov.Model) -> rests.Outputs:
        before = model.clone()
        found.append((before, model, take_constants(model)))
        return found[-1][-1]

    monkeypatch.setattr(calibration, "take_constants", keep)
    with fast_calibration():
        quantized(ov.Core().read_model(tmp_path / "ssd.xml"), images(64, 2))
    ((before, after, constants),) = found
    assert len(after.outputs) == len(before.outputs) - len(constants)
    assert len(constants) > len(before.outputs) / 3
    network = calibration.Network(before, rests.Rest(frozenset(constants)), {"CACHE_DIR": ""})
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


@pytest.mark.parametrize("zeros", [[0.0, -0.0] * 20, [-0.0, 0.0] * 20, [np.nan, 1, 2] * 9])
def test_several_images_are_registered_at_once_as_one_after_another(zeros: list[float]) -> None:
    """Also where the order decides which bits are kept."""
    from nncf.common.tensor_statistics import collectors
    from nncf.tensor import Tensor

    values = [np.array([[one, 5.0 - place]], np.float32) for place, one in enumerate(zeros)]
    for kind in (collectors.MinAggregator, collectors.MaxAggregator):
        for axes, most in (((0,), None), ((0, 1), None), ((1,), None), ((0,), 2)):
            one, other = (kind(aggregation_axes=axes, num_samples=most) for _ in range(2))
            for value in values:
                one.register_reduced_input(Tensor(value))
            for some in (values[:2], values[2:]):
                register_all(other, [Tensor(value) for value in some])
            made, expected = (each.aggregate().data for each in (other, one))
            assert (made.shape, made.tobytes()) == (expected.shape, expected.tobytes())


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
