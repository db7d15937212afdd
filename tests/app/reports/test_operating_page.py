"""The operating point in the window: its curve, its thresholds, and where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.operating_page import CLASSES as CLASS_VIEW
from app.reports.operating_page import THRESHOLDS as THRESHOLDS_VIEW
from app.reports.operating_page import OperatingPage, OperatingPresenter
from app.reports.typed_table import TypedTable
from app.reports.walking import ImageWalk
from core.detection.detections import DetectionTable
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.matching.thresholds import Thresholds
from core.reports.operating.page import SHARES
from tests.app.reports.making import operating_point
from tests.support import user
from tests.support.tables import CLASSES, Row, table


def detections(images: int = 80) -> DetectionTable:
    random = np.random.default_rng(3)

    def row(place: int) -> Row:
        score = float(random.beta(0.8, 1.2))
        return 60 * place, 0, 60 * place + 40, 40, max(0.02, score), int(random.integers(3))

    return table(*([row(place) for place in range(8)] for _ in range(images)))


PARENT = detections()
MOVED = np.array([0.55, 0.75, 0.95], np.float32)  # what INT8 makes of the scores of each class
OPTIMIZED = replace(PARENT, scores=PARENT.scores * MOVED[PARENT.class_ids])


def truth() -> GroundTruth:
    boxes = [rows.where(rows.scores >= 0.4) for rows in PARENT]
    sizes = [(640, 480)] * len(PARENT)
    made = DetectionTable.build(PARENT.image_names, sizes, boxes, CLASSES)
    marked = replace(made, scores=np.ones_like(made.scores))
    none = table(*[[] for _ in boxes])
    areas = np.full(len(made.scores), 1600.0)
    return GroundTruth(marked, areas, none, np.zeros(0), np.ones(3, bool))


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[OperatingPage]:
    presenter = OperatingPresenter(ImageWalk())
    page = OperatingPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    page.resize(1240, 800)
    page.show()
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(operating_point(tmp_path / "report", PARENT, OPTIMIZED, truth()))
    yield page
    presenter.close()


def test_rows_of_the_thresholds_are_seen_whole_beside_a_scroll_bar(
    page: OperatingPage, qtbot: QtBot
) -> None:
    page.views.choose(THRESHOLDS_VIEW)
    for width in (1060, 820):
        page.resize(width, 700)
        for shown in (page.settings, page.best):

            def whole(of: TypedTable = shown) -> bool:
                last = of.visualRect(of.model().index(of.model().rowCount() - 1, 0))
                return last.bottom() <= of.viewport().height()

            qtbot.waitUntil(whole)


def test_it_says_what_the_thresholds_do(page: OperatingPage) -> None:
    point = page.presenter.view.report.point
    by_class, found = point.per_class, page.sentence.text()
    assert f"At the thresholds by class the optimized model gives {by_class.detections:,}" in found
    assert f"{by_class.changed.value:.1%} of both models' detections changed" in found
    assert "they are recommended" in page.note.text()
    assert "F1 is best at" in page.note.text()
    own = sorted(point.thresholds("per_class").classes.values())
    threshold = page.figures.tile("Threshold, optimized").value
    assert threshold.text() == f"{own[0]:g} to {own[-1]:g}"
    curves = [item.name() for item in user.drawn(page.curve).listDataItems()]
    assert curves[:3] == list(SHARES)
    assert curves[3:] == ["parent at 0.3", f"optimized at {point.score:g}"]
    assert page.settings.model().rowCount() == 4
    assert page.best.model().rowCount() == 2
    page.views.choose(CLASS_VIEW)
    assert page.class_table.isVisible()
    cells = page.class_table.model()
    said = {cells.index(row, 0).data(): cells.index(row, 1).data() for row in range(3)}
    assert {name: float(score) for name, score in said.items()} == pytest.approx(
        {"cat": 0.165, "dog": 0.225, "bird": 0.285}, abs=0.02
    )


def test_another_threshold_of_the_parent_finds_another_point(
    page: OperatingPage, qtbot: QtBot
) -> None:
    before = page.presenter.view.report.point
    with qtbot.waitSignal(page.presenter.report_changed):
        page.thresholds.knob("score").slider.setValue(60)
    after = page.presenter.view.report.point
    assert (after.parent_score, before.parent_score) == (0.6, 0.3)
    assert after.score > before.score
    assert page.thresholds.reset.isEnabled()
    with qtbot.waitSignal(page.presenter.report_changed):
        page.thresholds.reset.click()
    assert page.presenter.view.report.point == before


def test_the_chosen_thresholds_are_looked_at_and_packaged(
    page: OperatingPage, qtbot: QtBot, tmp_path: Path
) -> None:
    point = page.presenter.view.report.point
    assert page.basis.currentText() == "by class (recommended)"
    with qtbot.waitSignal(page.look_requested) as asked:
        QTest.mouseClick(page.apply, Qt.MouseButton.LeftButton)
    assert asked.args == [
        Thresholds(score=0.3, iou=0.5, optimized_scores=point.thresholds("per_class"))
    ]
    page.basis.setCurrentIndex(page.basis.findText("best F1", Qt.MatchFlag.MatchStartsWith))
    with qtbot.waitSignal(page.package_requested) as asked:
        QTest.mouseClick(page.package, Qt.MouseButton.LeftButton)
    assert asked.args == [tmp_path / "report", "best_f1"]


def test_what_is_shown_is_of_the_thresholds_that_are_chosen(page: OperatingPage) -> None:
    point = page.presenter.view.report.point
    for start, score, figures in (
        ("one for all", point.score, point.at_global),
        ("best F1", point.best_f1.optimized.score, point.at_best_f1),
    ):
        page.basis.setCurrentIndex(page.basis.findText(start, Qt.MatchFlag.MatchStartsWith))
        text = page.sentence.text()
        assert f"At score {score:g} the optimized model gives {figures.detections:,}" in text
        assert page.figures.tile("Threshold, optimized").value.text() == f"{score:g}"
        assert f"{figures.changed.value:.4f}"[:4] in page.figures.tile("Changed").value.text()
