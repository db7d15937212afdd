"""Reports that exist: their heads, their exports, and two of them beside each other."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cli.main import main
from core.errors import InputError, WorkbenchError
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Thresholds, compare
from core.reports.export_job import ExportFormat, ExportJob
from core.reports.exporting import plan_export
from core.reports.filters import RowFilter
from core.reports.kept import (
    STATE_FILE,
    ReportState,
    head_of,
    load_report,
    load_state,
    save_state,
)
from core.reports.service import plan_report, plan_tensor_distance
from core.reports.versus import versus_predictions
from tests.core.conftest import Made
from tests.support.images import write_images
from tests.support.jobs import run
from tests.support.tables import Row, table

CAT: Row = (0, 0, 100, 100, 0.9, 0)
DOG: Row = (200, 0, 300, 100, 0.8, 1)


@pytest.fixture
def kept(made: Made) -> Path:
    """The folder of a report on predictions at a low threshold, so that there is something."""
    job = plan_report(made.workspace, made.optimized.id, thresholds=Thresholds(score=0.01))
    assert run(made.workspace, job).end.project_id == made.optimized.id
    return made.workspace.artifacts(made.optimized.id, "report")[0].folder


@pytest.fixture
def tensors(made: Made) -> Path:
    job = plan_tensor_distance(made.workspace, made.optimized.id, images=2)
    assert run(made.workspace, job).end.project_id == made.optimized.id
    return made.workspace.artifacts(made.optimized.id, "tensor-distance")[0].folder


def export(made: Made, report: Path, wanted: ExportFormat, target: Path, **more: Any) -> Path:
    request = ExportJob(report=report, format=wanted, **more)
    end = run(made.workspace, plan_export(made.workspace, request, target)).end
    assert end.outcome.state == "succeeded", end.outcome.error
    return target


def test_a_head_says_what_a_report_found(kept: Path, tensors: Path, tmp_path: Path) -> None:
    head = head_of(kept)
    assert head.kind == "predictions"
    assert head.verdict == load_report(kept).result.summary.verdict
    assert "agreement" in head.headline
    assert head_of(tensors).kind == "tensor-distance"
    with pytest.raises(InputError, match="no report"):
        head_of(tmp_path)


def test_how_a_report_is_looked_at_stays_with_it(kept: Path) -> None:
    assert load_state(kept) == ReportState()
    state = ReportState(
        thresholds=Thresholds(score=0.5),
        chosen=RowFilter(classes=("cat",), cell=("cat", None)),
    )
    save_state(kept, state)
    assert load_state(kept) == state
    (kept / STATE_FILE).write_text("{")
    assert load_state(kept) == ReportState()


def test_exports_are_whole_and_filtered(made: Made, kept: Path, tmp_path: Path) -> None:
    low = Thresholds(score=0.01)
    page = export(made, kept, "html", tmp_path / "page.html")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    wanted = sorted(path.name for path in made.images.iterdir())[0]
    chosen = RowFilter(name=wanted)
    tables = export(made, kept, "csv", tmp_path / "tables", thresholds=low, chosen=chosen)
    rows = list(csv.DictReader((tables / "images.csv").read_text("utf-8").splitlines()))
    assert [row["image"] for row in rows] == [wanted]
    whole = json.loads(export(made, kept, "json", tmp_path / "r.json", chosen=chosen).read_text())
    assert [row["image"] for row in whole["per_image"]] == [wanted]
    assert whole["summary"]["images"] == 6
    assert len(json.loads((export(made, kept, "coco", tmp_path / "c") / "parent-detections.json")
                          .read_text())) == whole["summary"]["parent"]  # fmt: skip
    pictures = export(made, kept, "pictures", tmp_path / "pictures", chosen=chosen)
    assert len(list(pictures.glob("*.jpg"))) == 1
    assert not list((made.root / "exports").iterdir())


def test_an_export_replaces_no_folder_with_something_in_it(
    made: Made, kept: Path, tmp_path: Path
) -> None:
    write_images(tmp_path / "mine", 1)
    request = ExportJob(report=kept, format="csv")
    with pytest.raises(InputError, match="no empty folder"):
        plan_export(made.workspace, request, tmp_path / "mine")


def test_a_report_without_detections_says_so(made: Made, tensors: Path, tmp_path: Path) -> None:
    request = ExportJob(report=tensors, format="coco")
    job = plan_export(made.workspace, request, tmp_path / "out")
    assert "no detections" in run(made.workspace, job).sentence
    assert not (tmp_path / "out").exists()
    export(made, tensors, "csv", tmp_path / "tables")
    assert (tmp_path / "tables" / "layers.csv").read_text().count("\n") > 2


def test_the_terminal_exports_and_compares(
    kept: Path, tensors: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def called(*parts: object) -> dict[str, Any]:
        status = main([str(part) for part in (*parts, "--json")])
        said = capfd.readouterr()
        assert status == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    target = tmp_path / "only.json"
    more = ("--output", target, "--score", 0.4, "--range", "missed:1:")
    assert called("export-report", kept, "--format", "json", *more)["output"] == str(target)
    written = json.loads(target.read_text())
    assert written["thresholds"]["score"] == 0.4
    assert all(row["missed"] for row in written["per_image"])

    found = called("compare-reports", kept, kept)
    assert found["figures"][0]["name"] == "Agreement"
    assert {line["difference"] for line in found["figures"]} <= {0, None}
    assert len(found["per_image"]) == 6
    assert main(["compare-reports", str(kept), str(tensors)]) == 2
    assert "one kind" in capfd.readouterr().err


def test_two_comparisons_by_image_the_one_that_got_worse_first() -> None:
    parent = table([CAT], [CAT, DOG], [DOG])
    good = compare(parent, table([CAT], [CAT], [DOG]))
    bad = compare(parent, table([CAT], [CAT, DOG], []))
    versus, images = versus_predictions(good, bad)
    assert images.names == ("2.jpg", "0.jpg", "1.jpg")
    assert images.first["missed"].tolist() == [0, 0, 1]
    assert images.second["missed"].tolist() == [1, 0, 0]
    assert images.change[0] > 0 > images.change[-1]
    lines = {line.name: line for line in versus.figures}
    assert (lines["Missed"].first, lines["Missed"].second) == (1, 1)
    assert {line.name for line in versus.details} == {"cat", "dog"}


def test_two_comparisons_of_other_images_meet_in_those_that_both_have() -> None:
    one = compare(table([CAT]), table([]))
    two = compare(table([CAT], [DOG]), table([CAT], []))
    _, images = versus_predictions(one, two)
    assert images.names == ("0.jpg",)
    assert images.change[0] < 0


def test_ground_truth_can_be_kept(tmp_path: Path) -> None:
    truth = GroundTruth(
        table([CAT], [DOG]),
        np.array([9000.0, 5000.0]),
        table([DOG], []),
        np.array([10.0]),
        np.array([True, True, False]),
    )
    truth.save(tmp_path / "truth.npz")
    again = GroundTruth.load(tmp_path / "truth.npz")
    assert again.table.image_names == truth.table.image_names
    assert again.ignored.boxes.tolist() == truth.ignored.boxes.tolist()
    assert again.areas.tolist() == truth.areas.tolist()
    assert again.mapped.tolist() == truth.mapped.tolist()
    (tmp_path / "truth.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        GroundTruth.load(tmp_path / "truth.npz")
