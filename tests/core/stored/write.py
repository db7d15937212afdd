"""Writes what this version of the program stores, for the tests of all later ones.

    python -m tests.core.stored.write tests/core/stored/0.2.0

Run it once for a version whose stored forms are new, and never again for one that was released.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

from core.benchmark.service import plan_benchmark
from core.benchmark.settings import BenchmarkSettings
from core.errors import WorkbenchError
from core.importing.service import plan_import
from core.jobs.planned import PlannedJob, run_planned
from core.metrics.operating_point.point import LEAST_IMAGES
from core.models.plan import QuantizationPlan, Subgraph
from core.optimize.service import plan_optimize
from core.profiling.service import plan_profile
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from core.reports.operating.kind import OperatingPoints
from core.reports.service import plan_report
from core.search.service import plan_search
from core.search.settings import SearchSettings
from core.transfer.service import plan_pack
from core.values import write_json
from core.workspace.store import Workspace
from tests.support import models
from tests.support.datasets import write_coco
from tests.support.images import write_images

PLAN = QuantizationPlan(
    name="everything",
    preset="mixed",
    subset_size=4,
    seed=3,
    ignored_parts=("head",),
    ignored_names=("one",),
    ignored_patterns=("two.*",),
    ignored_types=("Multiply",),
    ignored_subgraphs=(Subgraph(inputs=("a",), outputs=("b",)),),
)


def main() -> int:
    """Write workspace, project file and plan into the folder that is named."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workspace = Workspace(folder / "workspace")
        photos = write_coco(folder / "photos")
        images = write_images(folder / "calibration", 8)
        model = models.save(models.ssd(), folder / "model", "ssd", models.CLASSES)
        parent = _run(workspace, plan_import(workspace, model, photos))
        plan = QuantizationPlan(subset_size=4)
        child = _run(workspace, plan_optimize(workspace, parent, images, plan))
        _run(workspace, plan_benchmark(workspace, child, BenchmarkSettings(seconds=0.4)))
        _run(workspace, plan_profile(workspace, child, seconds=0.4))
        many = write_images(folder / "many", LEAST_IMAGES)
        for kind in KINDS:
            dataset = many if kind.id == OperatingPoints.id else None
            options = ReportOptions(images=2)
            _run(workspace, plan_report(workspace, child, kind.id, dataset, options))
        _run(workspace, plan_search(workspace, parent, images, SearchSettings(minutes=0.05)))
        _run(workspace, plan_pack(workspace, child, target / "project.dwproject"))
        _zip(workspace.root, target / "workspace.zip")
    write_json(target / "plan.json", PLAN)
    return 0


def _run(workspace: Workspace, planned: PlannedJob) -> int:
    end = run_planned(workspace, planned)
    if end.outcome.error is not None:
        raise WorkbenchError(f"{planned.title}: {end.outcome.error}", "")
    return end.project_id or 0


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "logs" not in path.parts:
                archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    sys.exit(main())
