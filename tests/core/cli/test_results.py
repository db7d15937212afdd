"""Reports and benchmarks are listed, named and deleted from the terminal."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.reports.kind import ViewState
from core.reports.kinds import result_of, save_state
from core.workspace.store import Workspace
from tests.support.checkout import ROOT
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With all kinds of reports and a benchmark."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    return Workspace(tmp_path)


def test_they_are_listed(terminal: Terminal, workspace: Workspace) -> None:
    where = ("--workspace", workspace.root)
    listed = terminal("results", *where, "--json").json["results"]
    kinds = [one["kind"] for one in listed]
    assert kinds.count("benchmark") == 1 and "predictions" in kinds
    assert "search" not in kinds and "profile" not in kinds
    (report,) = (one for one in listed if one["kind"] == "predictions")
    assert report["headline"].startswith("Check: ")
    assert Path(report["folder"]).is_dir()
    of_one = terminal("results", report["project"], *where, "--json").json["results"]
    assert of_one == [one for one in listed if one["project"] == report["project"]]
    assert "newest" in terminal("results", *where).out
    assert terminal("results", 99, *where).status == 2


def test_a_moved_threshold_is_named_beside_the_verdict(
    terminal: Terminal, workspace: Workspace
) -> None:
    """As in the window's list, which has one verdict of a report."""
    (folder,) = (
        one.folder
        for project in workspace.projects()
        for one in workspace.artifacts(project.id, "predictions")
    )
    kind, result = result_of(folder)
    own = kind.thresholds(result)
    assert own is not None
    state = ViewState(thresholds=replace(own, score=0.54))
    save_state(folder, replace(state, headline=kind.headline_at(kind.read(folder, state))))
    listed = terminal("results", "--workspace", workspace.root, "--json").json["results"]
    (found,) = (one for one in listed if one["kind"] == "predictions")
    assert " at score >= 0.54 (made at " in found["headline"]


def test_a_report_is_named(terminal: Terminal, workspace: Workspace) -> None:
    where = ("--workspace", workspace.root)
    listed = terminal("results", *where, "--json").json["results"]
    report = next(one for one in listed if one["kind"] == "predictions")
    said = terminal("edit-report", report["result"], "--name", " dusk ", *where)
    assert said.out.startswith(f"dusk of {report['title']} ({report['result']})\nCheck: ")
    assert terminal("edit-report", report["result"], *where, "--json").json["name"] == "dusk"
    assert terminal("edit-report", report["result"], "--name", "x" * 301, *where).status == 2
    benchmark = next(one for one in listed if one["kind"] == "benchmark")
    refused = terminal("edit-report", benchmark["result"], "--name", "dusk", *where)
    assert (refused.status, "only reports have names" in refused.err) == (2, True)


@pytest.mark.parametrize("kind", ["benchmark", "predictions"])
def test_they_go_to_the_trash_and_come_back(
    terminal: Terminal, workspace: Workspace, kind: str
) -> None:
    where = ("--workspace", workspace.root)
    before = terminal("results", *where, "--json").json
    number = next(one["result"] for one in before["results"] if one["kind"] == kind)
    deleted = terminal("delete-result", number, *where, "--json").json
    assert deleted["result"] == kind
    left = terminal("results", *where, "--json").json["results"]
    assert number not in [one["result"] for one in left]
    assert terminal("delete-result", number, *where).status == 2
    assert terminal("restore", deleted["number"], *where).status == 0
    assert terminal("results", *where, "--json").json == before
