"""The report's state, without a widget: thresholds, walking, the image's boxes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.reports.predictions_presenter import PredictionsPresenter
from app.reports.predictions_view import PredictionsView
from app.reports.walking import ImageWalk
from app.viewer.scene.scene import BoxStatus, ViewedImage
from core.detection.detections import DetectionTable
from core.predict.detecting import PARENT_DETECTIONS_FILE
from core.workspace.store import Artifact
from tests.app.reports.making import compared
from tests.support.reports import estimated_kept
from tests.support.tables import table

NAMES = ("a b/one.jpg", "two.jpg", "three.jpg")
CAT, DOG = 0, 1


def _named(made: DetectionTable) -> DetectionTable:
    return replace(made, image_names=NAMES)


PARENT = _named(
    table(
        [(0, 0, 10, 10, 0.9, CAT), (20, 20, 40, 40, 0.35, CAT)],
        [(0, 0, 10, 10, 0.8, CAT)],
        [],
    )
)
OPTIMIZED = _named(
    table(
        [(0, 0, 10, 10, 0.8, CAT)],
        [(0, 0, 10, 10, 0.8, CAT)],
        [(5, 5, 9, 9, 0.5, DOG)],
    )
)


def _stored(folder: Path, parent: DetectionTable, optimized: DetectionTable) -> Artifact:
    return compared(folder, parent, optimized, estimated_kept(parent, optimized))


@pytest.fixture
def presenter(tmp_path: Path, qtbot: QtBot) -> Iterator[PredictionsPresenter]:
    presenter = PredictionsPresenter(ImageWalk())
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(_stored(tmp_path / "report", PARENT, OPTIMIZED))
    yield presenter
    presenter.close()


def _matches(view: PredictionsView | None) -> tuple[int, int, int]:
    assert view is not None
    summary = view.comparison.summary
    return summary.matches, summary.missed, summary.extra


def test_at_score_0_nothing_is_left_out(presenter: PredictionsPresenter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(presenter.report_changed):
        presenter.set_score_threshold(0.0)
    view: PredictionsView = presenter.view
    assert view.comparison.thresholds.score == 0.0
    assert view.comparison.summary.missed == 1


def test_a_report_that_was_deleted_meanwhile_says_so(tmp_path: Path, qtbot: QtBot) -> None:
    presenter = PredictionsPresenter(ImageWalk())
    report = _stored(tmp_path / "report", PARENT, OPTIMIZED)
    shutil.rmtree(report.folder)
    with qtbot.waitSignal(presenter.failed) as said:
        presenter.show_report(report)
    presenter.close()
    assert str(said.args[0]) == "That report was deleted. Open another one."


def test_moving_the_threshold_recomputes_without_a_model(
    presenter: PredictionsPresenter, qtbot: QtBot
) -> None:
    assert _matches(presenter.view) == (2, 1, 1)
    with qtbot.waitSignal(presenter.report_changed):
        presenter.set_score_threshold(0.4)
    assert _matches(presenter.view) == (2, 0, 1)
    with qtbot.waitSignal(presenter.report_changed):
        presenter.set_score_threshold(0.85)
    assert _matches(presenter.view) == (0, 1, 0)


def test_boxes_tell_who_else_found_them(presenter: PredictionsPresenter) -> None:
    seen: list[ViewedImage | None] = []
    presenter.walk.image_changed.connect(seen.append)
    presenter.walk.show_image(0, [0, 2, 1])
    image = seen[-1]
    assert image is not None
    assert (image.name, image.path) == ("a b/one.jpg", Path("/images/a b/one.jpg"))
    assert image.parent.statuses.tolist() == [BoxStatus.MATCHED, BoxStatus.MISSED]
    assert image.optimized.statuses.tolist() == [BoxStatus.MATCHED]
    assert "IoU 1.000" in image.parent.hints[0]
    assert "missed: the optimized model has no such box" in image.parent.hints[1]


def test_next_previous_and_next_difference_walk_the_list_shown(
    presenter: PredictionsPresenter,
) -> None:
    seen: list[str] = []
    presenter.walk.image_changed.connect(lambda image: seen.append(image.name))
    presenter.walk.show_image(1, [1, 0, 2])
    presenter.walk.show_next(-1)  # at the top already
    presenter.walk.show_next()
    presenter.walk.show_next_difference()
    presenter.walk.show_next()  # at the end already
    presenter.walk.show_next_difference()  # from the top again, past the image without a difference
    assert seen == ["two.jpg", "a b/one.jpg", "three.jpg", "a b/one.jpg"]


def test_what_is_read_ahead_is_what_will_be_asked_for(presenter: PredictionsPresenter) -> None:
    def ahead() -> list[str]:
        return [path.name for path in presenter.walk.neighbours()]

    presenter.walk.show_image(1, [1, 0, 2])
    assert ahead() == ["one.jpg", "three.jpg"]
    presenter.walk.show_image(2)  # the last one: N goes on from the top
    assert ahead() == ["one.jpg"]
    presenter.walk.show_image(0, [1, 0, 1, 1, 1, 2])
    assert ahead() == ["two.jpg", "three.jpg"]  # N goes further than reading ahead does
    presenter.walk.show_image(None)
    assert ahead() == []


def test_a_damaged_report_is_told_and_not_shown(
    presenter: PredictionsPresenter, tmp_path: Path, qtbot: QtBot
) -> None:
    artifact = _stored(tmp_path / "damaged", PARENT, OPTIMIZED)
    (artifact.folder / PARENT_DETECTIONS_FILE).write_bytes(b"PK\x03\x04 no")
    damaged = Artifact(2, 1, "predictions", artifact.folder, "now")
    with qtbot.waitSignal(presenter.failed) as said:
        presenter.show_report(damaged)
    assert "cannot be read" in str(said.args[0])
    assert presenter.view is None
