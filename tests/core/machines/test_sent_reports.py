"""Reports that are made on a host: as it is this machine, those of here to the last bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from core.datasets.source import DatasetSource
from core.errors import InputError
from core.jobs.context import SCRATCH, UNPACKED
from core.jobs.job import RESULT_FILE
from core.metrics.matching.thresholds import Thresholds
from core.reports.annotations.kind import Annotations, AnnotationsJob, AnnotationsResult
from core.reports.kind import ReportJob, ReportKind, ReportOptions
from core.reports.operating.kind import OperatingPointJob, OperatingPoints
from core.reports.predictions.kind import Predictions, PredictionsJob
from core.reports.sent import SentReportJob, report_on
from core.reports.two_ways.kind import TwoWaysJob
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.datasets import (
    Box,
    coco_dict,
    write_coco,
    write_sample_images,
    write_voc,
    write_yolo,
)
from tests.support.hosts import LocalHost, Sender
from tests.support.images import write_images

pytestmark = pytest.mark.usefixtures("way")


def yolo(folder: Path) -> Path:
    write_yolo(folder / "images", folder / "labels")
    (folder / "data.yaml").write_text("names: [cat, dog]\ntrain: images\nval: images\n")
    return folder / "images"


def coco(folder: Path) -> Path:
    write_coco(folder)
    return folder / "val2017"


def many(folder: Path) -> Path:
    """As many images as an operating point needs; not all of them have an object."""
    truth: dict[str, list[Box]] = {
        f"{number:03}.jpg": [("cat", 10, 10, 60, 60)] if number % 3 else [] for number in range(40)
    }
    write_sample_images(folder / "val2017", truth)
    annotations = folder / "annotations" / "instances_val2017.json"
    annotations.parent.mkdir()
    annotations.write_text(json.dumps(coco_dict(truth)), "utf-8")
    return folder / "val2017"


LAYOUTS: tuple[Callable[[Path], Path], ...] = (coco, write_voc, yolo)


def asked(kind: type[ReportJob], made: Made, images: Path) -> Any:
    return kind(
        parent=model_of(made.parent),
        optimized=model_of(made.optimized),
        dataset=DatasetSource(path=images),
    )


def files(folder: Path) -> dict[str, bytes]:
    """What is published but the result."""
    found = {one.name: one for one in folder.iterdir() if one.name not in (SCRATCH, UNPACKED)}
    found.pop(RESULT_FILE, None)
    return {name: path.read_bytes() for name, path in found.items()}


def both(job: Any, host: LocalHost, tmp_path: Path) -> tuple[Any, Any]:
    """The result of a report that was made here, and of the same that was sent."""
    here, there = Sender(tmp_path / "made"), Sender(tmp_path / "sent")
    made = job.run(here.context)
    sent = SentReportJob(machine=host.machine, job=job).run(there.context)
    assert files(here.folder) == files(there.folder) != {}
    for folder, result in ((here.folder, made), (there.folder, sent)):
        write_json(folder / RESULT_FILE, result)
    return made, sent


@pytest.mark.parametrize("layout", LAYOUTS)
def test_annotations_go_along(
    layout: Callable[[Path], Path], first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    job = asked(AnnotationsJob, first_made, layout(tmp_path / "data"))
    here, there = both(job, host, tmp_path)
    assert there.machine.startswith("board (")
    assert replace(there, machine="", created=here.created) == here


def test_predictions_are_judged_there(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    job = asked(PredictionsJob, first_made, first_made.images)
    here, there = both(job, host, tmp_path)
    assert replace(there, machine="", created=here.created) == here
    kind: ReportKind[Any] = Predictions()
    report = kind.read(tmp_path / "sent")
    assert any(f"judged for {there.machine}" in one for one in kind.runs(report.result))
    assert f"Run on {there.machine}." in kind.runs(report.result)
    assert "Run on board (" in kind.page(report)
    assert kind.plain(report)["machine"] == there.machine


@pytest.mark.parametrize("annotated", [False, True])
def test_an_operating_point_is_found_there(
    annotated: bool, first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    images = many(tmp_path / "data") if annotated else write_images(tmp_path / "data", 40)
    options = ReportOptions(thresholds=Thresholds(score=0.94))  # random weights are sure of all
    job = replace(asked(OperatingPointJob, first_made, images), options=options)
    here, there = both(job, host, tmp_path)
    assert replace(there, machine="", created=here.created) == here
    assert (here.point.best_f1 is not None) == annotated
    kind: ReportKind[Any] = OperatingPoints()
    report = kind.read(tmp_path / "sent")
    assert f"Run on {there.machine}." in kind.runs(report.result)
    assert "Run on board (" in kind.page(report)


def test_kinds_that_stay_here_say_so(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.reports.sent.host_for", lambda name: host.machine)
    nowhere = Path("none")
    job = TwoWaysJob(parent=nowhere, optimized=nowhere, dataset=DatasetSource(path=nowhere))
    with pytest.raises(InputError, match="this machine only") as refused:
        report_on(job, "board")
    assert "predictions or annotations or operating-point" in refused.value.next_step


def test_a_list_says_where(first_made: Made, host: LocalHost, tmp_path: Path) -> None:
    job = asked(AnnotationsJob, first_made, coco(tmp_path / "data"))
    result = SentReportJob(machine=host.machine, job=job).run(Sender(tmp_path / "job").context)
    assert isinstance(result, AnnotationsResult)
    assert Annotations().runs_in_short(result).startswith(f"on {result.machine}: ")


def test_images_whose_names_no_system_takes_are_not_sent(
    first_made: Made, host: LocalHost, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for path in first_made.images.iterdir():
        (images / f"a: {path.name}").write_bytes(path.read_bytes())
    job = asked(PredictionsJob, first_made, images)
    with pytest.raises(InputError, match="has a name that cannot be sent"):
        SentReportJob(machine=host.machine, job=job).run(Sender(tmp_path / "job").context)
