"""The bar at the bottom: stage, progress, time left, cancel, log."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from app.kit.elided_label import ElidedLabel
from app.kit.text import time_text
from app.kit.theme import GAP
from app.kit.widgets import button, label, reserved
from app.workers.queued import QueueState

_IDLE = "No job is running here"
_TITLE_LETTERS = 32  # of which a long stage leaves the title room
_LONGEST_LEFT = "999 min left"  # has its place from the start: the bar does not slide


class JobBar(QWidget):
    """Shows the state of the job queue. Nothing in it is animated: that would cost a benchmark."""

    cancel_requested = Signal()
    log_requested = Signal()
    jobs_requested = Signal()
    stay_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("jobbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = ElidedLabel()
        self.title.setMinimumWidth(self.title.fontMetrics().averageCharWidth() * _TITLE_LETTERS)
        self.stage = ElidedLabel()
        self.stage.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(220)
        self.left = label(quiet=True, wrap=False)
        self.left.setMinimumWidth(self.left.fontMetrics().horizontalAdvance(_LONGEST_LEFT))
        self.cancel = reserved(button("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.log = button("Log", flat=True)
        self.log.setToolTip("Open what the last job's process wrote")
        self.log.clicked.connect(self.log_requested)
        self.closing = label("Closes when all jobs are done", wrap=False)
        self.stay = button("Keep open")
        self.stay.clicked.connect(self.stay_requested)
        self.jobs = button("Jobs", flat=True)
        self.jobs.setToolTip("Show or hide all jobs: running, waiting and finished")
        self.jobs.clicked.connect(self.jobs_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, 6, GAP, 6)
        row.setSpacing(GAP)
        row.addWidget(self.title, 1)
        row.addWidget(self.closing)
        row.addWidget(self.stay)
        for widget in (self.stage, self.progress, self.left, self.cancel, self.log, self.jobs):
            row.addWidget(widget)
        self.show_state(QueueState())
        self.show_closing(False)

    def show_closing(self, waiting: bool) -> None:
        """Say that the window closes as soon as the jobs are done, and offer to keep it open."""
        self.closing.setVisible(waiting)
        self.stay.setVisible(waiting)

    def show_state(self, state: QueueState) -> None:
        """Show this state."""
        running = bool(state.title)
        counts = {"running": state.beside, "waiting": state.waiting}
        others = ", ".join(f"+{count} {what}" for what, count in counts.items() if count)
        more = f"   ({others})" if others else ""
        self.title.set_text(state.title + more if running else _IDLE)
        for widget in (self.stage, self.progress, self.left, self.cancel):
            widget.setVisible(running)
        if not running:
            return
        self.cancel.setEnabled(not state.cancelling)
        progress = state.progress
        if state.cancelling:
            self.stage.set_text("Cancelling…")
        elif progress is None:
            self.stage.set_text("Starting")
        else:
            self.stage.set_text(f"{progress.stage} {progress.count}".rstrip())
        known = progress is not None and bool(progress.total)
        self.progress.setMaximum(progress.total or 1 if progress is not None and known else 1)
        self.progress.setValue(progress.done if progress is not None and known else 0)
        seconds = progress.seconds_left if progress is not None else None
        self.left.setText("" if seconds is None else f"{time_text(seconds)} left")
