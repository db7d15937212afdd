"""Every JSON file that the program stores, with values in it that it never writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.result import BenchmarkResult
from core.check.job import CheckResult
from core.check.limits import CheckLimits
from core.dataset_making.job import CreateDatasetResult
from core.datasets.class_mapping import ClassMapping
from core.datasets.dataset import Dataset
from core.importing.cache import CachedImport
from core.importing.job import ImportResult
from core.jobs.registry import Announced
from core.jobs.time_left import StageTimes
from core.machines.store import Machines
from core.models.plan import QuantizationPlan
from core.models.stored import ModelCard
from core.optimize.operations import OperationList
from core.optimize.recipe import StoredIngredients
from core.profiling.result import ProfileResult
from core.reports.annotations.kind import AnnotationsResult
from core.reports.kind import ViewState
from core.reports.operating.kind import OperatingPointResult
from core.reports.predictions.kind import PredictionsResult
from core.reports.tensors import TensorsResult
from core.reports.two_ways.kind import TwoWaysResult
from core.search.candidates import SearchState
from core.transfer.bundle import Bundle
from core.values import Stored
from tests.hostile.base import Base
from tests.hostile.case import Case, looked_at, typed, worked_with
from tests.hostile.mutations import BROKEN, Random, changed_json
from tests.hostile.room import Room
from tests.hostile.running import Asked

Ask = Callable[[Room, Base, Path], Asked]
"""What reads the hostile file, which lies in the room's workspace at this path."""

RANDOM_CHANGES = 14


@dataclass(frozen=True)
class Kind:
    """A kind of stored file: where it lies in a workspace, and who reads it.

    `pattern` of the files is that of `Path.glob`; the first one is taken.
    """

    name: str
    pattern: str
    readers: tuple[Ask, ...]
    holds: type[Stored] | None = None


def look(room: Room, base: Base, file: Path) -> Asked:
    return looked_at(room)


def work(room: Room, base: Base, file: Path) -> Asked:
    return worked_with(room)


def compare_projects(room: Room, base: Base, file: Path) -> Asked:
    file = room.out / "compared.html"
    return typed("compare-projects", 1, 2, "--workspace", room.workspace, "--output", file)


def list_projects(room: Room, base: Base, file: Path) -> Asked:
    return typed("compare-projects", "--workspace", room.workspace)


def scorecard(room: Room, base: Base, file: Path) -> Asked:
    return typed("scorecard", "--workspace", room.workspace)


def export_project(room: Room, base: Base, file: Path) -> Asked:
    packed = room.out / "packed.dwproject"
    return typed("export-project", 1, "--workspace", room.workspace, "--output", packed)


def _model(file: Path) -> Path:
    return next(path for path in sorted(file.parent.glob("*.xml")))


def inspect(room: Room, base: Base, file: Path) -> Asked:
    return typed("inspect", _model(file), "--json")


def predict(room: Room, base: Base, file: Path) -> Asked:
    return typed("predict", _model(file), base.images, "--output", room.out / "found.json")


def package(room: Room, base: Base, file: Path) -> Asked:
    return typed("package", _model(file), base.images, "--output", room.out / "package.zip")


def package_report(room: Room, base: Base, file: Path) -> Asked:
    """A package that takes its thresholds from a report."""
    package = room.out / "package.zip"
    point = ("--operating-point", file.parent)
    return typed("package", base.optimized, base.images, *point, "--output", package)


def plan_of_model(room: Room, base: Base, file: Path) -> Asked:
    return typed("plan", "--plan", _model(file))


def plan(room: Room, base: Base, file: Path) -> Asked:
    return typed("plan", base.model, "--plan", file, "--output", room.out / "plan.json")


def plan_alone(room: Room, base: Base, file: Path) -> Asked:
    return typed("plan", "--plan", file, "--against", file)


def dataset_itself(room: Room, base: Base, file: Path) -> Asked:
    return typed("check-dataset", file, "--json")


def predict_dataset(room: Room, base: Base, file: Path) -> Asked:
    return typed("predict", base.model, file, "--output", room.out / "found.json")


def report(room: Room, base: Base, file: Path) -> Asked:
    models = base.parent, _model(file)
    return typed("report", *models, base.dataset, "--output", room.out / "report")


def export_as(form: str) -> Ask:
    def ask(room: Room, base: Base, file: Path) -> Asked:
        target = room.out / f"exported.{form}"
        return typed("export-report", file.parent, "--format", form, "--output", target)

    return ask


def compare_reports(room: Room, base: Base, file: Path) -> Asked:
    return typed(
        "compare-reports",
        file.parent,
        base.workspace / file.parent.relative_to(room.workspace),
        "--json",
    )


def resume_benchmark(room: Room, base: Base, file: Path) -> Asked:
    models = base.parent, base.optimized
    return typed("benchmark", *models, "--resume", "--output", file.parent)


EXPORTS = tuple(export_as(form) for form in ("html", "json", "csv", "coco", "images"))
KINDS = (
    Kind(
        "card", "imports/*/*.card.json",
        (inspect, predict, package, look, work, export_project), ModelCard,
    ),
    Kind("card of INT8", "models/*/*.card.json", (plan_of_model, report, package, look), ModelCard),
    Kind("saved plan", "plans/*.json", (plan, plan_alone, look), QuantizationPlan),
    Kind(
        "dataset.json", "imports/*/dataset-0.json",
        (dataset_itself, predict_dataset, look, work, export_project), Dataset,
    ),
    Kind("result of import", "imports/*/result.json", (look, export_project), ImportResult),
    Kind("result of optimizing", "models/*/result.json", (look, export_project)),
    Kind("own dataset", "datasets/*/result.json", (look,), CreateDatasetResult),
    Kind("its dataset.json", "datasets/*/dataset.json", (dataset_itself, look), Dataset),
    Kind("operations", "models/*/*.operations.json", (look,), OperationList),
    Kind(
        "report on predictions", "reports/*/result.json",
        (*EXPORTS, compare_reports, look, compare_projects, scorecard), PredictionsResult,
    ),
    Kind(
        "report on annotations", "reports/*/result.json",
        (*EXPORTS[:3], compare_reports, look, compare_projects, scorecard), AnnotationsResult,
    ),
    Kind(
        "report on tensors", "reports/*/result.json",
        (*EXPORTS[:3], compare_reports, look), TensorsResult,
    ),
    Kind(
        "report on two ways", "reports/*/result.json",
        (*EXPORTS, compare_reports, look), TwoWaysResult,
    ),
    Kind(
        "report on an operating point", "reports/*/result.json",
        (*EXPORTS[:3], compare_reports, look, package_report), OperatingPointResult,
    ),
    Kind("view of a report", "reports/*/view.json", (EXPORTS[0], look), ViewState),
    Kind(
        "benchmark", "benchmarks/*/result.json",
        (compare_projects, look, resume_benchmark, list_projects, scorecard), BenchmarkResult,
    ),
    Kind("profile", "profiles/*/result.json", (compare_projects, look), ProfileResult),
    Kind("search.json", "searches/*/search.json", (look,), SearchState),
    Kind("class mapping", "class-mappings/*.json", (look, work), ClassMapping),
    Kind("recipe", "models/*/recipe.json", (package, export_project), StoredIngredients),
)  # fmt: skip
ELSEWHERE: frozenset[type[Stored]] = frozenset(
    {Announced, Bundle, CachedImport, CheckLimits, CheckResult, Machines, StageTimes}
)
"""Those that lie in project files, are written by hand, do not stay, or lie in the cache folder
or among the user's settings (see the tests of the jobs' registry, of the time left, of what was
imported before, and of machines)."""


def cases() -> Iterator[Case]:
    """Random changes and files that are broken, each read by one of those who read it."""
    for kind in KINDS:
        readers = len(kind.readers)
        for number in range(max(RANDOM_CHANGES, 2 * readers)):
            ask = kind.readers[number % readers]
            yield Case(kind.name, f"changed {number}", changed(kind, ask))
        for number, how in enumerate(BROKEN):
            ask = kind.readers[number % readers]
            yield Case(kind.name, how, broken(kind, ask, how))


def _file(kind: Kind, room: Room, base: Base) -> Path:
    base.workspace_in(room)
    found = sorted(room.workspace.glob(kind.pattern))
    if kind.name.startswith("report on"):
        wanted = f'"{kind.holds.__struct_config__.tag}"' if kind.holds else ""
        found = [path for path in found if wanted in path.read_text("utf-8")[:200]]
    return found[0]


def changed(kind: Kind, ask: Ask) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = _file(kind, room, base)
        data, done = changed_json(file.read_bytes(), random, room.secret)
        file.write_bytes(data)
        (room.root / "done.txt").write_text(done, "utf-8", "backslashreplace")
        return ask(room, base, file)

    return build


def broken(kind: Kind, ask: Ask, how: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = _file(kind, room, base)
        file.write_bytes(BROKEN[how](file.read_bytes()))
        return ask(room, base, file)

    return build
