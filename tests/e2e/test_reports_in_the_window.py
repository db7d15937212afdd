"""Reports of all kinds in the window: made, opened, looked at, compared, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.reports.annotations_page import AnnotationsPage
from app.reports.predictions_page import PredictionsPage
from app.reports.tensors_page import TensorsPage
from app.shell.main_window import MainWindow
from core.check.limits import read_limits
from core.importing.service import plan_import
from core.jobs.planned import run_planned
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.filters import RowFilter
from core.targets.target import machine_target
from tests.support import user
from tests.support.models import CLASSES
from tests.support.window import make_material, open_window, wait_for_jobs


def annotated(images: Path) -> Path:
    """A dataset of these images, with one box each, of the model's classes in turn."""
    dataset = images.parent / "annotated"
    (dataset / "labels").mkdir(parents=True)
    for number, image in enumerate(sorted(images.iterdir())):
        label = f"{number % len(CLASSES)} 0.5 0.5 0.6 0.6\n"
        (dataset / "labels" / f"{image.stem}.txt").write_text(label)
    names = "\n".join(f"  - {name}" for name in CLASSES)
    (dataset / "data.yaml").write_text(f"val: images\nnames:\n{names}\n")
    images.rename(dataset / "images")
    return dataset


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    material = make_material(tmp_path)
    dataset = annotated(material.validation)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    workspace = window.parts.workspace
    parent = run_planned(workspace, plan_import(workspace, material.model, dataset)).project_id
    plan = QuantizationPlan(subset_size=4)
    assert parent is not None
    child = run_planned(
        workspace, plan_optimize(workspace, parent, material.calibration, plan)
    ).project_id
    window.parts.session.refresh()
    window.parts.session.select_project(child)
    window.tabs.setCurrentWidget(window.tabs.report)
    return window


def make(qtbot: QtBot, window: MainWindow, place: int) -> None:
    """Make the report of a kind by the form."""
    library = window.tabs.report.library
    window.tabs.report.header.back_requested.emit()
    assert window.tabs.report.currentWidget() is library
    library.kinds[place].radio.setChecked(True)
    library.images.setValue(2)
    QTest.mouseClick(library.start, Qt.MouseButton.LeftButton)
    wait_for_jobs(qtbot, window)
    waiting = (library, window.tabs.report.opening)
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() not in waiting, timeout=10_000)


def test_every_kind_of_report(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    tab = window.tabs.report
    reports = window.parts.reports
    assert tab.currentWidget() is tab.library
    assert not tab.library.kept.isVisible()

    make(qtbot, window, 0)
    tables, predictions = tab.page_of("predictions"), reports.of_kind("predictions")
    assert isinstance(tables, PredictionsPage)
    assert tab.currentWidget() is tables
    with qtbot.waitSignal(predictions.report_changed):
        tables.thresholds.knob("score").slider.setValue(1)
    view = predictions.view
    assert view is not None
    assert view.report.truth is not None  # the dataset is annotated: it can be looked at

    make(qtbot, window, 1)
    accuracy = tab.page_of("annotations")
    assert isinstance(accuracy, AnnotationsPage)
    assert tab.currentWidget() is accuracy
    assert accuracy.statistics.model().rowCount() == 14
    seen: list[object] = []
    reports.walk.image_changed.connect(seen.append)
    user.press(accuracy, "Errors")
    user.double_click(accuracy.errors, user.column(accuracy.errors).index("Missed"))
    assert tab.currentWidget() is tab.viewer
    assert seen[-1] is not None
    reports.walk.show_image(None)
    assert tab.currentWidget() is accuracy

    make(qtbot, window, 2)
    tensors = tab.page_of("tensor-distance")
    assert isinstance(tensors, TensorsPage)
    assert tab.currentWidget() is tensors
    tensors.layers.selectRow(0)
    with qtbot.waitSignal(window.parts.navigation.keep_in_float) as asked:
        QTest.mouseClick(tensors.keep, Qt.MouseButton.LeftButton)
    assert asked.args[0]
    assert window.tabs.currentWidget() is window.tabs.optimize
    window.tabs.setCurrentWidget(tab)

    # old reports stay; how the first one was looked at is found again
    assert reports.library is not None
    kinds = [one.kind.id for one in reports.library.reports]
    assert kinds == ["tensor-distance", "annotations", "predictions"]
    with qtbot.waitSignal(predictions.report_changed):
        reports.open(reports.library.reports[2])
    view = predictions.view
    assert view is not None
    assert view.comparison.thresholds.score == pytest.approx(0.01)

    # a report whose files are gone is told, and the list is still there
    (reports.library.reports[1].artifact.folder / "truth.npz").write_bytes(b"PK no")
    reports.open(reports.library.reports[1])
    qtbot.waitUntil(lambda: tab.currentWidget() is tab.library, timeout=10_000)
    assert "cannot be read" in window.notices.said
    window.notices.clear()

    # two beside each other
    make(qtbot, window, 0)
    assert reports.library is not None
    newer, older = (one for one in reports.library.reports if one.kind.id == "predictions")
    with qtbot.waitSignal(reports.versus_changed):
        reports.compare(older, newer)
    versus = tab.versus
    assert versus is not None
    assert tab.currentWidget() is versus
    assert versus.images.model().rowCount() == 12
    user.press(versus, "Images")
    user.double_click(versus.images, 0)
    assert tab.currentWidget() is tab.viewer
    reports.walk.show_image(None)

    # exports, with the filter, and where they are
    window.notices.clear()
    reports.open(newer)
    predictions.set_filter(RowFilter(name="0"))
    reports.export("pdf", tmp_path / "page.pdf")
    reports.export("csv", tmp_path / "tables")
    wait_for_jobs(qtbot, window)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "tables" / "images.csv").is_file()
    assert str(tmp_path / "tables") in window.notices.said
    opens = [one for one in window.notices.findChildren(QPushButton) if one.text() == "Open"]
    assert [one.isVisible() for one in opens] == [True, True]
    window.close()


def test_limits_of_a_project_are_written(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(qtbot, window, 1)  # on annotations
    window.tabs.report.header.back_requested.emit()
    library = window.tabs.report.library
    target = tmp_path / "build" / "limits"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (str(target), ""))

    def write() -> str:
        with qtbot.waitSignal(window.parts.notices.posted, timeout=30_000) as noticed:
            QTest.mouseClick(library.kept.limits, Qt.MouseButton.LeftButton)
        assert noticed.args is not None
        return str(noticed.args[0].text)

    assert "limits.toml cannot be written: No such file or directory." in write()
    target.parent.mkdir()
    assert write() == f"Limits saved: {target}.toml"
    limits = read_limits(target.with_suffix(".toml"))
    assert limits.given.keys() == {"ap_drop", "size_mb", "size_share"}
    assert limits.target == machine_target()
    text = target.with_suffix(".toml").read_text("utf-8")
    assert "# accuracy_kept: Accuracy kept, at least; not measured yet:" in text
    assert list(target.parent.iterdir()) == [target.with_suffix(".toml")]

    parent = window.parts.workspace.projects()[0]
    window.parts.session.select_project(parent.id)
    qtbot.waitUntil(lambda: not library.kept.limits.isVisible())
