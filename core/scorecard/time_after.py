"""How long the rest of a chain takes: from the speed that the parent was measured with."""

from __future__ import annotations

from core.benchmark.service import benchmark_result
from core.benchmark.settings import BenchmarkSettings
from core.errors import WorkbenchError
from core.inference.settings import TRUE_F32
from core.workspace.store import Workspace

_PASSES = 3  # the parent, and the optimized model in both arithmetics, as slow as the parent
_BEGIN_SECONDS = 3.0  # of a report: its process, reading and compiling, the verdict
_IMAGE_SECONDS = 0.01  # to decode one, and to compare what was found in it


def benchmark_seconds(settings: BenchmarkSettings | None) -> float:
    """At most, of an optimized model in turns with its parent."""
    return (settings or BenchmarkSettings()).estimated_seconds(models=2)


def report_seconds(workspace: Workspace, parent_id: int, images: int | None) -> float | None:
    """About, of a report on so many images; None where the parent was never measured."""
    if images is None:
        return None
    try:
        found = map(benchmark_result, workspace.artifacts(parent_id, "benchmark"))
        measured = next((one for one in found if not one.machine.name), None)
        runs = measured.runs if measured else ()
    except WorkbenchError:
        return None
    speeds = [
        run.throughput_fps
        for run in runs
        if run.precision_hint == TRUE_F32.precision_hint and run.measured_with("throughput")
    ]
    if not speeds:
        return None
    return _BEGIN_SECONDS + images * (_PASSES / min(speeds) + _IMAGE_SECONDS)
