"""What a plan quantizes and the processor executes in float all the same stays in float."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
from openvino import opset13 as ops

from core.inference.compiling import compile_for
from core.inference.settings import TRUE_F32, InferenceSettings
from core.optimize.executed_in_float import executed_in_float
from core.runtime import openvino_core
from core.search.candidates import Candidate
from core.search.search import Search
from core.wording.search import reason_sentence
from tests.support import models
from tests.support.searches import MadeUpWorkshop, begun, say_nothing

EXACT = InferenceSettings(precision_hint="f32", int8="exact")
CHANNELS = 16


def depthwise() -> ov.Model:
    """A convolution, a depthwise one, and a convolution."""
    random = np.random.default_rng(0)
    image = ops.parameter([1, 3, 32, 32], np.float32, name="image")
    value: Any = image
    sides = ((CHANNELS, 3, 3, 3), (CHANNELS, 1, 1, 3, 3), (CHANNELS, CHANNELS, 1, 1))
    for number, shape in enumerate(sides):
        weights = ops.constant(random.normal(0, 0.2, shape).astype(np.float32))
        make = ops.group_convolution if len(shape) == 5 else ops.convolution
        pads = [shape[-1] // 2] * 2
        value = make(value, weights, [1, 1], pads, pads, [1, 1], name=f"layer {number}")
        value = ops.multiply(value, ops.sigmoid(value))
    return ov.Model([ops.result(value)], [image])


def quantized(model: ov.Model, **named: Any) -> ov.Model:
    random = np.random.default_rng(1)
    shape = model.input(0).get_shape()
    items = [random.normal(size=shape).astype(np.float32) for _ in range(4)]
    return nncf.quantize(model, nncf.Dataset(items), subset_size=len(items), **named)


def test_the_executed_graph_says_what_that_is() -> None:
    made = quantized(depthwise())
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    compiled = openvino_core().compile_model(made, "CPU", settings)
    found = executed_in_float(made, compiled)
    ran = {
        name: op.get_rt_info()["primitiveType"].astype(str).lower()
        for op in compiled.get_runtime_model().get_ops()
        for name in op.get_rt_info()["originalLayersNames"].astype(str).split(",")
    }
    layers = [f"layer {number}" for number in range(3)]
    assert found == tuple(name for name in layers if not ran[name].endswith("i8"))
    assert "layer 2" not in found, "every CPU has a kernel for that"


def test_where_nothing_is_executed_in_int8_all_that_is_quantized_is_found() -> None:
    """So it is with exact sums: the plugin leaves the quantizers where they are."""
    made = quantized(depthwise(), ignored_scope=nncf.IgnoredScope(names=["layer 0"]))
    compiled = compile_for(made, EXACT, "LATENCY")
    assert executed_in_float(made, compiled) == ("layer 1", "layer 2")


def test_a_model_that_is_not_quantized_has_none() -> None:
    model = models.ssd()
    assert executed_in_float(model, compile_for(model, TRUE_F32, "LATENCY")) == ()


def test_a_search_leaves_it_in_float_in_its_second_plan(tmp_path: Path) -> None:
    def second(workshop: MadeUpWorkshop) -> Candidate:
        tmp_path.joinpath(str(len(workshop.in_float))).mkdir()
        folder = tmp_path / str(len(workshop.in_float))
        found = Search(begun(), folder, workshop, say_nothing).run()
        return [one for one in found.candidates if one.making == "int8"][1]

    left, plain = second(MadeUpWorkshop(in_float=("filter",))), second(MadeUpWorkshop())
    assert left.plan is not None
    assert plain.plan is not None
    assert "depthwise" in left.plan.ignored_parts
    assert "depthwise" not in plain.plan.ignored_parts
    assert "keeps accuracy" in reason_sentence(left.reason)
