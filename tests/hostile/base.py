"""One of everything that the program stores: what hostile inputs grow from.

It is what `tests.core.stored` keeps for this version, with the few things that it lacks.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.dataset_making.service import plan_create_dataset
from core.jobs.runner import run_job
from core.models.plan import QuantizationPlan
from core.optimize.operations import list_operations
from core.optimize.plans import Plans
from core.reports.filters import RowFilter
from core.reports.kind import ViewState
from core.reports.service import class_mapping, keep_class_mapping, plan_report
from core.runtime import openvino_core
from core.values import write_json
from core.workspace.store import Workspace
from tests.hostile.room import Room
from tests.support.checkout import ROOT
from tests.support.jobs import run

STORED = ROOT / "tests" / "core" / "stored" / "0.2.0"


@dataclass(frozen=True)
class Base:
    """What was made, below `root`; nothing in it may be changed, only copied."""

    root: Path

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def project_file(self) -> Path:
        return self.root / "made.dwproject"

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def dataset(self) -> Path:
        """Three images with COCO annotations."""
        return self.root / "photos"

    @property
    def images(self) -> Path:
        return self.dataset / "val2017"

    @property
    def image(self) -> Path:
        return self.images / "a b.jpg"

    @property
    def model(self) -> Path:
        """A model without a card, as a user has it."""
        return self.root / "model" / "ssd.xml"

    @property
    def parent(self) -> Path:
        """Stored, with a card."""
        return self.first("imports/*/ssd.xml")

    @property
    def optimized(self) -> Path:
        """Stored, with a card, a plan and a recipe."""
        return self.first("models/*/ssd-int8.xml")

    @property
    def report(self) -> Path:
        """The folder of a report on predictions."""
        return self.first("reports/*/result.json").parent

    def first(self, pattern: str) -> Path:
        """A file of the workspace."""
        return sorted(self.workspace.glob(pattern))[0]

    def workspace_in(self, room: Room) -> Path:
        """A copy for one case."""
        if not room.workspace.exists():
            shutil.copytree(self.workspace, room.workspace, symlinks=True)
        return room.workspace


def make_base(root: Path) -> Base:
    """Make everything below `root`."""
    base = Base(root)
    with zipfile.ZipFile(STORED / "workspace.zip") as archive:
        archive.extractall(base.workspace)
    shutil.copy(STORED / "project.dwproject", base.project_file)
    shutil.copy(STORED / "plan.json", base.plan)
    with zipfile.ZipFile(base.project_file) as archive:
        names = [name for name in archive.namelist() if name.startswith("dataset/files/")]
        archive.extractall(root / "packed", names)
    (root / "packed" / "dataset" / "files").rename(base.dataset)
    shutil.rmtree(root / "packed")
    base.model.parent.mkdir()
    for suffix in (".xml", ".bin"):
        shutil.copy(base.parent.with_suffix(suffix), base.model.with_suffix(suffix))
    (base.model.parent / "labels.txt").write_text("cat\ndog\nbird\n")
    _find_dataset(base)
    _complete(base)
    return base


def _find_dataset(base: Base) -> None:
    """The stored workspace names a folder that is gone."""
    file = base.first("imports/*/dataset-0.json")
    described = json.loads(file.read_text("utf-8"))
    described["root"] = str(base.images)
    described["annotations"] = [str(next((base.dataset / "annotations").iterdir()))]
    file.write_text(json.dumps(described, ensure_ascii=False), "utf-8")
    search = base.first("searches/*/search.json")
    searched = json.loads(search.read_text("utf-8"))
    searched["dataset"] = str(base.images)
    search.write_text(json.dumps(searched), "utf-8")


def _find_detections(base: Base, workspace: Workspace) -> None:
    """Those that are stored are of another machine: only its own are read by a report here."""
    for stored in workspace.detections_cache.glob("*.npz"):
        stored.unlink()
    project = next(one for one in workspace.projects() if one.parent_id is not None)
    report = base.root / "report"
    job = plan_report(workspace, project.id).job
    assert run_job(job, report).state == "succeeded"
    shutil.rmtree(report)


def _complete(base: Base) -> None:
    """What the user makes in the window, and what the window remembers."""
    workspace = Workspace(base.workspace)
    (parent, *_) = workspace.projects()
    keep_class_mapping(workspace, class_mapping(workspace, parent.id))
    Plans(workspace).save(QuantizationPlan(name="saved", subset_size=2))
    made = plan_create_dataset(workspace, [base.images], name="own")
    assert run(workspace, made).end.outcome.state == "succeeded"
    (base.workspace / "logs" / f"{made.destination.name}.log").unlink()
    optimized = base.optimized
    operations = list_operations(openvino_core().read_model(optimized))
    write_json(optimized.with_suffix(".operations.json"), operations)
    _find_detections(base, workspace)
    view = ViewState(chosen=RowFilter(name="b", ranges={"matches": (0, 100)}))
    write_json(base.report / "view.json", view)
    (base.workspace / "window.ini").write_text("[General]\ntheme=dark\n")
