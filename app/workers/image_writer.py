"""Draws and writes an image in a thread: encoding a large one takes seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread

from app.kit.signals import Sends
from app.kit.text import displayable
from core.errors import WorkbenchError

_log = logging.getLogger(__name__)


class ImageWriter(QObject):
    """Writes one image at a time; `told` carries a sentence at each end."""

    reported = Sends[str]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _Writing | None = None

    def write(self, path: Path, draw: Callable[[], NDArray[np.uint8]], note: str = "") -> None:
        """Write what `draw` gives, uint8 BGR ``[height, width, 3]``; it runs in the thread.

        `note` is said with the sentence that it is saved.
        """
        if self._thread is not None:
            self.reported.emit("The last image is still being saved.")
            return
        self._thread = _Writing(path, draw, note)
        self._thread.finished.connect(self._on_finished)
        self._thread.start()

    def close(self) -> None:
        """Wait until the image is written."""
        if self._thread is not None:
            self._thread.wait()

    def _on_finished(self) -> None:
        if self._thread is not None:
            thread, self._thread = self._thread, None
            self.reported.emit(thread.sentence)


class _Writing(QThread):
    def __init__(self, path: Path, draw: Callable[[], NDArray[np.uint8]], note: str) -> None:
        super().__init__()
        self.setObjectName("image-writer")
        self._path, self._draw, self._note = path, draw, note
        self.sentence = ""

    def run(self) -> None:
        from core.documents.drawing import write_image_file

        name = displayable(str(self._path))
        try:
            write_image_file(self._path, self._draw())
            self.sentence = f"Saved as {name}. {self._note}".rstrip()
        except WorkbenchError as error:
            self.sentence = str(error)
        except MemoryError:
            self.sentence = f"{name} could not be saved: there is not enough memory."
        except Exception as error:  # the thread's boundary
            _log.exception("saving %r failed", self._path)
            reason = getattr(error, "strerror", None) or error
            self.sentence = f"{name} could not be saved: {reason}."
