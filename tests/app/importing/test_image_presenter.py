"""Which image a preview begins with."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.importing.image_presenter import ImagePresenter
from app.workers.examining import ExamineWorker
from core.importing.preview_job import Previewed, PreviewedImage
from core.models.detector import Detector
from tests.support.values import DETECTOR

PATHS = tuple(Path(f"/images/{number}.jpg") for number in range(4))
COUNTS = dict(zip(PATHS, (0, 1, 3, 3), strict=True))


class Answering:
    """A worker that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Path]] = []

    def ask(self, number: int, detector: Detector, image: Path) -> None:
        self.asked.append((number, image))

    def answer(self, presenter: ImagePresenter) -> None:
        number, path = self.asked[-1]
        scores = (0.9,) * COUNTS[path] + (0.1,)  # and one below what is drawn
        boxes = ((0.0, 0.0, 1.0, 1.0),) * len(scores)
        image = PreviewedImage(
            path=path, width=4, height=3, boxes=boxes, scores=scores, class_ids=(0,) * len(scores)
        )
        presenter.show_answer(Previewed(number=number, image=image, seconds=0.1))


@pytest.fixture
def worker() -> Answering:
    return Answering()


@pytest.fixture
def presenter(qtbot: QtBot, worker: Answering) -> ImagePresenter:
    presenter = ImagePresenter()
    presenter.begin(cast("ExamineWorker", worker), PATHS, DETECTOR)
    return presenter


def shown(presenter: ImagePresenter) -> Path:
    assert presenter.view is not None
    return presenter.view.path


def test_it_begins_with_the_image_in_which_most_is_detected(
    presenter: ImagePresenter, worker: Answering
) -> None:
    for _ in PATHS:
        assert shown(presenter) == PATHS[0], "meanwhile the first one stays"
        worker.answer(presenter)
    assert shown(presenter) == PATHS[2], "of two alike the first"
    worker.answer(presenter)
    assert presenter.view is not None and presenter.view.current


def test_whoever_chooses_an_image_keeps_it(presenter: ImagePresenter, worker: Answering) -> None:
    worker.answer(presenter)
    presenter.show_image(1)
    while worker.asked[-1][1] != PATHS[1]:
        worker.answer(presenter)
    worker.answer(presenter)
    assert shown(presenter) == PATHS[1]
    assert worker.asked[-1][1] == PATHS[1], "and nothing else is asked"
