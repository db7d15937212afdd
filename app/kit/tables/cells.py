"""What the models of all tables answer alike: where cells stand, and what headers say."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from app.kit.text import tooltip

Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def header(title: str, meaning: str, role: int, *, right: bool) -> Any:
    """What a model's ``headerData`` gives of a column; `right` if its cells stand there."""
    if role == Qt.ItemDataRole.DisplayRole:
        return title
    if role == Qt.ItemDataRole.ToolTipRole:
        return tooltip(meaning) if meaning else None
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return (RIGHT if right else LEFT).value | Qt.TextFlag.TextWordWrap.value
    return None
