"""Reports that are made on a host: as it is this machine, those of here to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from core.datasets.source import DatasetSource
from core.errors import InputError
from core.jobs.context import SCRATCH, UNPACKED
from core.jobs.job import RESULT_FILE
from core.reports.annotations.kind import Annotations, AnnotationsJob, AnnotationsResult
from core.reports.kind import ReportJob, ReportKind
from core.reports.predictions.kind import Predictions, PredictionsJob
from core.reports.sent import SentReportJob
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.datasets import write_coco, write_voc, write_yolo
from tests.support.hosts import LocalHost, Sender

pytestmark = pytest.mark.usefixtures("way")


def yolo(folder: Path) -> Path:
    write_yolo(folder / "images", folder / "labels")
    (folder / "data.yaml").write_text("names: [cat, dog]\ntrain: images\nval: images\n")
    return folder / "images"


def coco(folder: Path) -> Path:
    write_coco(folder)
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
