"""Class names from a file that the user has, where neither model nor dataset says them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.kit.memory import left_at, start_folder
from core.detection.label_lists import read_labels
from core.errors import InputError


def ask_for_labels(parent: QWidget, refused: Callable[[str], object]) -> tuple[str, ...]:
    """Class names from a text file that the user names; () if there are none."""
    chosen, _ = QFileDialog.getOpenFileName(
        parent,
        "Class names, one per line",
        str(start_folder("class names")),
        "Lists of names (*.txt *.names *.pbtxt *.json *.yaml);;All (*)",
    )
    left_at("class names", chosen)
    if not chosen:
        return ()
    try:
        return read_labels(Path(chosen))
    except InputError as error:
        refused(str(error))
        return ()
