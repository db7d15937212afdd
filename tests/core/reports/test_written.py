"""What the user wrote about reports and projects stands in what is exported, but not in CSV."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from core.project_comparison.service import compare_runs, project_runs
from core.reports.service import reports_of
from core.wording.comparison_files import write_comparison
from core.workspace.store import Workspace
from tests.support.checkout import ROOT
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

NAME, NOTES = "dusk <new> camera", "for the gate &\nthe street"
SHOWN = "\nfor the gate &amp;<br>\nthe street\n</p>"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With a named report on a project that has notes."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    made.set_notes(2, NOTES)
    made.rename_artifact(reports_of(made, 2, "predictions")[0].id, NAME)
    return made


def exported(terminal: Terminal, workspace: Workspace, kind: str, output: Path) -> Path:
    folder = reports_of(workspace, 2, kind)[0].folder
    wanted = output.suffix.removeprefix(".") or "csv"
    assert terminal("export-report", folder, "--format", wanted, "--output", output).status == 0
    return output


def test_a_report_has_its_name_and_the_notes(
    terminal: Terminal, workspace: Workspace, tmp_path: Path
) -> None:
    said = json.loads(
        exported(terminal, workspace, "predictions", tmp_path / "a.json").read_text("utf-8")
    )
    assert (said["name"], said["notes"]) == (NAME, {"ssd – INT8 performance": NOTES})
    page = exported(terminal, workspace, "predictions", tmp_path / "a.html").read_text("utf-8")
    assert "<b>dusk &lt;new&gt; camera</b>" in page
    assert f"Notes on ssd – INT8 performance:</b>{SHOWN}" in page
    tables = exported(terminal, workspace, "predictions", tmp_path / "tables")
    assert not any("the street" in one.read_text("utf-8") for one in tables.iterdir())


def test_a_report_that_nothing_was_written_about_is_as_it_was(
    terminal: Terminal, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.set_notes(2, "")
    page = exported(terminal, workspace, "annotations", tmp_path / "a.html").read_text("utf-8")
    assert "Notes on" not in page
    said = json.loads(
        exported(terminal, workspace, "annotations", tmp_path / "a.json").read_text("utf-8")
    )
    assert not {"name", "notes"} & said.keys()


def test_a_comparison_of_projects_has_their_notes(workspace: Workspace, tmp_path: Path) -> None:
    runs = {run.project.id: run for run in project_runs(workspace)}
    comparison = compare_runs(workspace, list(runs.values()))
    for name in ("c.html", "c.json", "c.csv"):
        write_comparison(comparison, tmp_path / name)
    page = (tmp_path / "c.html").read_text("utf-8")
    assert f"Notes on B: ssd – INT8 performance:</b>{SHOWN}" in page
    said = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert [one["notes"] for one in said["projects"]] == ["", NOTES]
    assert "the street" not in (tmp_path / "c.csv").read_text("utf-8")
