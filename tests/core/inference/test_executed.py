"""What ran is asked of the model that ran."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.inference.arithmetic import int8_arithmetic
from core.inference.compiling import compile_for, executed_precision
from core.inference.executed import (
    arithmetic_of,
    default_precision,
    executed,
    runs_in_true_f32,
    what_decides,
)
from core.inference.image_by_image import Run
from core.inference.machine import require_device
from core.inference.predicting import predict_all
from core.inference.settings import AS_IT_RUNS, TRUE_F32, InferenceSettings
from core.inference.words import SUMS, executed_text
from core.models.stored import load_stored
from core.runtime import LIMIT
from core.sample import sample
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.checkout import run_python

EXACT = InferenceSettings(int8="exact")
DECIDES = """
from core.inference.executed import what_decides
from core.inference.processor import this_processor
print(what_decides("CPU"), this_processor())
"""


def _int8(made: Made) -> Path:
    return model_of(made.optimized)


def test_exact_int8_has_no_integer_convolution_and_one_stream(made: Made) -> None:
    compiled = compile_for(_int8(made), EXACT, "THROUGHPUT")
    assert "int8" not in executed_precision(compiled).layers
    assert int(compiled.get_property("NUM_STREAMS")) == 1
    ran = executed(compiled, EXACT, quantized=True)
    assert (ran.arithmetic, ran.float_precision) == ("exact", "f32")
    assert ran.as_in_true_f32, "its sums are exact wherever it runs"
    assert "asked CPU, exact INT8; executed f32 in 5 layers, INT8 sums exact" in executed_text(ran)


def test_each_model_says_how_it_ran(made: Made) -> None:
    parent, int8 = (load_stored(model_of(one)) for one in (made.parent, made.optimized))
    runs = [Run(parent.xml, TRUE_F32), Run(int8.xml, TRUE_F32), Run(int8.xml, AS_IT_RUNS)]
    detector = parent.card.detector
    first, second, third = predict_all(runs, detector, open_dataset(made.images))
    assert set(first.executed.layers) == {"f32"}
    assert first.executed.arithmetic is None, "nothing in it is quantized"
    assert second.executed.precision == "int8"
    assert second.executed.arithmetic == third.executed.arithmetic == int8_arithmetic()
    assert second.executed.as_in_true_f32
    assert third.executed.settings == AS_IT_RUNS
    assert third.executed.as_in_true_f32 == runs_in_true_f32(AS_IT_RUNS)
    assert "asked CPU, default; executed int8" in executed_text(third.executed)


def test_exact_int8_and_int8_as_executed_find_the_same_where_sums_are_exact(made: Made) -> None:
    if int8_arithmetic() == "saturating":
        pytest.skip("this processor saturates")
    int8 = load_stored(_int8(made))
    runs = [Run(int8.xml, TRUE_F32), Run(int8.xml, EXACT)]
    as_it_is, exact = predict_all(runs, int8.card.detector, open_dataset(made.images))
    assert as_it_is.table.boxes == pytest.approx(exact.table.boxes, abs=0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of instructions are tried on Linux")
def test_detections_of_other_instructions_are_others() -> None:
    """By what a shard is named by; without VNNI the device says the same of itself with AVX-512."""
    assert run_python(DECIDES, **{LIMIT: "AVX2"}) != run_python(DECIDES, **{LIMIT: ""})
    assert int8_arithmetic() in what_decides("CPU")


def test_auto_that_chose_the_cpu_has_its_sums(made: Made) -> None:
    on_auto = InferenceSettings(device="AUTO:CPU")
    ran = executed(compile_for(_int8(made), on_auto, "LATENCY"), on_auto, quantized=True)
    assert (ran.devices, ran.arithmetic) == (("CPU",), int8_arithmetic())
    assert ran.on_cpu
    assert (ran.float_precision, ran.threads > 0) == (default_precision(), True)
    assert SUMS[int8_arithmetic()] in executed_text(ran)
    assert arithmetic_of(ran.layers, ("(CPU)",)) is None, "AUTO still makes another device ready"
    assert arithmetic_of(ran.layers, ("GPU.0",)) is None


def test_detections_of_auto_are_kept_by_what_it_may_choose() -> None:
    own, auto = what_decides("CPU"), what_decides("AUTO")
    assert set(own) <= set(auto), "the CPU's name, sums and abilities decide there, too"


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    require_device("CPU")
    require_device("AUTO")
    require_device("AUTO:CPU")
    for name in ("TOASTER", "AUTO:TOASTER", "CPU,", "", "CPU.0", "CPU.7", "AUTO:CPU.1", "\udc80"):
        with pytest.raises(InputError) as refused:
            require_device(name)
        assert "CPU" in refused.value.next_step


@pytest.mark.parametrize(
    "wrong",
    [
        InferenceSettings(device="AUTO", int8="exact"),
        InferenceSettings(precision_hint="bf16", int8="exact"),
    ],
)
def test_exact_int8_is_refused_where_it_cannot_be(wrong: InferenceSettings) -> None:
    with pytest.raises(InputError, match="INT8 is computed"):
        compile_for(sample().model, wrong, "LATENCY")
