"""One model run in two ways, in the window: the list of images, and how the two ways are chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.library_page import LibraryPage
from app.reports.report_library import LibraryView
from app.reports.run_choice import RunChoice
from app.reports.two_ways_page import TwoWaysPage
from app.reports.two_ways_presenter import TwoWaysPresenter
from app.reports.walking import ImageWalk
from core.inference.settings import AS_IT_RUNS, TRUE_F32, InferenceSettings
from core.metrics.matching.thresholds import Thresholds
from core.models.plan import Target
from core.reports.kinds import IDS, KINDS
from core.reports.service import NO_PARENT, choices
from tests.app.reports.making import two_ways
from tests.support.user import choose


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[TwoWaysPage]:
    presenter = TwoWaysPresenter(ImageWalk())
    page = TwoWaysPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(two_ways(tmp_path / "report"))
    qtbot.waitUntil(lambda: page.rows.rowCount() == 4)
    yield page
    presenter.close()


def test_the_images_that_differ_come_first(page: TwoWaysPage) -> None:
    assert page.headline.text().startswith("3 of 4 images differ: 1 on A only, 1 on B only")
    names = [page.rows.index(row, 0).data() for row in range(4)]
    assert names[-1] == page.rows.index(3, 0).data()
    assert page.figures.tile("On A only").value.text() == "1"
    headers = [
        page.rows.headerData(column, Qt.Orientation.Horizontal)
        for column in range(page.rows.columnCount())
    ]
    assert headers[4:6] == ["On B only", "On A only"]
    assert page.counts.text.startswith("4 images, worst first; ")
    page.table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    assert page.counts.text.startswith("4 images, sorted by On B only; ")


def test_an_image_is_looked_at(page: TwoWaysPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.presenter.walk.image_changed) as shown:
        QTest.mouseClick(page.open_image, Qt.MouseButton.LeftButton)
    assert shown.args[0].total == 4


def test_a_score_threshold_changes_the_figures(page: TwoWaysPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.presenter.report_changed):
        page.presenter.set_score_threshold(1.0)
    assert page.headline.text() == "4 images: the same, run in both ways"
    assert Thresholds().score != 1.0


def test_how_the_model_runs_is_one_choice(qtbot: QtBot) -> None:
    choice = RunChoice("Run as")
    qtbot.addWidget(choice)
    assert choice.settings == AS_IT_RUNS
    choice.show_device("GPU")
    assert choice.settings == AS_IT_RUNS, "what was chosen stays, as another choice"
    choice.setCurrentIndex(0)
    assert choice.settings == InferenceSettings(device="GPU")
    choice.show_devices((("CPU", "processor"), ("NPU", "neural")))
    assert choice.settings == InferenceSettings(device="GPU")
    asked = [choice.itemData(place) for place in range(choice.count())]
    assert len(set(asked)) == len(asked)
    assert InferenceSettings(device="NPU", precision_hint="f16") in asked


def test_two_ways_of_a_project_without_a_parent(qtbot: QtBot) -> None:
    page = LibraryPage(tuple)
    qtbot.addWidget(page)
    page.show_library(
        LibraryView(
            project_id=1, title="p", dataset="d", images=3, annotated=True,
            choices=choices("d", annotated=True, no_parent=NO_PARENT), device="CPU",
            target="this_machine", reports=(),
        )
    )  # fmt: skip
    enabled = [name for name, row in zip(IDS, page.kinds, strict=True) if row.radio.isEnabled()]
    assert enabled == ["two-ways"]
    assert page.in_the_way.text() == NO_PARENT  # once, and each says what it would answer
    assert [row.text.text() for row in page.kinds] == [kind.question for kind in KINDS]
    with qtbot.waitSignal(page.start_requested) as asked:
        QTest.mouseClick(page.start, Qt.MouseButton.LeftButton)
    kind, dataset, options, settings, *where = asked.args
    assert where == [None, None]
    assert (kind, dataset, options.against, settings) == ("two-ways", None, TRUE_F32, AS_IT_RUNS)
    assert page.fresh.isHidden(), "it never uses stored detections"
    page.against.setCurrentIndex(0)
    assert not page.start.isEnabled()
    assert page.reason.text() == "Choose two ways that differ."


def test_stored_detections_are_used_unless_all_is_to_be_computed_again(qtbot: QtBot) -> None:
    page = LibraryPage(tuple)
    qtbot.addWidget(page)
    page.show_library(
        LibraryView(
            project_id=1, title="p", dataset="d", images=3, annotated=True,
            choices=choices("d", annotated=True), device="CPU", target="this_machine", reports=(),
        )
    )  # fmt: skip
    assert not page.fresh.isHidden()
    asked = []
    page.start_requested.connect(lambda kind, dataset, options, *how: asked.append(options))
    page.fresh.setChecked(True)
    QTest.mouseClick(page.start, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.start, Qt.MouseButton.LeftButton)
    assert [one.fresh for one in asked] == [True, False], "once"


def test_a_report_runs_as_the_target_does_unless_another_way_is_chosen(qtbot: QtBot) -> None:
    page = LibraryPage(tuple)
    qtbot.addWidget(page)

    def shown(target: Target) -> None:
        page.show_library(
            LibraryView(
                project_id=1, title="p", dataset="d", images=3, annotated=True,
                choices=choices("d", annotated=True), device="CPU", target=target, reports=(),
            )
        )  # fmt: skip

    shown("this_machine")
    assert page.run.settings == InferenceSettings()
    shown("cpu")
    assert page.run.settings is None, "the job asks the one rule"
    assert page.run.currentText().endswith("CPU without VNNI")
    choose(page.run, "INT8 sums that saturate, as without VNNI: CPU")
    tensors = page.kinds[IDS.index("tensor-distance")].radio
    tensors.setChecked(True)
    assert "Tensors cannot be read as without VNNI" in page.reason.text()
    assert not page.start.isEnabled()
    choose(page.run, "As it will run: CPU, default precision")
    assert page.start.isEnabled()
    shown("cpu")
    assert page.run.settings == InferenceSettings(), "what was chosen stays"
    shown("cpu_bf16")
    assert page.run.settings is None
    shown("this_machine")
    assert page.run.settings == InferenceSettings()
