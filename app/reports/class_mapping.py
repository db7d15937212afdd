"""Which class of the model each class of a dataset is: guessed by name, open to correction.

    dialog = ClassMappingDialog(parent, class_mapping(workspace, project_id))
    dialog.mapping_chosen.connect(keep)   # of a QObject: keep(mapping: ClassMapping)
    dialog.open()

`Workbench.keep_class_mapping` keeps what was chosen; every accuracy report on the same classes
then goes by it, without being told. `AccuracyResult.mapping` can be shown and corrected as well.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOption,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label
from core.datasets.class_mapping import ClassMapping, map_classes

NONE = "none: left out"
DATASET, MODEL, WHY = range(3)
_TITLES = ("Class of the dataset", "Class of the model", "Why")
_ROW_HEIGHT = 32
_ARROW = 22  # pixels at the right of a cell that can be chosen

Index = QModelIndex | QPersistentModelIndex


class ClassMappingDialog(QDialog):
    """A table with a choice for each class of the dataset.

    `mapping` is what is shown at first. `mapping_chosen` carries the `ClassMapping` that the user
    agreed to; nothing is emitted on *Cancel*.
    """

    mapping_chosen = Sends[ClassMapping]()

    def __init__(self, parent: QWidget | None, mapping: ClassMapping) -> None:
        super().__init__(parent)
        self.setWindowTitle("Classes of dataset and model")
        self.rows = MappingModel(mapping)
        self.rows.mapping_changed.connect(self._on_mapping_changed)
        self.search = QLineEdit()
        self.search.setAccessibleName("Search")
        self.search.setPlaceholderText("Search a class…")
        self.search.setClearButtonEnabled(True)
        self._shown = _sortable(self.rows)
        self.table = _table(self.rows, self._shown)
        self.search.textChanged.connect(self._shown.setFilterFixedString)
        self.summary = label()
        self.guess = button("Match by name again")
        self.guess.setToolTip("Forget what was chosen by hand")
        self.guess.clicked.connect(self._on_guess_clicked)
        self.cancel = button("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.use = button("Use these classes", primary=True)
        self.use.clicked.connect(self.accept)
        for one in (self.guess, self.cancel):
            one.setAutoDefault(False)
        self._lay_out()
        self._on_mapping_changed()

    @property
    def mapping(self) -> ClassMapping:
        """As it stands in the table."""
        return self.rows.mapping

    def accept(self) -> None:
        """Take what is shown."""
        self.mapping_chosen.emit(self.mapping)
        super().accept()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self.search, 1)
        top.addWidget(self.guess)
        bottom = QHBoxLayout()
        bottom.setSpacing(GAP)
        bottom.addWidget(self.summary, 1)
        bottom.addWidget(self.cancel)
        bottom.addWidget(self.use)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addWidget(
            label(
                "A model is judged by the objects of those classes that it knows. Several classes "
                "of the dataset may be one of the model: cars and buses are both vehicles."
            )
        )
        box.addLayout(top)
        box.addWidget(self.table, 1)
        box.addLayout(bottom)
        room = self.screen().availableSize() if self.screen() else QSize(900, 640)
        self.resize(min(820, room.width() - 40), min(620, room.height() - 80))

    def _on_mapping_changed(self) -> None:
        self.summary.setText(mapping_summary(self.mapping))
        self.use.setEnabled(any(one.model_class is not None for one in self.mapping.classes))

    def _on_guess_clicked(self) -> None:
        old = self.mapping
        names = [one.dataset_class for one in old.classes]
        self.rows.set_mapping(map_classes(names, old.model_classes))


def mapping_summary(mapping: ClassMapping) -> str:
    """One sentence or two on how well the classes agree."""
    total, left_out = len(mapping.classes), len(mapping.unmapped)
    if left_out == total:
        return "The model knows none of the dataset's classes: choose at least one."
    if not left_out:
        return f"The model knows all of the dataset's {total:,} classes."
    return (
        f"The model knows {total - left_out:,} of the dataset's {total:,} classes; objects of the "
        "others are left out."
    )


class MappingModel(QAbstractTableModel):
    """The rows of a mapping; the model's class can be edited."""

    mapping_changed = Signal()

    def __init__(self, mapping: ClassMapping, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mapping = mapping
        self.choices = (None, *sorted(set(mapping.model_classes), key=str.casefold))

    def set_mapping(self, mapping: ClassMapping) -> None:
        """Show another mapping of the same classes."""
        self.beginResetModel()
        self.mapping = mapping
        self.endResetModel()
        self.mapping_changed.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.mapping.classes)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        horizontal = orientation == Qt.Orientation.Horizontal
        return _TITLES[section] if horizontal and role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsEditable if index.column() == MODEL else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        one = self.mapping.classes[index.row()]
        if role == Qt.ItemDataRole.EditRole:
            return one.model_class
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (one.dataset_class, one.model_class or NONE, one.reason)
            return displayable(texts[index.column()])
        return None

    def setData(
        self, index: Index, value: str | None, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        one = self.mapping.classes[index.row()]
        if role != Qt.ItemDataRole.EditRole or value == one.model_class:
            return False
        self.mapping = self.mapping.changed(one.dataset_class, value)
        self.dataChanged.emit(index, self.index(index.row(), WHY))
        self.mapping_changed.emit()
        return True


class ChoiceDelegate(QStyledItemDelegate):
    """Cells that look as if one could choose in them, and a list where one does."""

    def __init__(self, rows: MappingModel, parent: QObject) -> None:
        super().__init__(parent)
        self._rows = rows

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
        combo.setAccessibleName("Class of the model")
        for name in self._rows.choices:
            combo.addItem(NONE if name is None else displayable(name), name)
        combo.activated.connect(self._on_activated)
        QTimer.singleShot(0, combo, combo.showPopup)
        return combo

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentIndex(self._rows.choices.index(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, self._rows.choices[editor.currentIndex()])

    def _on_activated(self) -> None:
        editor = self.sender()
        assert isinstance(editor, QComboBox)
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)


def _sortable(rows: MappingModel) -> QSortFilterProxyModel:
    shown = QSortFilterProxyModel()
    shown.setSourceModel(rows)
    shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    shown.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    shown.setFilterKeyColumn(-1)
    return shown


def _table(rows: MappingModel, shown: QSortFilterProxyModel) -> QTableView:
    table = QTableView()
    table.setModel(shown)
    table.setAccessibleName("Classes")
    table.setItemDelegateForColumn(MODEL, ChoiceDelegate(rows, table))
    table.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    table.setSortingEnabled(True)
    return table
