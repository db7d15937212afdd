"""What is known of images, in a place that stays as high as it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from app.kit.text import displayable, tooltip
from app.kit.widgets import PlainLabel, reserved

_LINES = 3
_MOST = 3  # a sentence with the facts, and two warnings
_WRAPPED = int(Qt.TextFlag.TextWordWrap)


class Notes(PlainLabel):
    """As many sentences as fit into some lines, the first ones; how many more, and hover: all."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setObjectName("quiet")
        self._sentences: tuple[str, ...] = ()
        reserved(self, lines=_LINES)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    @property
    def whole_text(self) -> str:
        """All sentences, a line each."""
        return "\n".join(self._sentences)

    def show_sentences(self, sentences: Sequence[str]) -> None:
        """Show these instead."""
        self._sentences = tuple(sentences)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        most = min(len(self._sentences), _MOST)
        fitting = (count for count in range(most, 1, -1) if self._lines(count) <= _LINES)
        count = next(fitting, min(most, 1))
        whole = count == len(self._sentences)
        self.setText(self._words(count))
        self.setToolTip("" if whole else tooltip(self.whole_text))
        self.setAccessibleDescription("" if whole else displayable(self.whole_text))

    def _words(self, count: int) -> str:
        shown = [f"• {displayable(one)}" for one in self._sentences[:count]]
        if more := len(self._sentences) - count:
            shown[-1] += f" – {more} more"
        return "\n".join(shown)

    def _lines(self, count: int) -> int:
        metrics, width = self.fontMetrics(), self.contentsRect().width()
        found = metrics.boundingRect(0, 0, width, 0, _WRAPPED, self._words(count))
        return round(found.height() / metrics.lineSpacing())
