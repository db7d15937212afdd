"""Results of checks as a job would have left them, made without running one."""

from __future__ import annotations

from pathlib import Path

from core.check.deciding import Computed, Decision, Figure, decide, overall
from core.check.job import CheckResult
from core.check.settings import CheckSettings
from core.inference.machine import Machine
from core.metrics.comparison.bootstrap import Interval
from core.remarks.remark import Remark
from tests.support.runs import IN_F32, IN_INT8


def kept(value: float, low: float, high: float, allowed: float = 0.98) -> Decision:
    """An accuracy kept over 100 images."""
    found = Figure(Interval(value=value, low=low, high=high), "images", 100)
    computed = Computed(device="CPU", precision="bf16", arithmetic="exact")
    return decide("accuracy_kept", allowed, found, computed)


PASSED = kept(0.99, 0.985, 0.995)
FAILED = kept(0.95, 0.93, 0.97)
UNDECIDED = kept(0.985, 0.975, 0.992)


def check_result(
    *decisions: Decision, name: str = "model", problems: tuple[Remark, ...] = ()
) -> CheckResult:
    """A result with these decisions; everything that may be foreign is called `name`."""
    return CheckResult(
        parent=name,
        optimized=name,
        dataset=name,
        dataset_root=Path("images"),
        images=100,
        settings=CheckSettings(),
        state=overall(decisions),
        decisions=decisions,
        other_ways=(),
        not_judged=(),
        speed_on_target=True,
        parent_ap=None,
        optimized_ap=None,
        machine=Machine(
            device="CPU", device_name=name, logical_cores=2, openvino="2026.4", system="Linux"
        ),
        executions=(IN_F32, IN_INT8),
        benchmark=None,
        problems=problems,
        used_differently=(),
        created="2026-01-02T03:04:05+00:00",
    )
