"""What the import dialog shows while a model is examined, and where it is refused."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.importing.views import ExamineView
from app.kit.boxes import across
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label
from core.errors import ClassNamesMissing
from core.jobs.events import Progress


class ExaminingPage(QWidget):
    """Stage and progress, and a button to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.title = heading("Examining the model")
        self.stage = label(wrap=False)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(360)
        self.stop = button("Stop")
        self.stop.setAutoDefault(False)
        box = QVBoxLayout(self)
        box.setSpacing(GAP)
        box.addStretch(2)
        for widget in (self.title, self.stage):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(widget)
        for one in (self.bar, self.stop):
            box.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)

    def show_progress(self, progress: Progress) -> None:
        """Show where it is; nothing moves where that is not known."""
        found = f"{progress.done:,}" if progress.done and not progress.total else ""
        self.stage.setText(f"{progress.stage} {progress.count or found}".rstrip())
        self.bar.setMaximum(progress.total or 1)
        self.bar.setValue(progress.done if progress.total else 0)


class RefusedPage(QWidget):
    """What is wrong with a model, and the way out."""

    def __init__(self) -> None:
        super().__init__()
        self.title = heading("This cannot be used")
        self.what = label(selectable=True)
        self.way_out = label(quiet=True, selectable=True)
        self.names = button("Choose class names…", primary=True)
        self.again = button("Examine again")
        self.log = button("Open log", flat=True)
        box = QVBoxLayout(self)
        box.setSpacing(GAP)
        box.addStretch(2)
        for widget in (self.title, self.what, self.way_out):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            widget.setMaximumWidth(720)
            box.addLayout(across(1, (widget, 6), 1))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for one in (self.names, self.again, self.log):
            one.setAutoDefault(False)
            buttons.addWidget(one)
        buttons.addStretch(1)
        box.addLayout(buttons)
        box.addStretch(3)

    def show_error(self, view: ExamineView) -> None:
        """Show why."""
        assert view.error is not None
        self.what.setText(view.error.what)
        self.way_out.setText(view.error.next_step)
        self.names.setVisible(isinstance(view.error, ClassNamesMissing))
