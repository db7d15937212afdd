"""A stranger's project: whatever it is called, the window shows its names letter for letter."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, takewhile
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGraphicsTextItem,
    QGraphicsView,
    QLabel,
    QTableView,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from core.benchmark.service import plan_benchmark
from core.importing.service import plan_import
from core.jobs.planned import PlannedJob, run_planned
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.profiling.service import plan_profile
from core.reports.kind import ReportOptions
from core.reports.service import plan_report
from tests.support import user
from tests.support.images import write_images
from tests.support.models import save, ssd
from tests.support.window import open_window

MARK = "\x1b\u202e"  # what no text that is shown may hold
EVIL = f"<img src='x.png'><b>{MARK}bold</b>"
CLASSES = tuple(f"<img src='{number}.png'><i>{MARK}c" for number in range(3))
MOST_ROWS = 50
SETTLED_MS = 300
REPORTS = 2


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    images = write_images(tmp_path / "<b>photos" / "val", 6)
    for number, image in enumerate(sorted(images.iterdir())):
        image.rename(images / f"<img src=x>{number}\x1b.jpg")
    model = save(ssd(), tmp_path / "model", "<b>ssd", CLASSES)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    workspace = window.parts.workspace

    def run(planned: PlannedJob) -> int:
        end = run_planned(workspace, planned)
        assert end.project_id is not None, end.outcome.error
        return end.project_id

    parent = run(plan_import(workspace, model, images))
    child = run(plan_optimize(workspace, parent, images, QuantizationPlan(subset_size=4)))
    for project in (parent, child):
        workspace.rename_project(project, EVIL)
    run(plan_benchmark(workspace, child, seconds=0.5))
    run(plan_profile(workspace, child, seconds=0.3))
    run(plan_report(workspace, child))
    run(plan_report(workspace, child, "tensor-distance", options=ReportOptions(images=2)))
    window.parts.session.refresh()
    window.parts.session.select_project(child)
    return window


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot have such names")
def test_names_are_shown_letter_for_letter_on_every_page(qtbot: QtBot, window: MainWindow) -> None:
    seen = set()
    for page in pages(qtbot, window):
        shown = list(texts(window))
        assert not [f"{page}, {one}" for one in shown if one.is_faulty]
        seen |= {one for one in shown if "<img" in one.text or "&lt;img" in one.text}
    assert {one.widget for one in seen} >= {"QLabel", "QComboBox", "QTreeView"}


@dataclass(frozen=True)
class Shown:
    """A text in the window: of which kind of widget, and whether Qt takes it for markup."""

    widget: str
    text: str
    markup: bool = False

    @property
    def is_faulty(self) -> bool:
        tags = self.markup and re.search("<(img|b>(photos|ssd|bold))", self.text)
        return bool(tags) or any(letter in self.text for letter in MARK)


def pages(qtbot: QtBot, window: MainWindow) -> Iterator[str]:
    """Shows every page of the project, one after the other, and gives its name."""
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        qtbot.waitUntil(lambda: window.tabs.current_made)
        page = window.tabs.currentWidget()
        inner = next((one for one in page.findChildren(QTabWidget) if one.isVisible()), None)
        for number in range(inner.count() if inner else 1):
            if inner is not None:
                inner.setCurrentIndex(number)
            qtbot.wait(SETTLED_MS)
            yield f"{window.tabs.tabText(place)} {inner.tabText(number) if inner else ''}"
    for row in range(REPORTS):  # the newest one is open
        user.press(page, "All reports")
        (library,) = (
            view
            for view in page.findChildren(QTableView)
            if view.isVisible() and view.model().rowCount() == REPORTS
        )
        user.double_click(library, row)
        qtbot.waitUntil(partial(is_unseen, library))
        qtbot.wait(SETTLED_MS)
        yield f"report {row}"


def is_unseen(widget: QWidget) -> bool:
    return not widget.isVisible()


def texts(window: MainWindow) -> Iterator[Shown]:
    """Every text of the window, seen or hidden."""
    for widget in window.findChildren(QWidget):
        kind = next(c.__name__ for c in type(widget).__mro__ if c.__module__.startswith("PySide6"))
        yield Shown("tooltip", widget.toolTip(), Qt.mightBeRichText(widget.toolTip()))
        if isinstance(widget, QLabel):
            automatic = widget.textFormat() is Qt.TextFormat.AutoText
            rich = widget.textFormat() is Qt.TextFormat.RichText
            yield Shown(
                kind, widget.text(), rich or (automatic and Qt.mightBeRichText(widget.text()))
            )
        elif isinstance(widget, QAbstractButton):
            yield Shown(kind, widget.text())
        elif isinstance(widget, QComboBox):
            yield from (Shown(kind, widget.itemText(row)) for row in range(widget.count()))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from cells(kind, widget.model(), QModelIndex())
        elif isinstance(widget, QGraphicsView) and widget.scene() is not None:
            for item in widget.scene().items():
                if isinstance(item, QGraphicsTextItem):
                    yield Shown(kind, item.toPlainText())
                    yield Shown(kind, item.toHtml(), markup=True)
    yield from (Shown("QAction", one.text()) for one in window.findChildren(QAction))


def cells(kind: str, model: QAbstractItemModel, parent: QModelIndex) -> Iterator[Shown]:
    for row in range(min(model.rowCount(parent), MOST_ROWS)):
        row_of_cells = takewhile(
            QModelIndex.isValid, (model.index(row, n, parent) for n in count())
        )
        for index in row_of_cells:  # a list's model does not tell its columns
            yield Shown(kind, str(index.data() or ""))
            hint = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            yield Shown("tooltip", hint, Qt.mightBeRichText(hint))
        yield from cells(kind, model, model.index(row, 0, parent))
