"""A report on very many detections: they stay in their files, and an estimate comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.reports.prediction_figures import figure_tiles
from app.reports.predictions_page import ADVANCED, SCORES, PredictionsPage
from app.reports.predictions_presenter import PredictionsPresenter
from app.reports.predictions_view import PredictionsView
from app.reports.report_models import ClassRowsModel
from app.reports.walking import ImageWalk
from app.viewer.scene.scene import ViewedImage
from core.detection.detections import DetectionTable
from core.metrics.comparison.bootstrap import agreement_interval
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.comparison.large import LargeComparison
from core.metrics.matching.thresholds import Thresholds
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE
from core.reports.filters import RowFilter, image_mask
from core.workspace.store import Artifact
from tests.app.reports.making import compared
from tests.benchmarks.accuracy_speed import made

IMAGES, SOON = 60_000, 60_000  # milliseconds, on a machine that is busy
MOVED = Thresholds(score=0.4)


@pytest.fixture(scope="module")
def tables() -> tuple[DetectionTable, DetectionTable]:
    return made(IMAGES, seed=4)


@pytest.fixture(scope="module")
def report(
    tables: tuple[DetectionTable, DetectionTable], tmp_path_factory: pytest.TempPathFactory
) -> Artifact:
    return compared(tmp_path_factory.mktemp("large") / "report", *tables, None)


@pytest.fixture(scope="module")
def moved(tables: tuple[DetectionTable, DetectionTable]) -> Comparison:
    return compare(*tables, MOVED)


@pytest.fixture
def page(report: Artifact, qtbot: QtBot) -> Iterator[PredictionsPage]:
    presenter = PredictionsPresenter(ImageWalk())
    page = PredictionsPage(presenter)
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.show_report(report)
    yield page
    page.close_workers()
    presenter.close()
    qtbot.wait(50)  # what was delivered by then is still heard


def view_of(page: PredictionsPage) -> PredictionsView:
    view: PredictionsView = page.presenter.view
    return view


def until_rows(page: PredictionsPage, qtbot: QtBot, wanted: int) -> None:
    qtbot.waitUntil(lambda: page.table.model().rowCount() == wanted, timeout=SOON)


def until_exact(page: PredictionsPage, qtbot: QtBot) -> LargeComparison:
    qtbot.waitUntil(lambda: not view_of(page).partial, timeout=SOON)
    found = view_of(page).comparison
    assert isinstance(found, LargeComparison)
    return found


def test_the_summary_is_there_at_once_and_all_images_soon(
    page: PredictionsPage, report: Artifact, qtbot: QtBot
) -> None:
    first = view_of(page)
    assert first.partial
    assert first.estimate is None, "the summary is what the job computed"
    assert first.comparison.summary == first.report.result.summary
    qtbot.waitUntil(lambda: 0 < page.table.model().rowCount() < IMAGES, timeout=SOON)
    assert "so far of" in page.counts.text
    exact = until_exact(page, qtbot)
    assert exact.summary == first.report.result.summary, "to the last bit"
    qtbot.waitUntil(lambda: page.table.model().rowCount() == IMAGES, timeout=SOON)
    assert page.counts.text == "60,000 images, worst first"
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: page.counts.text == "60,000 images, sorted by Image Name", timeout=SOON)


def test_a_moved_threshold_is_estimated_and_then_exact(
    page: PredictionsPage, moved: Comparison, qtbot: QtBot
) -> None:
    presenter = page.presenter
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.set_thresholds(MOVED)
    view = view_of(page)
    assert view.estimate is not None
    low, high = view.estimate.intervals["changed"]
    changed = moved.summary.changed
    assert changed is not None
    assert low <= changed <= high
    assert page.sentence.text().startswith("Estimate from ")
    (tile,) = [one for one in figure_tiles(view) if one.name == "Predictions changed"]
    assert tile.value.startswith("≈ ")
    assert "95% interval is" in tile.meaning
    exact = until_exact(page, qtbot)
    assert exact.summary == moved.summary, "to the last bit"
    assert "Estimate" not in page.sentence.text()
    assert not any("≈" in one.value for one in figure_tiles(view_of(page)))
    qtbot.waitUntil(lambda: view_of(page).interval is not None, timeout=SOON)
    assert view_of(page).interval == agreement_interval(moved)
    assert exact.rankings == [], "what the interval is computed from is let go of"


def test_the_slider_may_move_while_the_rest_is_computed(
    page: PredictionsPage, moved: Comparison, qtbot: QtBot
) -> None:
    presenter = page.presenter
    for score in (0.2, 0.25, 0.5):
        with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
            presenter.set_score_threshold(score)
        qtbot.wait(500)
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.set_thresholds(MOVED)
    assert until_exact(page, qtbot).summary == moved.summary


def test_filters_and_views_are_of_all_images(
    page: PredictionsPage, moved: Comparison, qtbot: QtBot
) -> None:
    presenter = page.presenter
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.set_thresholds(MOVED)
    exact = until_exact(page, qtbot)
    names = exact.parent.class_names
    for chosen in (
        RowFilter(statuses=("missed",), classes=names[:1]),
        RowFilter(name="0001", statuses=("unchanged",)),
        RowFilter(ranges={"missed": (2, None)}),
        RowFilter(cell=(names[1], None)),
    ):
        presenter.set_filter(chosen)
        wanted = int(image_mask(moved, chosen).sum())
        assert wanted > 0
        until_rows(page, qtbot, wanted)
    presenter.set_filter(RowFilter(name="0001"))
    page.views.choose(ADVANCED)
    model = page.table.model()
    assert isinstance(model, ClassRowsModel)
    qtbot.waitUntil(lambda: model.rowCount() > 0, timeout=SOON)
    assert "of the worst 5,000 images" in page.counts.text
    image = model.image_at(0)
    assert "0001" in exact.parent.image_names[image] == model.image_name_at(0)
    page.views.choose(SCORES)
    assert page.band_table.rows.rowCount() == len(exact.bands) > 0
    presenter.set_filter(RowFilter())


def test_an_image_is_compared_when_it_is_looked_at(
    page: PredictionsPage, moved: Comparison, qtbot: QtBot
) -> None:
    presenter = page.presenter
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.set_thresholds(MOVED)
    until_exact(page, qtbot)
    image = int(moved.images.image[0])
    seen: list[ViewedImage] = []
    presenter.walk.image_changed.connect(lambda image: seen.append(image) if image else None)
    presenter.walk.show_image(image, moved.images.image[:100])
    viewed = seen[-1]
    assert viewed.name == moved.parent.image_names[image]
    first, last = moved.parent.offsets[image : image + 2].tolist()
    shown = moved.status_of_parent[first:last] > 0
    boxes = moved.parent.boxes[first:last][shown]
    assert np.array_equal(viewed.parent.boxes, boxes)
    presenter.walk.show_next_difference()
    assert seen[-1].number == int(moved.images.image[1])
    assert presenter.walk.thumbnails().counts(0)


def test_a_damaged_file_is_said(
    tables: tuple[DetectionTable, DetectionTable], tmp_path: Path, qtbot: QtBot
) -> None:
    artifact = compared(tmp_path / "report", *tables, None)
    path = artifact.folder / OPTIMIZED_DETECTIONS_FILE
    path.write_bytes(path.read_bytes()[:-1000])
    presenter = PredictionsPresenter(ImageWalk())
    with qtbot.waitSignal(presenter.failed, timeout=SOON) as said:
        presenter.show_report(artifact)
    presenter.close()
    assert f"{path} cannot be read" in str(said.args[0])
