"""Which class of the model each class of a dataset is: guessed by name, open to overrides.

    dialog = ClassMappingDialog(parent, class_mapping(workspace, project_id))
    dialog.mapping_chosen.connect(store)   # of a QObject: store(mapping: ClassMapping)
    dialog.open()

`core.reports.service.keep_class_mapping` stores what was chosen; every report on the same classes
then uses it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QObject,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOption,
    QStyleOptionViewItem,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.fields import search_field
from app.kit.signals import Sends
from app.kit.tables.cells import Index
from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label
from core.datasets.class_mapping import ClassMapping, MappedClass, map_classes

NONE = "none (ignored)"
DATASET, MODEL, WHY = range(3)  # the columns
_ROW_HEIGHT = 32
_ARROW = 22  # pixels at the right of a cell that can be chosen


class ClassMappingDialog(QDialog):
    """A table with a choice for each class of the dataset.

    `mapping` is what is shown at first. `mapping_chosen` carries the `ClassMapping` that the user
    agreed to; nothing is emitted on *Cancel*.
    """

    mapping_chosen = Sends[ClassMapping]()

    def __init__(self, parent: QWidget | None, mapping: ClassMapping) -> None:
        super().__init__(parent)
        self.setWindowTitle("Class mapping")
        self.mapping = mapping
        self.search = search_field("Search", "Search classes…")
        self.table = self._table(mapping)
        self.search.textChanged.connect(self._on_search_changed)
        self.summary = label()
        self.guess = button("Reset to matches by name")
        self.guess.setToolTip("Discard manual choices")
        self.guess.clicked.connect(self._on_guess_clicked)
        self.cancel = button("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.use = button("Save mapping", primary=True)
        self.use.clicked.connect(self.accept)
        for one in (self.guess, self.cancel):
            one.setAutoDefault(False)
        self._lay_out()
        self._on_mapping_changed()

    def accept(self) -> None:
        """Take what is shown."""
        self.mapping_chosen.emit(self.mapping)
        super().accept()

    def _lay_out(self) -> None:
        top = across((self.search, 1), self.guess, spacing=GAP)
        bottom = across((self.summary, 1), self.cancel, self.use, spacing=GAP)
        down(
            label(
                "Accuracy is measured on the classes that the model knows. Several classes of the "
                "dataset may map to one of the model: cars and buses are both vehicles."
            ),
            top,
            (self.table, 1),
            bottom,
            spacing=GAP,
            margins=MARGIN,
            on=self,
        )
        room = self.screen().availableSize() if self.screen() else QSize(900, 640)
        self.resize(min(820, room.width() - 40), min(620, room.height() - 80))

    def _table(self, mapping: ClassMapping) -> RowsTable:
        columns: tuple[Column[MappedClass], ...] = (
            Column("Dataset class", value=lambda one: one.dataset_class),
            Column(
                "Model class",
                value=lambda one: one.model_class or NONE,
                roles={Qt.ItemDataRole.EditRole: lambda one: one.model_class},
                change=self._on_class_chosen,
            ),
            Column("Reason", value=lambda one: one.reason),
        )
        table = RowsTable("Classes", columns)
        table.setItemDelegateForColumn(MODEL, ChoiceDelegate(_choices(mapping), table))
        table.setEditTriggers(RowsTable.EditTrigger.AllEditTriggers)
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.show_rows(mapping.classes)
        return table

    def _on_search_changed(self, text: str) -> None:
        wanted = text.casefold()
        self.table.choose(lambda place, one: _contains(one, wanted))

    def _on_class_chosen(self, one: MappedClass, name: str | None) -> None:
        if name != one.model_class:
            self._show_mapping(self.mapping.changed(one.dataset_class, name))

    def _show_mapping(self, mapping: ClassMapping) -> None:
        self.mapping = mapping
        self.table.rows.update_rows(mapping.classes)
        self._on_mapping_changed()

    def _on_mapping_changed(self) -> None:
        self.summary.setText(mapping_summary(self.mapping))
        self.use.setEnabled(any(one.model_class is not None for one in self.mapping.classes))

    def _on_guess_clicked(self) -> None:
        old = self.mapping
        names = [one.dataset_class for one in old.classes]
        self._show_mapping(map_classes(names, old.model_classes))


def mapping_summary(mapping: ClassMapping) -> str:
    """One sentence or two on how well the classes agree."""
    total, left_out = len(mapping.classes), len(mapping.unmapped)
    if left_out == total:
        return "No class of the dataset is mapped: choose at least one."
    if not left_out:
        return f"All {total:,} classes of the dataset are mapped."
    return (
        f"{total - left_out:,} of the dataset's {total:,} classes are mapped; objects of the "
        "others are ignored."
    )


class ChoiceDelegate(QStyledItemDelegate):
    """Cells that look as if one could choose in them, and a list where one does."""

    def __init__(self, choices: Sequence[str | None], parent: QObject) -> None:
        super().__init__(parent)
        self._choices = choices

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        arrow = QStyleOption()
        arrow.palette, arrow.state = option.palette, QStyle.StateFlag.State_Enabled
        rect: QRect = option.rect
        arrow.rect = QRect(rect.right() - _ARROW, rect.center().y() - 5, 10, 10)
        widget = option.widget
        widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorArrowDown, arrow, painter, widget
        )

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QComboBox:
        combo = QComboBox(parent)
        combo.setAccessibleName("Model class")
        for name in self._choices:
            combo.addItem(NONE if name is None else displayable(name), name)
        combo.activated.connect(self._on_activated)
        QTimer.singleShot(0, combo, combo.showPopup)
        return combo

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentIndex(self._choices.index(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, self._choices[editor.currentIndex()])

    def _on_activated(self) -> None:
        editor = self.sender()
        assert isinstance(editor, QComboBox)
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)


def _choices(mapping: ClassMapping) -> list[str | None]:
    return [None, *sorted(set(mapping.model_classes), key=str.casefold)]


def _contains(one: MappedClass, wanted: str) -> bool:
    """Whether a text, casefolded, is in what a row says."""
    texts = (one.dataset_class, one.model_class or NONE, one.reason)
    return any(wanted in text.casefold() for text in texts)
