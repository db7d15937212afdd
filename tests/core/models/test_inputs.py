"""Inputs besides the image, and what every job puts there."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset8 as ops

from core.benchmark.measuring import benchmark
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
from core.datasets.open import open_dataset
from core.errors import InputError
from core.models.detector import Detector
from core.models.importing import import_model
from core.models.inputs import extra_inputs, model_inputs
from core.models.plan import QuantizationPlan
from core.models.preprocessing import Preprocessing
from core.models.shapes import fix_shapes
from core.optimize.quantizing import quantize
from tests.support import layouts, models
from tests.support.images import sample_image, write_images
from tests.support.models import Known


def with_input(
    name: str, shape: list[int], kind: Any = np.float32, first: bool = False
) -> ov.Model:
    image = ops.parameter([-1, 3, -1, -1], np.float32, name="image")
    other = ops.parameter(shape, kind, name=name)
    mean = ops.reduce_mean(image, [1, 2, 3], True)
    total = ops.reduce_sum(ops.convert(other, "f32"), list(range(len(shape))), False)
    model = ov.Model([ops.add(mean, total)], [other, image] if first else [image, other], "two")
    for port in model.inputs:
        port.set_names({port.get_node().get_friendly_name()})
    return model


@pytest.mark.parametrize(
    ("name", "shape", "kind", "values"),
    [
        ("orig_target_sizes", [-1, 2], np.int64, [[96, 64]]),
        ("image_shape", [1, 2], np.float32, [[64, 96]]),
        ("im_shape", [-1, 2], np.float32, [[64, 96]]),
        ("scale_factor", [-1, 2], np.float32, [[1, 1]]),
        ("image_info", [1, 3], np.float32, [[64, 96, 1]]),
        ("im_info", [1, 6], np.float32, [[64, 96, 1, 1, 1, 1]]),
        ("pixel_mask", [-1, -1, -1], np.int64, np.ones((1, 64, 96)).tolist()),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_what_they_are_told(
    name: str, shape: list[int], kind: Any, values: list[Any], first: bool
) -> None:
    model = with_input(name, shape, kind, first)
    place = fix_shapes(model, wanted=(64, 96))
    assert (place.name, place.height, place.width) == ("image", 64, 96)
    preprocessing = Preprocessing(width=96, height=64, resize="letterbox")
    detector = Detector(
        decoder="detr-boxes",
        preprocessing=preprocessing,
        class_names=("cat",),
        extra_inputs=extra_inputs(model, place.index),
    )
    tensors, placement = model_inputs(detector, sample_image(300, 100))
    said = tensors[0 if first else 1]
    assert said.tolist() == values
    assert said.dtype == kind
    assert [list(tensor.shape) for tensor in tensors] == [list(p.shape) for p in model.inputs]
    assert placement == preprocessing.place(300, 100)


def test_an_input_of_unknown_meaning_is_named() -> None:
    model = with_input("temperature", [1, 7])
    place = fix_shapes(model, wanted=(64, 96))
    with pytest.raises(InputError, match=r"an input 'temperature' \[1,7\] besides the image"):
        extra_inputs(model, place.index)


def test_a_network_without_a_image_is_refused() -> None:
    value = ops.parameter([1, 10], np.float32, name="x")
    with pytest.raises(InputError, match="No input of the model takes an image"):
        fix_shapes(ov.Model([ops.relu(value)], [value], "no image"))


def test_all_jobs_fill_all_inputs(tmp_path: Path) -> None:
    found = [Known((8, 8, 32, 32), 0.9, 1)]
    path = models.save(layouts.sized(found), tmp_path / "model", "detr", models.CLASSES)
    (tmp_path / "out").mkdir()
    stored = import_model(path, tmp_path / "out")
    dataset = open_dataset(write_images(tmp_path / "images", 3))
    plan = QuantizationPlan(subset_size=3)
    made = quantize(stored.xml, stored.card.detector, dataset, plan, lambda *_: None)
    assert made.images_used == 3
    tested = [BenchmarkedModel(name="parent", xml=stored.xml)]
    measured, _ = benchmark(tested, BenchmarkSettings(seconds=0.5), lambda *_: None)
    assert measured.runs[0].throughput_fps > 0
