"""The list on the left: projects, optimized ones under their parents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeView, QVBoxLayout, QWidget

from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label
from app.project_views import ProjectRow
from core.text import visible_lines

_ID = Qt.ItemDataRole.UserRole


class ProjectTree(QWidget):
    """The tree with its title and the button for a new project."""

    project_selected = Sends[int]()
    new_requested = Signal()
    delete_requested = Sends[int]()
    rename_requested = Sends[int]()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.view = QTreeView()
        self.view.setHeaderHidden(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setAccessibleName("Projects")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self._model = QStandardItemModel(self)
        self.view.setModel(self._model)
        self.view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.new = button("New project…")
        self.new.clicked.connect(self.new_requested)
        box = QVBoxLayout(self)
        box.setContentsMargins(GAP, GAP, GAP, GAP)
        box.setSpacing(GAP)
        box.addWidget(heading("Projects", 1.5))
        self.none = label("None yet. Drop a model anywhere in this window.", quiet=True)
        box.addWidget(self.none)
        box.addWidget(self.view, 1)
        box.addWidget(self.new, 0, Qt.AlignmentFlag.AlignLeft)
        self.setMinimumWidth(200)

    def show_projects(self, rows: Sequence[ProjectRow], selected: int | None) -> None:
        """Show these projects; does not report a selection."""
        self.view.selectionModel().blockSignals(True)
        self._model.clear()
        items: dict[int, QStandardItem] = {}
        for row in rows:
            item = QStandardItem(visible_lines(f"{row.name}\n{row.detail}".rstrip("\n")))
            item.setData(row.id, _ID)
            item.setToolTip(tooltip(f"{row.name}: {row.detail}"))
            parent = items.get(row.parent_id or 0)
            (parent or self._model.invisibleRootItem()).appendRow(item)
            items[row.id] = item
        self.none.setVisible(not rows)
        self.view.expandAll()
        self.view.selectionModel().blockSignals(False)
        self.show_selected(selected)

    def show_selected(self, selected: int | None) -> None:
        """Mark this project; does not report a selection."""
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        selection.clear()
        for item in self._model.findItems(
            "*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive
        ):
            if item.data(_ID) == selected:
                flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
                selection.setCurrentIndex(item.index(), flag)
                self.view.scrollTo(item.index())
        selection.blockSignals(False)
        self.view.viewport().update()

    def _on_selection_changed(self, selected: QItemSelection) -> None:
        """Not the current item: the first one becomes that when the tree gets the focus."""
        for index in selected.indexes():
            self.project_selected.emit(index.data(_ID))

    def _on_menu_requested(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        rename = menu.addAction("Rename…")
        delete = menu.addAction("Delete…")
        chosen = menu.exec(self.view.viewport().mapToGlobal(place))
        if chosen is rename:
            self.rename_requested.emit(index.data(_ID))
        elif chosen is delete:
            self.delete_requested.emit(index.data(_ID))
