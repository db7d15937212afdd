"""The list on the left: projects, optimized ones under their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.kit.boxes import across
from app.kit.elided_label import without_last_parts
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label
from app.project_views import ProjectRow
from core.text import visible_lines
from core.workspace.records import LONGEST_TITLE

_ID = Qt.ItemDataRole.UserRole
_NAME = Qt.ItemDataRole.UserRole + 1
_TOOLTIP = 88  # characters in a line
_SIDES = 24  # pixels beside a row's text: padding and margins
_NEW_LINE = "\u2028"  # what Qt makes of a line's end


class ProjectTree(QWidget):
    """The tree with its title, the button for a new project and the trash."""

    project_selected = Sends[int]()
    new_requested = Signal()
    trash_requested = Signal()
    renamed = Sends[int, str]()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._waiting: tuple[Sequence[ProjectRow], int | None] | None = None
        self._menu: Sequence[QAction | None] = ()
        self.view = QTreeView()
        self.view.setHeaderHidden(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setAccessibleName("Projects")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self._naming = _Naming(self.view)
        self._naming.named.connect(self.renamed.emit)
        self._naming.ended.connect(self._on_naming_ended)
        self.view.setItemDelegate(self._naming)
        self._model = QStandardItemModel(self)
        self.view.setModel(self._model)
        self._rows: dict[int, ProjectRow] = {}
        self._items: dict[int, QStandardItem] = {}
        self._under: dict[int, int | None] = {}  # what they are listed under
        self._short: Mapping[int, str] = {}
        self.view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.new = button("New project…")
        self.new.clicked.connect(self.new_requested)
        self.trash = button("Trash", flat=True)
        self.trash.setToolTip("What was deleted, and can be restored")
        self.trash.clicked.connect(self.trash_requested)
        box = QVBoxLayout(self)
        box.setContentsMargins(GAP, GAP, GAP, GAP)
        box.setSpacing(GAP)
        box.addWidget(heading("Projects", 1.5))
        self.none = label("None yet. Drop a model anywhere in this window.", quiet=True)
        box.addWidget(self.none)
        box.addWidget(self.view, 1)
        box.addLayout(across(self.new, 1, self.trash, spacing=0))
        self.setMinimumWidth(200)

    def set_menu(self, actions: Sequence[QAction | None]) -> None:
        """What the menu of a project offers; None is a line between two."""
        self._menu = actions

    def show_projects(self, rows: Sequence[ProjectRow], selected: int | None) -> None:
        """Show these projects; does not report a selection.

        What is folded stays so, and the list where it was scrolled to. While a name is typed, the
        list waits.
        """
        if self.naming:
            self._waiting = rows, selected
            return
        before, old = self.selected, self._rows
        self._rows = {row.id: row for row in rows}
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        self._remove_others(rows)
        for row in rows:  # parents come first
            if row.id not in self._items:
                self._insert(row)
            elif row != old.get(row.id):
                self._fill(row.id)
        self.none.setVisible(not rows)
        selection.blockSignals(False)
        self._mark(selected, scroll=selected != before)

    def show_standing(self, short: Mapping[int, str]) -> None:
        """Say of each project where it stands, such as its speed-up and verdict."""
        before, self._short = self._short, short
        for number in self._items:
            if short.get(number) != before.get(number):
                self._fill(number)

    def _fill(self, number: int) -> None:
        if number in self._rows:  # while a name is typed, the list is an old one
            _fill(self._items[number], self._rows[number], self._short.get(number, ""))

    def show_selected(self, selected: int | None) -> None:
        """Mark this project; does not report a selection."""
        self._mark(selected, scroll=selected != self.selected)

    def show_trash(self, count: int) -> None:
        """Say how many entries the trash has."""
        self.trash.setText(f"Trash ({count:,})" if count else "Trash")

    @property
    def selected(self) -> int | None:
        """Id of the project that is marked."""
        for index in self.view.selectionModel().selectedIndexes():
            found: int = index.data(_ID)
            return found
        return None

    @property
    def naming(self) -> bool:
        """Whether a name is being typed."""
        return self._naming.typing

    def name_selected(self) -> None:
        """Let the user type another name for the marked project, in its place."""
        for index in self.view.selectionModel().selectedIndexes():
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.view.edit(index)

    def _remove_others(self, rows: Sequence[ProjectRow]) -> None:
        """Take away what is not listed any more, or under another parent."""
        parents = {row.id: row.parent_id for row in rows}
        wanted = set(parents)
        for number in sorted(self._items, reverse=True):  # what is below an item comes before it
            item = self._items[number]
            moved = self._under.get(number) != _shown_under(parents, number, wanted)
            if number not in wanted or moved:
                (item.parent() or self._model.invisibleRootItem()).removeRow(item.row())
                del self._items[number], self._under[number]

    def _insert(self, row: ProjectRow) -> None:
        """Show a new project in its place: by age, below its parent."""
        item = QStandardItem()
        item.setData(row.id, _ID)
        self._items[row.id] = item
        self._fill(row.id)
        parent = self._items.get(row.parent_id or 0)
        under = parent or self._model.invisibleRootItem()
        place = under.rowCount()
        while place and under.child(place - 1).data(_ID) > row.id:  # as a rule it is the newest
            place -= 1
        under.insertRow(place, [item])  # of a single one Qt would not become the owner
        if parent is not None and under.rowCount() == 1:
            self.view.expand(parent.index())
        self._under[row.id] = row.parent_id if parent is not None else None

    def _mark(self, selected: int | None, *, scroll: bool) -> None:
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        selection.clear()
        item = self._items.get(selected or 0)
        if item is not None:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            selection.setCurrentIndex(item.index(), flag)
            if scroll:
                self.view.scrollTo(item.index())
        selection.blockSignals(False)
        if self.view.isVisible():  # at the start, all of it is still to be painted
            self.view.viewport().update()

    def _on_selection_changed(self, selected: QItemSelection) -> None:
        """Not the current item: the first one becomes that when the tree gets the focus."""
        for index in selected.indexes():
            self.project_selected.emit(index.data(_ID))

    def _on_naming_ended(self) -> None:
        if self._waiting is not None:
            (rows, selected), self._waiting = self._waiting, None
            self.show_projects(rows, selected)

    def _on_menu_requested(self, place: QPoint) -> None:
        if not self.view.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._menu:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.popup(self.view.viewport().mapToGlobal(place))


def _shown_under(parents: dict[int, int | None], number: int, wanted: set[int]) -> int | None:
    """The project that another one is listed under."""
    parent = parents.get(number)
    return parent if parent in wanted else None


def _fill(item: QStandardItem, row: ProjectRow, short: str) -> None:
    detail = row.below_name(short)
    text = visible_lines(f"{row.name}\n{detail}".rstrip("\n"))
    if item.text() != text:
        item.setText(text)
    item.setToolTip(tooltip(f"{row.name}: {detail}\n{_folded(row.why)}".rstrip("\n")))
    item.setData(row.name, _NAME)


def _folded(text: str) -> str:
    """In lines that a tooltip has room for."""
    if not text:
        return ""
    from textwrap import fill  # few projects warn of anything

    return fill(text, _TOOLTIP)


class _Naming(QStyledItemDelegate):
    """A project's two lines, and the field in which it is named, in their place in the tree."""

    named = Sends[int, str]()
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.typing = False

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The verdict comes first in the second line; what has no room behind it is left out."""
        super().initStyleOption(option, index)
        shown: Any = option  # PySide's stubs do not know its fields
        name, line, detail = shown.text.partition(_NEW_LINE)
        room = shown.rect.width() - _SIDES
        if detail and room > 0:
            shown.text = name + line + without_last_parts(detail, room, shown.fontMetrics)

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName("Name of the project")
        field.setMaxLength(LONGEST_TITLE)
        self.typing = True
        return field

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QLineEdit) and not editor.isModified():  # Qt asks again
            editor.setText(index.data(_NAME))
            editor.selectAll()

    def setModelData(
        self,
        editor: QWidget,
        model: QAbstractItemModel,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if isinstance(editor, QLineEdit):
            name = editor.text().strip()
            if name and name != index.data(_NAME):
                self.named.emit(index.data(_ID), name)

    def destroyEditor(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        super().destroyEditor(editor, index)
        self.typing = False
        self.ended.emit()
