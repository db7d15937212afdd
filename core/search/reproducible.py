"""Whether OpenVINO computes the same from a model each time it compiles it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import WorkbenchError
from core.inference.compiling import compile_for
from core.inference.settings import InferenceSettings
from core.progress import Step

if TYPE_CHECKING:
    import openvino as ov

COMPILATIONS = 30  # that have to agree where OpenVINO is known to go wrong now and then
_SAME = 0.05  # of the sum of an output


def require_reproducible(xml: Path, inputs: Sequence[Any], device: str, step: Step) -> None:
    """Raises WorkbenchError where compilations for several streams differ from one for one stream.

    Of convolutions with weights alone in INT8, OpenVINO 2026.4 makes nonsense in one of four
    compilations, but only for several streams; nothing tells it from the others.
    """
    stage = "Compiling it several times"
    asked = InferenceSettings(device=device, precision_hint="f32")
    expected = _sums(compile_for(xml, asked, "LATENCY"), inputs)
    wrong = 0
    for done in range(COMPILATIONS):
        step(stage, done, COMPILATIONS)
        found = _sums(compile_for(xml, asked, "THROUGHPUT"), inputs)
        wrong += not np.allclose(found, expected, rtol=_SAME)
    if wrong:
        raise WorkbenchError(
            f"OpenVINO computes something else from it in {wrong} of {COMPILATIONS} "
            "compilations for several streams: it cannot be relied on.",
            "Use weights in FP16, or an INT8 plan.",
        )


def _sums(compiled: ov.CompiledModel, inputs: Sequence[Any]) -> list[float]:
    """The sum of the absolute values of each output."""
    outputs = compiled(inputs)
    return [float(np.abs(outputs[port].astype(np.float64)).sum()) for port in compiled.outputs]
