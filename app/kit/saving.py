"""Asking for the file that something is saved to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.kit.memory import left_at, start_folder


def ask_where_to_save(
    parent: QWidget, title: str, dialog: str, name: str, forms: str
) -> Path | None:
    """The file, with the ending of `name`; None where the user cancelled.

    `dialog` is the kind whose folder is found again, `name` what is suggested, `forms` the file
    dialog's filter. Where the ending was not typed, nobody was asked about a file that has it: then
    it is one that does not exist yet.
    """
    start = str(start_folder(dialog) / name)
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, forms)
    left_at(dialog, chosen)
    if not chosen:
        return None
    path, ending = Path(chosen), Path(name).suffix
    if path.suffix.lower() == ending.lower():
        return path
    return free_path(path.with_name(path.name + ending), ending)


def free_path(path: Path, ending: str = "") -> Path:
    """`path`, or with the first number behind its name, before its `ending`, that nothing has."""
    name, number, free = path.name.removesuffix(ending), 2, path
    while free.exists():
        free = path.with_name(f"{name}-{number}{ending}")
        number += 1
    return free
