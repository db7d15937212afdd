"""What the user wrote about a project: plain text, saved as it is typed."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from app.kit.widgets import Card, label
from app.project.presenter import ProjectPresenter
from app.project_views import ProjectView
from core.workspace.records import LONGEST_NOTES

_PAUSE_MS = 500  # after the last letter
_LINES = 4  # that are seen at once


class NotesCard(Card):
    """A field; what is typed is stored after a pause, and when the field or project is left."""

    def __init__(self, presenter: ProjectPresenter) -> None:
        super().__init__("Notes")
        self._presenter = presenter
        self._project_id: int | None = None
        self._stored = ""
        self.edit = _Field()
        self.edit.setAccessibleName("Notes on this project")
        self.edit.setPlaceholderText("What to remember about this project")
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * _LINES + 18)
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.left.connect(self.save)
        self.full = label(f"Notes have room for {LONGEST_NOTES:,} characters.", quiet=True)
        self.full.hide()
        self.box.addWidget(self.edit)
        self.box.addWidget(self.full)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.save)

    def show_project(self, view: ProjectView) -> None:
        """Show this project's notes; what is being typed stays."""
        project = view.project
        if project.id != self._project_id:
            self.save()
        elif self.edit.toPlainText() != self._stored or project.notes == self._stored:
            return
        self._project_id, self._stored = project.id, project.notes
        self.edit.setPlainText(project.notes)

    def save(self) -> None:
        """Store what was typed, if anything was."""
        self._pause.stop()
        text = self.edit.toPlainText()
        if self._project_id is not None and text != self._stored:
            self._stored = text
            self._presenter.set_notes(self._project_id, text)

    def _on_text_changed(self) -> None:
        text = self.edit.toPlainText()
        self.full.setVisible(len(text) >= LONGEST_NOTES)
        if len(text) > LONGEST_NOTES:
            place = min(self.edit.textCursor().position(), LONGEST_NOTES)
            self.edit.setPlainText(text[:LONGEST_NOTES])
            cursor = self.edit.textCursor()
            cursor.setPosition(place, QTextCursor.MoveMode.MoveAnchor)
            self.edit.setTextCursor(cursor)
        elif text != self._stored:
            self._pause.start()


class _Field(QPlainTextEdit):
    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
