"""The operations of a model as a list with check boxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.kit.text import displayable
from core.optimize.operations import Operation

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class OperationModel(QAbstractListModel):
    """One row an operation, in the order of the graph; checked ones stay in float."""

    checks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operations: tuple[Operation, ...] = ()
        self._checked: dict[str, None] = {}  # in the order of being checked; also unknown names

    @property
    def checked(self) -> tuple[str, ...]:
        """Names of the checked operations, also of such as the list does not have."""
        return tuple(self._checked)

    def set_operations(self, operations: tuple[Operation, ...]) -> None:
        """Show these operations; what is checked stays so."""
        self.beginResetModel()
        self._operations = operations
        self.endResetModel()

    def set_checked(self, names: Iterable[str]) -> None:
        """Check these operations and no others."""
        self._checked = dict.fromkeys(names)
        if self._operations:
            role = [Qt.ItemDataRole.CheckStateRole]
            self.dataChanged.emit(self.index(0), self.index(len(self._operations) - 1), role)
        self.checks_changed.emit()

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._operations)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        operation = self._operations[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{displayable(operation.name)}   ({operation.kind})"
        if role == Qt.ItemDataRole.CheckStateRole:
            chosen = operation.name in self._checked
            return Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        name = self._operations[index.row()].name
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._checked[name] = None
        else:
            self._checked.pop(name, None)
        self.dataChanged.emit(index, index, [role])
        self.checks_changed.emit()
        return True
