"""The classes of an image with their counts; a click, or a number key, leaves one out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.viewer.keys import CLASS_KEYS
from app.viewer.scene.choices import Choices
from app.viewer.scene.colours import Colouring, class_colours
from app.viewer.scene.scene import Side, ViewedImage

_SWATCH = 10
_ID = Qt.ItemDataRole.UserRole


class ClassLegend(QListWidget):
    """`class_toggled` carries the class id that the user wants to leave out, or to see again."""

    class_toggled = Sends[int]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setUniformItemSizes(True)
        self.itemClicked.connect(self._on_item_chosen)

    def show_image(self, image: ViewedImage | None, choices: Choices) -> None:
        """List the classes found in an image, and those left out, as they are numbered."""
        self.clear()
        if image is not None:
            for class_id, count in class_counts(image, choices):
                self.addItem(_item(image, choices, class_id, count))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._on_item_chosen(item)
        else:
            super().keyPressEvent(event)

    def _on_item_chosen(self, item: QListWidgetItem) -> None:
        self.class_toggled.emit(item.data(_ID))


def class_counts(image: ViewedImage, choices: Choices) -> list[tuple[int, int]]:
    """Class ids in the report's order, with their boxes in this image; a pair counts once."""
    counts = dict.fromkeys(choices.hidden_classes, 0)
    for side, other in ((Side.PARENT, None), (Side.OPTIMIZED, Side.PARENT)):
        overlay = image.overlay(side)
        for index, class_id in enumerate(overlay.class_ids.tolist()):
            partner = overlay.linked(index, other) if other else -1
            if partner < 0 or image.parent.class_ids[partner] != class_id:
                counts[class_id] = counts.get(class_id, 0) + 1
    ranks = {class_id: rank for rank, class_id in enumerate(image.class_order)}
    return sorted(counts.items(), key=lambda one: ranks.get(one[0], len(ranks)))


def class_of_key(image: ViewedImage, key: int) -> int | None:
    """The class id that the key 1 to 9 stands for."""
    return image.class_order[key - 1] if 0 < key <= len(image.class_order) else None


def _item(image: ViewedImage, choices: Choices, class_id: int, count: int) -> QListWidgetItem:
    rank = image.class_order.index(class_id) if class_id in image.class_order else len(CLASS_KEYS)
    key = CLASS_KEYS[rank] if rank < len(CLASS_KEYS) else " "
    name = displayable(image.class_names[class_id])
    item = QListWidgetItem(f"{key}  {name}  {count}")
    if choices.colouring is Colouring.CLASS:
        swatch = QPixmap(_SWATCH, _SWATCH)
        swatch.fill(class_colours(image.classes | {class_id})[class_id])
        item.setIcon(swatch)
    item.setData(_ID, class_id)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    hidden = class_id in choices.hidden_classes
    item.setCheckState(Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
    by_key = f", also by the key {key}" if key.strip() else ""
    item.setToolTip(tooltip(f"{name}: show these, or leave them out{by_key}"))
    return item
