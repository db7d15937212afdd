"""What the lines of the project tree warn of."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.project_views import ProjectRow, project_rows
from app.shell.project_tree import ProjectTree
from core.models.importing import Evidence, import_model
from core.models.plan import AccuracyOutcome
from core.models.stored import CARD_SUFFIX, load_stored
from core.search.candidates import STATE_FILE, Candidate, Reason, SearchState
from core.values import write_json
from core.workspace.store import Workspace
from tests.support import models
from tests.support.images import write_images
from tests.support.searches import begun
from tests.support.user import column
from tests.support.values import OUTCOME

PLAN = Candidate(id="p", making="int8", precision_hint="f32", reason=Reason(code="nncf_default"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With one project, whose model is there."""
    write_images(tmp_path / "images", 2)
    path = models.save(models.yolox(), tmp_path / "model", "yolox", models.CLASSES)
    workspace = Workspace(tmp_path / "workspace")
    folder = workspace.new_folder("model")
    stored = import_model(path, folder, lambda *_: None, Evidence())
    workspace.add_project("p", stored.xml, folder / "d.json", "CPU")
    return workspace


@pytest.mark.parametrize(
    ("outcome", "badge"),
    [
        (OUTCOME, ""),
        (replace(OUTCOME, reached=False), "accuracy not reached"),
        (replace(OUTCOME, reached=False, ended_early="time"), "ended early"),
    ],
)
def test_accuracy_aware_that_ended_early_has_a_badge(
    workspace: Workspace, outcome: AccuracyOutcome, badge: str, qtbot: QtBot
) -> None:
    (project,) = workspace.projects()
    assert project.model is not None
    card = load_stored(project.model).card
    write_json(project.model.with_suffix(CARD_SUFFIX), replace(card, outcome=outcome))
    (row,) = project_rows(workspace)
    assert row.badge == badge
    tree = ProjectTree()
    qtbot.addWidget(tree)
    tree.show_projects([row], None)
    (text,) = column(tree.view)
    assert text.startswith(f"p\n⚠ {badge} · FP32" if badge else "p\nFP32")
    hint = tree.view.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert ("Accuracy-aware" in hint) == bool(badge)


@pytest.mark.parametrize(
    ("state", "badge"),
    [
        (replace(begun(), stopped="time"), "no INT8 plan tried"),
        (replace(begun(), stopped="time", candidates=(PLAN,)), ""),
        (begun(), ""),  # runs
    ],
)
def test_a_search_that_tried_no_int8_plan_has_a_badge(
    workspace: Workspace, state: SearchState, badge: str
) -> None:
    (project,) = workspace.projects()
    folder = workspace.new_folder("search")
    folder.mkdir(parents=True)
    write_json(folder / STATE_FILE, state)
    workspace.add_artifact(project.id, "search", folder)
    (row,) = project_rows(workspace)
    assert (row.badge, bool(row.why)) == (badge, bool(badge))


def test_a_warning_stays_before_a_speed_and_after_a_verdict() -> None:
    """A search that had tried nothing was shown as a speed alone, in a list of the usual width."""
    row = ProjectRow(1, None, "p", "p", "FP32 · 3.7 MB", badge="ended early")
    assert row.below_name("53.4 FPS") == "⚠ ended early · 53.4 FPS · FP32 · 3.7 MB"
    made = ProjectRow(2, 1, "p", "p", "INT8", badge="ended early")
    assert made.below_name("2×, safe") == "2×, safe · ⚠ ended early · INT8"


def test_of_a_line_that_is_too_long_the_verdict_stays(qtbot: QtBot) -> None:
    verdict = "about 2.2×, needs a look"
    assert _seen(qtbot, f"{verdict} · INT8 · 2.5 MB · and much more, no verdict", 280) == (
        f"{verdict} · INT8"
    ), "parts that have no room are left out as a whole"
    assert _seen(qtbot, verdict, 120).endswith("…")


def _seen(qtbot: QtBot, detail: str, width: int) -> str:
    """What a tree of that width shows in the second line of a row."""
    row = ProjectRow(1, None, "p", "p", detail, "", "")
    tree = ProjectTree()
    tree.setMinimumWidth(0)
    tree.resize(width, 300)
    qtbot.addWidget(tree)
    tree.show()
    tree.show_projects([row], None)
    index = tree.view.model().index(0, 0)
    option = QStyleOptionViewItem()
    option.rect = tree.view.visualRect(index)
    tree.view.itemDelegate().initStyleOption(option, index)  # type: ignore[attr-defined]
    name, seen = option.text.split("\u2028")
    assert name == "p"
    return str(seen)
