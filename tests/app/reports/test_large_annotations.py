"""A report on annotations of very many images: an estimate comes first, as of predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.reports.annotations_page import CONFUSION, ERRORS, IMAGES, AnnotationsPage
from app.reports.annotations_presenter import AnnotationsPresenter, AnnotationsView
from app.reports.walking import ImageWalk
from core.metrics.accuracy.material import AccuracyMaterial
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.matching.thresholds import Thresholds
from tests.app.reports.making import measured
from tests.benchmarks.accuracy_speed import made
from tests.support.truth import truth_of

COUNT, SOON = 400, 30_000
MOVED = Thresholds(score=0.4)


@pytest.fixture(scope="module")
def material() -> AccuracyMaterial:
    parent, optimized = made(COUNT, seed=2)
    truth: GroundTruth = truth_of(made(COUNT, seed=3)[0])
    return AccuracyMaterial(truth, parent, optimized)


@pytest.fixture
def page(
    material: AccuracyMaterial, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AnnotationsPage]:
    monkeypatch.setattr("core.reports.detections.LARGE_BYTES", 0)
    monkeypatch.setattr("core.metrics.comparison.stored_pair._ROWS", 400)
    monkeypatch.setattr("core.metrics.comparison.large.sample", every_fourth)
    artifact = measured(tmp_path / "report", material.truth, material.parent, material.optimized)
    presenter = AnnotationsPresenter(ImageWalk())
    page = AnnotationsPage(presenter)
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.show_report(artifact)
    yield page
    page.close_workers()
    presenter.close()
    qtbot.wait(50)  # what was delivered by then is still heard


def every_fourth(rows: Sequence[int]) -> list[int]:
    return list(range(0, len(rows), 4))


def view_of(page: AnnotationsPage) -> AnnotationsView:
    view: AnnotationsView = page.presenter.view
    return view


def test_figures_are_there_at_once_and_all_images_soon(page: AnnotationsPage, qtbot: QtBot) -> None:
    first = view_of(page)
    assert first.partial
    assert first.counted is None, "errors are what the job counted"
    assert first.figures == first.report.result.accuracy
    page.views.choose(CONFUSION)
    assert "far" not in page.hint.text, "that matrix is the job's, too"
    page.views.choose(IMAGES)
    assert "; so far of " in page.hint.text
    qtbot.waitUntil(lambda: not view_of(page).partial, timeout=SOON)
    qtbot.waitUntil(lambda: page.images.model().rowCount() == COUNT, timeout=SOON)
    assert page.hint.text == "400 images, worst first; double-click to see one"
    page.images.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert page.hint.text == "400 images, sorted by Image Name; double-click to see one"


def test_a_moved_threshold_is_estimated_and_then_exact(
    page: AnnotationsPage, material: AccuracyMaterial, qtbot: QtBot
) -> None:
    presenter = page.presenter
    page.views.choose(ERRORS)
    with qtbot.waitSignal(presenter.report_changed, timeout=SOON):
        presenter.set_thresholds(MOVED)
    view = view_of(page)
    assert view.counted is not None
    assert page.hint.text.startswith(f"Estimate from {view.counted:,} of 400 images; the exact")
    page.views.choose(CONFUSION)
    assert "to see its images. So far of " in page.hint.text
    page.views.choose(ERRORS)
    qtbot.waitUntil(lambda: not view_of(page).partial, timeout=SOON)
    exact, _ = material.at(view.report.result.accuracy, MOVED)
    assert view_of(page).figures == exact
    assert "Estimate" not in page.hint.text
