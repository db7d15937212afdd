"""Every kind of job, and how a user starts it: from the terminal, and from the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.benchmark.job import BenchmarkJob
from core.benchmark.sent import SentBenchmarkJob
from core.catalogue.job import DownloadJob
from core.check.job import CheckJob
from core.dataset_making.job import CheckDatasetJob, CreateDatasetJob
from core.deployment.job import PackageJob
from core.deployment.self_testing import SelfTestJob, SentSelfTestJob
from core.importing.job import ImportJob
from core.importing.preview_job import LivePreviewJob, PreviewJob
from core.machines.job import CheckMachineJob, ClearMachineJob
from core.optimize.job import OperationsJob, QuantizeJob
from core.predict.job import PredictJob
from core.profiling.job import ProfileJob
from core.profiling.sent import SentProfileJob
from core.reports.export import ExportJob
from core.reports.kinds import KINDS
from core.reports.sent import SentReportJob
from core.search.job import CopyModelJob, SearchJob
from core.transfer.job import PackProjectJob, UnpackProjectJob
from core.transfer.model_export import ExportModelJob
from tests.kills.room import Room

Face = Literal["terminal", "window"]
Arguments = list[object]


@dataclass(frozen=True)
class Case:
    """A job as one face starts it.

    Attributes:
        name: as it is chosen by.
        job: the job that is meant; others may come before and after it.
        arguments: of the terminal's command; of the window, the name of what it does.
        keeps: what of the output is kept on purpose when it is cut off, to go on from.
    """

    name: str
    job: type
    face: Face
    arguments: Callable[[Room], Arguments]
    keeps: str = ""

    @property
    def title(self) -> str:
        return f"{self.face} {self.name}"


def _terminal(
    name: str, job: type, arguments: Callable[[Room], Arguments], keeps: str = ""
) -> Case:
    return Case(name, job, "terminal", arguments, keeps)


def _window(name: str, job: type, does: str = "", keeps: str = "") -> Case:
    return Case(name, job, "window", lambda room: [does or name], keeps)


def _image(room: Room) -> Path:
    return min(room.calibration.iterdir())


TERMINAL = (
    _terminal("import", ImportJob, lambda r: ["import", r.models[0], "--output", r.out / "model"]),
    _terminal(
        "preview",
        PreviewJob,
        lambda r: ["import", "--preview", r.models[0], _image(r), "--output", r.out / "seen.png"],
    ),
    _terminal(
        "predict",
        PredictJob,
        lambda r: ["predict", r.models[0], r.calibration, "--output", r.out / "found.json"],
    ),
    _terminal(
        "optimize",
        QuantizeJob,
        lambda r: ["optimize", r.models[0], r.calibration, "--output", r.out / "int8"],
    ),
    _terminal(
        "tutorial",
        QuantizeJob,  # and of all that follows it
        lambda r: [
            *("tutorial", r.models[0], r.calibration, r.images),
            *("--seconds", "1", "--output", r.out / "first"),
        ],
    ),
    _terminal(
        "operations",
        OperationsJob,
        lambda r: ["plan", r.models[0], "--ignore-part", "head", "--output", r.out / "plan.json"],
    ),
    _terminal(
        "search",
        SearchJob,
        lambda r: [
            *("optimize", r.models[0], r.calibration, "--output", r.out / "search"),
            *("--search", "--budget-minutes", "0.1", "--max-loss", "0.9"),
        ],
        keeps="search",
    ),
    _terminal(
        "benchmark",
        BenchmarkJob,
        lambda r: ["benchmark", *r.models, "--seconds", "1", "--output", r.out / "speed"],
    ),
    _terminal(
        "profile",
        ProfileJob,
        lambda r: ["profile", *r.models, "--seconds", "0.5", "--csv", r.out / "layers"],
    ),
    _terminal(
        "check",
        CheckJob,
        lambda r: [
            *("check", *r.models, r.calibration, "--accuracy-kept", "0.01"),
            *("--junit", r.out / "check.xml", "--markdown", r.out / "check.md"),
        ],
    ),
    *(
        _terminal(
            f"export {name}",
            ExportJob,
            lambda r, name=name, suffix=suffix: [  # type: ignore[misc]
                *("export-report", r.report, "--format", name),
                *("--output", r.out / f"report{suffix}"),
            ],
        )
        for name, suffix in (("html", ".html"), ("csv", ""), ("images", ""))
    ),
    _terminal(
        "package",
        PackageJob,
        lambda r: ["package", r.models[1], r.calibration, "--output", r.out / "detector.zip"],
    ),
    _terminal("test package", SelfTestJob, lambda r: ["test-package", r.package]),
    _terminal(
        "export model",
        ExportModelJob,
        lambda r: [
            *("export-model", r.parent.id, "--workspace", r.workspace),
            *("--output", r.out / "ir"),
        ],
    ),
    _terminal(
        "duplicate",
        CopyModelJob,
        lambda r: ["duplicate-project", r.parent.id, "--workspace", r.workspace],
    ),
    _terminal(
        "pack",
        PackProjectJob,
        lambda r: [
            *("export-project", r.parent.id, "--workspace", r.workspace),
            *("--output", r.out / "mine.dwproject"),
        ],
    ),
    _terminal(
        "unpack",
        UnpackProjectJob,
        lambda r: ["import-project", r.project_file, "--workspace", r.workspace],
    ),
    _terminal(
        "download",
        DownloadJob,
        lambda r: ["catalogue", "get", "net", "--output", r.out / "net"],
        keeps=".net.download",
    ),
    _terminal(
        "create dataset",
        CreateDatasetJob,
        lambda r: [
            *("create-dataset", r.calibration, "--output", r.out / "dataset"),
            *("--flip", "both", "--noise", "0.1", "--copies", "8"),
        ],
    ),
    _terminal(
        "check dataset", CheckDatasetJob, lambda r: ["check-dataset", r.images, r.calibration]
    ),
    *(
        _terminal(
            f"report {kind.id}",
            kind.job,
            lambda r, kind=kind: [  # type: ignore[misc]
                *("report", *r.models, r.images, "--kind", kind.id, "--html"),
                *("--output", r.out / "report"),
                *(("--images", "2") if "images" in kind.options else ()),
            ],
        )
        for kind in KINDS
    ),
)
WINDOW = (
    _window("import", ImportJob),
    _window("new project", LivePreviewJob),
    _window("optimize", QuantizeJob),
    _window("operations", OperationsJob),
    _window("search", SearchJob, keeps="search"),
    _window("open candidate", CopyModelJob),
    _window("benchmark", BenchmarkJob),
    _window("profile", ProfileJob),
    _window("export images", ExportJob),
    _window("export pdf", ExportJob),
    _window("package", PackageJob),
    _window("export model", ExportModelJob),
    _window("duplicate", CopyModelJob),
    _window("pack", PackProjectJob),
    _window("unpack", UnpackProjectJob),
    _window("download", DownloadJob),
    _window("create dataset", CreateDatasetJob),
    _window("check dataset", CheckDatasetJob),
    *(_window(f"report {kind.id}", kind.job) for kind in KINDS),
)
CASES = (*TERMINAL, *WINDOW)

NOT_IN_THE_TERMINAL: tuple[type, ...] = (LivePreviewJob,)
ON_OTHER_MACHINES: tuple[type, ...] = (
    *(CheckMachineJob, ClearMachineJob),
    *(SentBenchmarkJob, SentProfileJob, SentReportJob, SentSelfTestJob),
)
"""They need a scheduler or a host: tests/core/machines kills what works there."""
NOT_IN_THE_WINDOW: tuple[type, ...] = (PreviewJob, PredictJob, CheckJob, SelfTestJob)
