"""Reports that exist: their heads, their exports, and two of them beside each other."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Comparison, Thresholds, compare
from core.reports.export import ExportJob, FormatName, plan_export
from core.reports.filters import RowFilter
from core.reports.kind import ViewState
from core.reports.kinds import kind_named, save_state
from core.reports.predictions.kind import load_predictions
from core.reports.predictions.report import PredictionsReport
from core.reports.predictions.versus import versus_of
from tests.core.conftest import Made
from tests.support.images import write_images
from tests.support.jobs import run
from tests.support.reports import predictions_report
from tests.support.tables import Row, table

CAT: Row = (0, 0, 100, 100, 0.9, 0)
DOG: Row = (200, 0, 300, 100, 0.8, 1)


def export(made: Made, report: Path, wanted: FormatName, target: Path, **more: Any) -> Path:
    request = ExportJob(report=report, format=wanted, view=ViewState(**more))
    end = run(made.workspace, plan_export(made.workspace, request, target)).end
    assert end.outcome.state == "succeeded", end.outcome.error
    return target


@pytest.fixture
def kept(reports: Path) -> Path:
    """A report on predictions at a low threshold, so that there is something."""
    return reports / "predictions"


def test_exports_are_whole_and_filtered(made: Made, kept: Path, tmp_path: Path) -> None:
    low = Thresholds(score=0.01)
    page = export(made, kept, "html", tmp_path / "page.html")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    wanted = load_predictions(kept).parent.image_names[0]
    chosen = RowFilter(name=wanted)
    tables = export(made, kept, "csv", tmp_path / "tables", thresholds=low, chosen=chosen)
    rows = list(csv.DictReader((tables / "images.csv").read_text("utf-8").splitlines()))
    assert [row["image"] for row in rows] == [wanted]
    whole = json.loads(export(made, kept, "json", tmp_path / "r.json", chosen=chosen).read_text())
    assert [row["image"] for row in whole["per_image"]] == [wanted]
    assert whole["summary"]["images"] == 20
    assert len(json.loads((export(made, kept, "coco", tmp_path / "c") / "parent-detections.json")
                          .read_text())) == whole["summary"]["parent"]  # fmt: skip
    drawn = export(made, kept, "images", tmp_path / "drawn", chosen=chosen)
    assert len(list(drawn.glob("*.jpg"))) == 1
    assert not list((made.root / "exports").iterdir())


def test_an_export_replaces_no_folder_with_something_in_it(
    made: Made, kept: Path, tmp_path: Path
) -> None:
    write_images(tmp_path / "mine", 1)
    request = ExportJob(report=kept, format="csv")
    with pytest.raises(InputError, match="already exists and is not empty"):
        plan_export(made.workspace, request, tmp_path / "mine")


def test_the_terminal_exports_and_compares(
    kept: Path, tmp_path: Path, called: Callable[..., dict[str, Any]]
) -> None:
    target = tmp_path / "only.json"
    more = ("--output", target, "--score", 0.4, "--range", "missed:1:")
    assert called("export-report", kept, "--format", "json", *more)["output"] == str(target)
    written = json.loads(target.read_text())
    assert written["thresholds"]["score"] == 0.4
    assert all(row["missed"] for row in written["per_image"])

    found = called("compare-reports", kept, kept)
    assert found["figures"][0]["name"] == "Accuracy kept"
    assert {line["difference"] for line in found["figures"]} <= {0, None}
    assert len(found["per_image"]) == 20


def test_an_export_is_of_the_thresholds_that_the_report_was_last_looked_at(
    kept: Path, tmp_path: Path, called: Callable[..., dict[str, Any]]
) -> None:
    folder = Path(shutil.copytree(kept, tmp_path / "report"))

    def exported(name: str, *more: object) -> dict[str, Any]:
        target = tmp_path / name
        called("export-report", folder, "--format", "json", "--output", target, *more)
        found: dict[str, Any] = json.loads(target.read_text())
        return found

    made_at = exported("made.json")["thresholds"]
    save_state(folder, ViewState(thresholds=Thresholds(score=0.85)))
    seen = exported("seen.json")
    assert seen["thresholds"]["score"] == 0.85 != made_at["score"]
    assert f"at score >= 0.85 (made at {made_at['score']:.2f}: " in seen["verdict"]["text"]
    assert exported("named.json", "--score", 0.4)["thresholds"]["score"] == 0.4


def _report(comparison: Comparison) -> PredictionsReport:
    return predictions_report(comparison, Path("/images"))


def test_two_comparisons_by_image_the_one_that_got_worse_first() -> None:
    parent = table([CAT], [CAT, DOG], [DOG])
    good = compare(parent, table([CAT], [CAT], [DOG]))
    bad = compare(parent, table([CAT], [CAT, DOG], []))
    versus = versus_of(_report(good), _report(bad))
    images = versus.images
    assert images is not None
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
    images = versus_of(_report(one), _report(two)).images
    assert images is not None
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


def test_detections_that_do_not_fit_each_other_are_named(reports: Path) -> None:
    for kind in ("predictions", "annotations"):
        table([CAT]).save(reports / kind / "optimized.npz")
        with pytest.raises(WorkbenchError, match=r"optimized\.npz is damaged: it is of other"):
            kind_named(kind).read(reports / kind)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "a/../../b.jpg"])
def test_no_image_outside_the_dataset_is_looked_at(reports: Path, name: str) -> None:
    path = reports / "predictions" / "parent.npz"
    found = DetectionTable.load(path)
    replace(found, image_names=(name, *found.image_names[1:])).save(path)
    with pytest.raises(WorkbenchError, match="names an image outside the dataset"):
        load_predictions(reports / "predictions")


def test_dots_in_names_are_no_way_out(reports: Path) -> None:
    for file in ("parent.npz", "optimized.npz", "truth.npz"):
        path = reports / "predictions" / file
        with np.load(path) as columns:
            changed = dict(columns)
        names = changed["image_names"].tobytes().split(b"\0")
        for key in changed:
            if key.endswith("image_names"):
                text = b"\0".join((b"a..b/c:d.jpg", *names[1:]))
                changed[key] = np.frombuffer(text, np.uint8)
        with path.open("wb") as file_:
            np.savez(file_, **changed)
    assert load_predictions(reports / "predictions").parent.image_names[0] == "a..b/c:d.jpg"
