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
from core.metrics.operating_point.enough import LEAST_IMAGES
from core.models.plan import QuantizationPlan, Subgraph
from core.optimize.service import plan_optimize
from core.profiling.service import plan_profile
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from core.reports.service import plan_report
from core.search.service import plan_search
from core.search.settings import SearchSettings
from core.transfer.duplicating import plan_duplicate
from core.transfer.service import plan_pack
from core.values import write_json
from core.workspace.store import Workspace
from tests.core.stored.alone import write_alone
from tests.support import models
from tests.support.datasets import coco_dict, write_coco
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
    """Write workspace, project file, plan and what stands alone into the folder that is named."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workspace = Workspace(folder / "workspace")
        photos = _photos(folder / "photos")
        images = write_images(folder / "calibration", 8)
        model = models.save(models.ssd(), folder / "model", "ssd", models.CLASSES)
        parent = _run(workspace, plan_import(workspace, model, photos))
        plan = QuantizationPlan(subset_size=4)
        child = _run(workspace, plan_optimize(workspace, parent, images, plan))
        for _ in range(2):  # one of them for the trash
            _run(workspace, plan_benchmark(workspace, child, BenchmarkSettings(seconds=0.4)))
        _run(workspace, plan_profile(workspace, child, seconds=0.4))
        for kind in KINDS:
            _run(workspace, plan_report(workspace, child, kind.id, options=ReportOptions(images=2)))
        _run(workspace, plan_search(workspace, parent, images, SearchSettings(minutes=0.05)))
        workspace.set_notes(child, "for the gate")
        workspace.rename_artifact(workspace.artifacts(child)[0].id, "newest")
        workspace.trash.add_artifact(workspace.artifacts(child, "benchmark")[0])
        workspace.trash.add_project(_run(workspace, plan_duplicate(workspace, parent)))
        _run(workspace, plan_pack(workspace, child, target / "project.dwproject"))
        _zip(workspace.root, target / "workspace.zip")
    write_json(target / "plan.json", PLAN)
    write_alone(target)
    return 0


def _photos(folder: Path) -> Path:
    """An annotated dataset of so many images that every kind of report can be made."""
    content = coco_dict()
    content["images"] += [
        {"id": 1000 + number, "file_name": f"image {number:03d}.jpg", "width": 96, "height": 80}
        for number in range(LEAST_IMAGES)
    ]
    write_coco(folder, content=content)
    write_images(folder / "val2017", LEAST_IMAGES)
    return folder


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
