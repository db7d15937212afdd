"""What holds of every kind of report: whoever adds one gets these tests with it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE
from core.reports.export import (
    FORMATS,
    ExportJob,
    FormatName,
    formats_of,
    plan_export,
    write_report,
)
from core.reports.kind import ReportKind, ViewState
from core.reports.kinds import (
    IDS,
    KINDS,
    STATE_FILE,
    head_of,
    kind_named,
    kind_of,
    load_state,
    result_of,
    save_state,
)
from core.reports.service import choices, compare_reports, plan_report, reports_of
from core.reports.wording import headline_text
from tests.core.conftest import Made
from tests.support.jobs import run
from tests.support.reports import whole

every_kind = pytest.mark.parametrize("kind", KINDS, ids=IDS)
Kind = ReportKind[Any]


def change(folder: Path, **changes: Any) -> None:
    path = folder / RESULT_FILE
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


@every_kind
def test_its_result_says_its_kind_and_version(kind: Kind, reports: Path) -> None:
    stored = json.loads((reports / kind.id / RESULT_FILE).read_text("utf-8"))
    assert (stored["kind"], stored["version"]) == (kind.id, 1)
    assert "sentence" not in json.dumps(stored)  # codes and figures alone
    assert kind_of(reports / kind.id) is kind
    found, result = result_of(reports / kind.id)
    assert found is kind
    assert isinstance(result, kind.result)


@every_kind
def test_its_headline_has_words(kind: Kind, reports: Path) -> None:
    head = head_of(reports / kind.id)
    assert (head.kind, head.dataset) == (kind.id, "annotated (val)")
    assert len(headline_text(head.headline)) > 10
    assert kind.summary(kind.read(reports / kind.id))


@every_kind
def test_it_is_written_in_every_format_that_it_has(
    kind: Kind, reports: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "written"
    folder.mkdir()
    report = kind.read(reports / kind.id)
    assert set(formats_of(kind)) >= {"html", "csv", "json"}
    for wanted in formats_of(kind):
        for name in write_report(kind, report, wanted, folder, images=2):
            assert (folder / name).exists()
    plain = json.loads((folder / "report.json").read_text("utf-8"))
    assert plain["kind"] == kind.id
    assert (folder / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    for name, table in kind.tables(report).items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            titles, *rows = csv.reader(file)
        assert titles == [column.key for column in table.columns]
        assert len(rows) == len(whole(table))
    assert kind.has_images is (len(list(folder.glob("images/*.jpg"))) == 2)


@every_kind
def test_it_is_brought_to_where_it_is_wanted(
    kind: Kind, made: Made, reports: Path, tmp_path: Path
) -> None:
    target = tmp_path / "tables"
    request = ExportJob(report=reports / kind.id, format="csv")
    end = run(made.workspace, plan_export(made.workspace, request, target)).end
    assert end.outcome.state == "succeeded", end.outcome.error
    tables = kind.tables(kind.read(reports / kind.id))
    assert {path.stem for path in target.iterdir()} == set(tables)


@every_kind
def test_a_format_that_it_does_not_have_is_refused_at_once(
    kind: Kind, made: Made, reports: Path, tmp_path: Path
) -> None:
    lacking: list[FormatName] = [name for name in FORMATS if name not in formats_of(kind)]
    for wanted in lacking:
        request = ExportJob(report=reports / kind.id, format=wanted)
        with pytest.raises(InputError, match=f"the kind {kind.id} has no"):
            plan_export(made.workspace, request, tmp_path)
    assert bool(lacking) is not kind.has_images


@every_kind
def test_two_that_are_alike_differ_in_nothing(kind: Kind, reports: Path) -> None:
    found, versus = compare_reports(reports / kind.id, reports / kind.id)
    assert found is kind
    assert versus.figures
    assert {line.difference for line in versus.figures} <= {0, None}
    assert {line.difference for line in versus.details} <= {0, None}


@every_kind
def test_two_of_different_kinds_are_refused(kind: Kind, reports: Path) -> None:
    for other in KINDS:
        if other is not kind:
            with pytest.raises(InputError, match="Compare two reports of the same kind"):
                compare_reports(reports / kind.id, reports / other.id)


@every_kind
@pytest.mark.parametrize(
    "changes",
    [
        {"dataset_root": 5},
        {"parent": None},
        {"problems": "none"},
        {"created": [[[]]]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_damaged_one_is_named(kind: Kind, reports: Path, changes: dict[str, Any]) -> None:
    change(reports / kind.id, **changes)
    for read in (head_of, kind.read):
        with pytest.raises(WorkbenchError, match=r"result\.json is damaged"):
            read(reports / kind.id)


@every_kind
def test_one_of_another_version_is_named(kind: Kind, reports: Path) -> None:
    change(reports / kind.id, version=99)
    with pytest.raises(WorkbenchError, match=r"result\.json was written by a newer version"):
        head_of(reports / kind.id)
    change(reports / kind.id, version=1, kind="class-poetry")
    with pytest.raises(WorkbenchError, match="a report of the kind class-poetry, which this"):
        head_of(reports / kind.id)


@every_kind
def test_how_it_is_looked_at_stays_with_it(kind: Kind, reports: Path) -> None:
    folder = reports / kind.id
    assert load_state(folder) == ViewState()
    state = ViewState(thresholds=kind.thresholds(result_of(folder)[1]))
    save_state(folder, state)
    assert load_state(folder) == state
    (folder / STATE_FILE).write_text("{")
    assert load_state(folder) == ViewState()


@every_kind
def test_the_terminal_makes_exports_and_compares_it(
    kind: Kind,
    made: Made,
    annotated: Path,
    tmp_path: Path,
    called: Callable[..., dict[str, Any]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "made"
    models = made.model, made.int8
    few = ("--images", 2) if "images" in kind.options else ()
    more = ("--kind", kind.id, "--output", output, *few, "--html")
    report = called("report", *models, annotated, *more)
    assert report["kind"] == kind.id
    assert report == json.loads((output / "report.json").read_text("utf-8"))
    assert (output / "report.html").is_file()
    target = tmp_path / "again.json"
    exported = called("export-report", output, "--format", "json", "--output", target)
    shown = {"kind": kind.id, "format": "json", "output": str(target), "problems": []}
    assert exported == shown
    assert json.loads(target.read_text("utf-8")) == report
    assert called("compare-reports", output, output)["first"]["report"] == str(output)
    assert main(["compare-reports", str(output), str(output)]) == 0
    assert kind.details in capfd.readouterr().out


@every_kind
def test_the_workspace_lists_it(kind: Kind, made: Made, annotated: Path) -> None:
    workspace, project = made.workspace, made.optimized.id
    job = plan_report(workspace, project, kind.id, annotated)
    assert run(workspace, job).end.project_id == project
    (artifact,) = reports_of(workspace, project)
    assert artifact.kind == kind.id
    assert artifact.folder.is_relative_to(made.root / "reports")
    if kind.needs_parent:
        with pytest.raises(InputError, match="no parent"):
            plan_report(workspace, made.parent.id, kind.id)
    else:
        job = plan_report(workspace, made.parent.id, kind.id, annotated)
        assert run(workspace, job).end.project_id == made.parent.id


def test_what_stands_in_the_way_is_said() -> None:
    assert all(not choice.reason for choice in choices("d", annotated=True))
    refused = {one.kind.id: one for one in choices("d", annotated=False) if one.reason}
    assert set(refused) == {kind.id for kind in KINDS if kind.needs_annotations}
    assert all("d has no annotations" in one.reason for one in refused.values())
    assert all(one.elsewhere for one in refused.values())
    assert {one.reason for one in choices("d", annotated=True, reason="No.")} == {"No."}


def test_a_folder_without_a_report_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no report"):
        head_of(tmp_path)
    (tmp_path / RESULT_FILE).write_text('{"version": 1, "rounds": 3}')  # another job's
    with pytest.raises(InputError, match="no report"):
        head_of(tmp_path)
    with pytest.raises(WorkbenchError, match="knows no kind of report called class-poetry"):
        kind_named("class-poetry")
