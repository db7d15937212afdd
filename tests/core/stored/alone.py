"""The stored values that no workspace of `tests.core.stored.write` has: one file each."""

from __future__ import annotations

from pathlib import Path

from core.check.job import CheckResult
from core.check.limits import CheckLimits
from core.check.settings import CheckSettings
from core.dataset_making.job import CreateDatasetResult
from core.datasets.class_mapping import ClassMapping, MappedClass
from core.importing.cache import CachedImport
from core.inference.machine import Machine
from core.jobs.events import Progress
from core.jobs.registry import Announced, Ended
from core.jobs.time_left import StageTimes
from core.machines.machine import Machine as OtherMachine
from core.machines.store import Machines
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.optimize.operations import Operation, OperationList
from core.remarks.remark import remark
from core.reports.filters import RowFilter
from core.reports.kind import ViewState
from core.reports.wording import AsMade, Headline
from core.values import Stored, write_json
from tests.support.checks import FAILED, PASSED
from tests.support.runs import IN_F32, IN_INT8

LIMITS_FILE = "limits.toml"
"""As people write it; `LIMITS` is what it says."""
LIMITS = CheckLimits(
    accuracy_kept=0.98,
    ap_drop=0.01,
    predictions_changed=0.25,
    throughput_ratio=1.5,
    latency_ms=20.0,
    size_mb=12.5,
    size_share=0.5,
    target="cpu_vnni",
)

ALONE: dict[str, Stored] = {
    "machines.json": Machines(
        machines=(
            OtherMachine(
                name="lab",
                address="tls://lab.example:8786",
                number="1f2e",
                ca=Path("/keys/ca.pem"),
                certificate=Path("/keys/own.pem"),
                key=Path("/keys/own.key"),
                agreed=True,
                cache_bytes=2**30,
            ),
        )
    ),
    "class-mapping.json": ClassMapping(
        classes=(
            MappedClass(dataset_class="car", model_class="vehicle", reason="chosen by you"),
            MappedClass(dataset_class="tree", model_class=None, reason="no such class"),
        ),
        model_classes=("vehicle",),
    ),
    "view.json": ViewState(
        thresholds=Thresholds(score=0.4, limits=VerdictLimits(safe_kept=0.99)),
        chosen=RowFilter(
            name="street",
            classes=("car",),
            statuses=("missed",),
            ranges={"missed": (1, None)},
            cell=("car", None),
        ),
        headline=Headline(
            code="check",
            figures={"kept": 0.97, "changed": None},
            as_made=AsMade(verdict="safe", made_at=0.3, at=0.4),
        ),
    ),
    "operations.json": OperationList(
        operations=(Operation(name="猫", kind="Add"),), parts={"head": ("猫",)}, ignored=("猫",)
    ),
    "created-dataset.json": CreateDatasetResult(
        dataset="dataset.json",
        images=3,
        augmented=1,
        problems=(remark("image_cut_short", image="street.jpg", clause="its end is missing"),),
        name="streets",
    ),
    "check.json": CheckResult(
        parent="ssd",
        optimized="ssd-int8",
        dataset="streets",
        dataset_root=Path("/images"),
        images=100,
        settings=CheckSettings(mapping={"tree": None}),
        state="failed",
        decisions=(PASSED, FAILED),
        other_ways=(),
        not_judged=(),
        speed_on_target=True,
        parent_ap=None,
        optimized_ap=None,
        machine=Machine(
            device="CPU",
            device_name="Processor",
            logical_cores=2,
            openvino="2026.4",
            system="Linux",
        ),
        executions=(IN_F32, IN_INT8),
        benchmark=None,
        problems=(),
        used_differently=(),
        created="2026-01-02T03:04:05+00:00",
    ),
    "stage-times.json": StageTimes(jobs={"optimize": (("Collecting statistics", 12.5),)}),
    "announced-job.json": Announced(
        title="Optimize ssd",
        face="terminal",
        workspace=Path("/workspace"),
        project_id=1,
        doing="running",
        progress=Progress(stage="Collecting statistics", done=1, total=4),
        ended=Ended(state="failed", seconds=3.0, message="The disk is full.", log=Path("/log")),
    ),
    "cached-import.json": CachedImport(files={"ssd.xml": "00" * 32}),
}


def write_alone(folder: Path) -> None:
    """Write them into the folder, without the limits, which people write."""
    for name, value in ALONE.items():
        write_json(folder / name, value)
