"""The bar at the bottom of the window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

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
