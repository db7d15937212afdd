"""Accuracy on annotations, tensors, two reports beside each other, and the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from app.reports.annotations_page import IMAGES, AnnotationsPage
from app.reports.annotations_presenter import AnnotationsPresenter
from app.reports.library_page import LibraryPage
from app.reports.report_library import KeptReport, LibraryView, side_by_side
from app.reports.tensors_page import TensorsPage, TensorsPresenter
from app.reports.versus_page import VersusPage
from app.reports.walking import ImageWalk
from app.viewer.scene.scene import ViewedImage
from core.errors import WorkbenchError
from core.reports.filters import RowFilter
from core.reports.kinds import KINDS, head_of, load_state
from core.reports.service import NO_PARENT, choices
from core.workspace.store import Artifact
from tests.app.reports.making import by_annotations, predictions, tensors, two_ways
from tests.support import user


@pytest.fixture(params=["in memory", "in files"])
def accuracy(
    qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AnnotationsPage]:
    if request.param == "in files":  # as where there are very many detections
        monkeypatch.setattr("core.reports.detections.LARGE_BYTES", 0)
    presenter = AnnotationsPresenter(ImageWalk())
    page = AnnotationsPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(by_annotations(tmp_path / "report"))
    yield page
    presenter.close()


def shown(page: AnnotationsPage) -> list[str]:
    model = page.images.model()
    return sorted(model.index(row, 0).data() for row in range(model.rowCount()))


def test_both_models_side_by_side(accuracy: AnnotationsPage) -> None:
    cells = accuracy.statistics.model()
    first = [cells.index(0, column).data() for column in range(3)]
    assert first[:2] == ["AP", "1.0000"]  # the parent is the ground truth here
    assert float(first[2]) < 1
    kinds = accuracy.errors.model()
    counts = {
        kinds.index(row, 0).data(): (kinds.index(row, 1).data(), kinds.index(row, 2).data())
        for row in range(6)
    }
    assert counts["Missed"] == ("0", "1")
    assert counts["Class"] == ("0", "1")
    assert counts["Background"] == ("0", "1")


def test_its_numbers_lead_to_images(accuracy: AnnotationsPage, qtbot: QtBot) -> None:
    walk = accuracy.presenter.walk
    user.press(accuracy, "Confusion")
    names = header_names(accuracy.heat_map)
    user.click_cell(accuracy.heat_map, names.index("cat"), names.index("bird"))
    assert shown(accuracy) == ["2.jpg"]
    assert accuracy.views.current == IMAGES
    user.press(accuracy, "Classes")
    user.double_click(accuracy.class_table, user.column(accuracy.class_table).index("dog"))
    assert shown(accuracy) == ["1.jpg", "3.jpg"]
    user.click(accuracy.figures.tile("AP, optimized"))
    assert shown(accuracy) == ["1.jpg", "2.jpg", "3.jpg"]
    user.press(accuracy, "Parent")  # it makes no error
    assert shown(accuracy) == []
    user.press(accuracy, "Optimized")
    user.double_click(accuracy.images, 0)
    assert sorted(walk.order.tolist()) == [1, 2, 3]
    seen: list[ViewedImage | None] = []
    walk.image_changed.connect(seen.append)
    user.press(accuracy, "Errors")
    user.double_click(accuracy.errors, user.column(accuracy.errors).index("Background"))
    qtbot.waitUntil(lambda: walk.order.tolist() == [3])
    walk.show_image(1, [1])
    assert seen[-1] is not None
    assert seen[-1].truth is not None  # the ground truth is looked at beside the boxes
    assert seen[-1].truth.names == ("cat", "dog")


def header_names(view: QTableView) -> list[str]:
    model = view.model()
    return [str(model.headerData(n, Qt.Orientation.Vertical)) for n in range(model.rowCount())]


def test_its_filter_is_kept(accuracy: AnnotationsPage, tmp_path: Path) -> None:
    accuracy.filter.statuses["extra"].setChecked(True)
    accuracy.filter.name.setText("3")
    assert shown(accuracy) == ["3.jpg"]
    assert "false positive" in accuracy.hint.text
    accuracy.presenter.close()
    kept_filter = load_state(tmp_path / "report").chosen
    assert kept_filter == RowFilter(name="3", statuses=("extra",))
    QTest.mouseClick(accuracy.unfilter, Qt.MouseButton.LeftButton)
    assert len(shown(accuracy)) == 4


def test_a_threshold_counts_errors_anew(accuracy: AnnotationsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(accuracy.presenter.report_changed):
        accuracy.thresholds.knob("score").slider.setValue(85)
    kinds = accuracy.errors.model()
    counts = {kinds.index(row, 0).data(): kinds.index(row, 2).data() for row in range(6)}
    assert counts["Background"] == "0"
    assert counts["Missed"] == "2"  # both dogs, at that score


def test_curves_of_a_class(accuracy: AnnotationsPage) -> None:
    accuracy.curve_class.setCurrentIndex(accuracy.curve_class.findText("dog"))
    accuracy.views.choose(3)
    assert len(user.drawn(accuracy.curves).listDataItems()) == 2


def test_layers_are_kept_in_float(qtbot: QtBot, tmp_path: Path) -> None:
    presenter = TensorsPresenter(ImageWalk())
    page = TensorsPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(tensors(tmp_path / "report"))
    presenter.close()
    layers = page.layers.model()
    assert [layers.index(row, 0).data() for row in range(2)] == ["second", "first"]
    assert not page.keep.isEnabled()
    page.layers.selectAll()
    assert page.keep.text() == "Keep 2 layers in float"
    with qtbot.waitSignal(page.keep_in_float_requested) as asked:
        QTest.mouseClick(page.keep, Qt.MouseButton.LeftButton)
    assert asked.args == [("second", "second/bias", "first", "first/bias")]
    QTest.keyClicks(page.search, "FIRST")
    assert page.layers.model().rowCount() == 1
    with qtbot.waitSignal(page.keep_in_float_requested) as asked:
        page.layers.doubleClicked.emit(layers.index(0, 0))
    assert asked.args == [("first", "first/bias")]


def kept(artifact: Artifact) -> KeptReport:
    return KeptReport(artifact, head_of(artifact.folder))


@pytest.mark.parametrize("make", [predictions, by_annotations, tensors])
def test_two_reports_beside_each_other(
    qtbot: QtBot, tmp_path: Path, make: Callable[..., Artifact]
) -> None:
    first, second = kept(make(tmp_path / "a", 1)), kept(make(tmp_path / "b", 2))
    page = VersusPage()
    qtbot.addWidget(page)
    page.show_versus(side_by_side(first, second))
    cells = page.figures.model()
    assert cells.rowCount() >= 1
    assert {cells.index(row, 3).data().strip("+0.,") for row in range(cells.rowCount())} <= {
        "",
        "–",
    }
    of_images = make is predictions
    assert page.views.buttons[2].isHidden() is not of_images
    assert page.images.model().rowCount() == (4 if of_images else 0)
    if of_images:
        with qtbot.waitSignal(page.image_requested) as asked:
            page.images.doubleClicked.emit(page.images.model().index(0, 0))
        assert asked.args[1] == 0


def test_reports_of_two_kinds_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="Compare two reports of the same kind"):
        side_by_side(kept(predictions(tmp_path / "a")), kept(tensors(tmp_path / "b")))


def test_a_kind_that_cannot_be_had_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    page = LibraryPage(tuple)
    qtbot.addWidget(page)
    view = LibraryView(
        project_id=1, title="p", dataset="d", images=3, annotated=False,
        choices=choices("d", annotated=False), device="CPU", target="this_machine", reports=(),
    )  # fmt: skip
    page.show_library(view)
    radios = [row.radio for row in page.kinds]
    assert [radio.isEnabled() for radio in radios] == [not kind.needs_annotations for kind in KINDS]
    assert (
        page.kinds[1].text.text()
        == "d has no annotations. Choose an annotated dataset for this report."
    )
    page.dataset.set_path(tmp_path)  # another dataset may have them
    assert radios[1].isEnabled()
    radios[1].setChecked(True)
    with qtbot.waitSignal(page.start_requested) as asked:
        QTest.mouseClick(page.start, Qt.MouseButton.LeftButton)
    assert asked.args[:2] == ["annotations", tmp_path]
    page.dataset.set_path(tmp_path / "gone")
    assert not page.start.isEnabled()
    page.show_library(
        replace(view, project_id=2, choices=choices("d", annotated=True, reason=NO_PARENT))
    )
    assert not any(radio.isEnabled() for radio in radios)
    assert not page.start.isEnabled()


def test_two_of_one_kind_can_be_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    page = LibraryPage(tuple)
    qtbot.addWidget(page)
    reports = (
        kept(predictions(tmp_path / "c", 3)),
        kept(tensors(tmp_path / "b", 2)),
        kept(predictions(tmp_path / "a", 1)),
    )
    page.show_library(
        LibraryView(
            project_id=1, title="p", dataset="d", images=3, annotated=True,
            choices=choices("d", annotated=True), device="CPU", target="this_machine",
            reports=reports,
        )
    )  # fmt: skip
    pick = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    chosen, rows = page.kept.table.selectionModel(), page.kept.table.model()
    chosen.select(rows.index(0, 0), pick)
    chosen.select(rows.index(1, 0), pick)
    assert not page.kept.compare_button.isEnabled()
    chosen.clear()
    chosen.select(rows.index(0, 0), pick)
    chosen.select(rows.index(2, 0), pick)
    with qtbot.waitSignal(page.kept.compare_requested) as asked:
        QTest.mouseClick(page.kept.compare_button, Qt.MouseButton.LeftButton)
    assert asked.args == [reports[2], reports[0]]  # the older one first
    with qtbot.waitSignal(page.kept.open_requested) as asked:
        page.kept.table.doubleClicked.emit(rows.index(1, 0))
    assert asked.args == [reports[1]]


def test_images_of_two_reports_are_headed_as_their_kind_calls_what_differs(
    qtbot: QtBot, tmp_path: Path
) -> None:
    """Neither of two ways is the parent: nothing is missed, nor extra."""
    page = VersusPage()
    qtbot.addWidget(page)
    shown = ((predictions, "Missed, first"), (two_ways, "On B only, first"))
    for number, (make, words) in enumerate((*shown, shown[0])):
        folder = tmp_path / str(number)
        page.show_versus(side_by_side(kept(make(folder / "a", 1)), kept(make(folder / "b", 2))))
        cells = page.images.model()
        titles = [
            cells.headerData(column, Qt.Orientation.Horizontal)
            for column in range(cells.columnCount())
        ]
        assert words in titles
        page.views.choose(2)
        worse = "differ more in the second report" if make is two_ways else "got worse"
        assert f"images {worse};" in page.hint.text
        assert ("Missed, first" in titles) == (make is predictions)
