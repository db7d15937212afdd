"""The bar at the bottom of the window."""

from __future__ import annotations

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from app.jobs.rows import stage_text
from app.kit.elided_label import ElidedLabel
from app.shell.job_bar import JobBar
from app.workers.queued import QueueState
from core.jobs.events import Progress

STAGE = "INT8 2: preset: Mixed; weight rounding: Least error; ignored parts: elementwise, attention"


def test_a_long_stage_leaves_its_count_and_the_title(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.resize(1000, 40)
    bar.show()
    stage = f"{STAGE} {STAGE}: collecting statistics"
    state = QueueState(
        title="Search the best of Sample project",
        progress=Progress(stage=stage, done=15, total=100),
    )
    bar.show_state(state)
    layout = bar.layout()
    assert layout is not None
    layout.activate()
    assert bar.width() == 1000
    assert bar.stage.shown_text.endswith("15 / 100"), "shortened in the middle, not cut off"
    assert "…" in bar.stage.shown_text
    assert bar.title.shown_text.startswith("Search the")
    assert bar.stage.geometry().right() < bar.progress.geometry().left()


def test_a_shortened_text_is_never_longer_than_its_room(qtbot: QtBot) -> None:
    text = ElidedLabel()
    qtbot.addWidget(text)
    text.set_text(
        "Ranking the layers by their error (best INT8 98.4%, 1.11x): "
        "finding the layers that add most error 1 / 100"
    )
    for width in range(60, 700):
        text.resize(width, 20)
        assert text.fontMetrics().horizontalAdvance(text.shown_text) <= width


def test_a_share_of_the_time_is_no_count(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    progress = Progress(stage="Measuring", done=30, total=100, seconds_left=70, counted=False)
    bar.show_state(QueueState(title="Search", progress=progress))
    assert bar.stage.shown_text == stage_text(progress) == "Measuring"
    assert (bar.progress.value(), bar.progress.maximum()) == (30, 100)
    assert bar.left.text() == "70 s left"
    bar.show_state(QueueState(title="Search", progress=replace(progress, counted=True)))
    assert bar.stage.shown_text == "Measuring 30 / 100"
