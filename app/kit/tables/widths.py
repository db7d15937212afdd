"""How wide the user left the columns of a table, which is known by their titles."""

from __future__ import annotations

from hashlib import blake2b

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView

from app.kit.memory import MEMORY

_LEAST, _MOST = 24, 2000  # pixels


def remember_widths(header: QHeaderView) -> None:
    """Find the columns as wide as they are now."""
    widths = [str(header.sectionSize(section)) for section in range(header.count())]
    MEMORY.remember(_key(header), ",".join(widths))


def remembered_widths(header: QHeaderView) -> dict[int, int]:
    """The widths by the numbers of their columns, in pixels; empty where none were changed."""
    texts = MEMORY.text(_key(header)).split(",") if header.count() else []
    if len(texts) != header.count() or not all(
        one.isascii() and one.isdigit() and len(one) < 6 for one in texts
    ):
        return {}
    return {section: max(_LEAST, min(_MOST, int(one))) for section, one in enumerate(texts)}


def _key(header: QHeaderView) -> str:
    across, model = Qt.Orientation.Horizontal, header.model()
    titles = [str(model.headerData(n, across) or "") for n in range(header.count())]
    digest = blake2b("|".join(titles).encode(errors="replace"), digest_size=8)
    return f"columns/{digest.hexdigest()}"
