"""What was asked for, and what really ran."""

from __future__ import annotations

from pathlib import Path

import openvino as ov
import pytest

from core.inference.compiling import compile_for, executed_precision
from core.inference.settings import TRUE_F32
from core.sample import sample
from tests.support.models import ssd


def test_true_f32_is_called_f32_however_the_weights_are_stored(tmp_path: Path) -> None:
    xml = tmp_path / "half.xml"
    ov.save_model(ssd(), xml, compress_to_fp16=True)
    assert executed_precision(compile_for(xml, TRUE_F32, "LATENCY")).name == "f32"


@pytest.mark.parametrize("hint", ["LATENCY", "THROUGHPUT"])
def test_the_sample_runs_in_f32_when_that_is_asked_for(hint: str) -> None:
    compiled = compile_for(
        sample().model, TRUE_F32, "THROUGHPUT" if hint == "THROUGHPUT" else "LATENCY"
    )
    executed = executed_precision(compiled)
    assert set(executed.layers) == {"f32"}  # its runtimePrecision says f16
