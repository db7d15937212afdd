"""The operations of a model as a list that is searched and ticked."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListView, QWidget

from app.kit.boxes import across, down
from app.kit.fields import note, search_field
from app.kit.tables.columns import Column
from app.kit.tables.rows_model import RowsModel
from app.kit.widgets import button, reserved
from core.optimize.operations import Operation
from core.wording.plans import in_words

_HEIGHT = 190


class OperationChoice(QWidget):
    """One row an operation, in the order of the graph; ticked ones are ignored (stay in float)."""

    changed = Signal()
    list_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ticked: dict[str, None] = {}  # in the order of being ticked; also unknown names
        self.operations = RowsModel(
            [
                Column(
                    "Operation",
                    value=lambda one: f"{one.name}   ({one.kind})",
                    roles={Qt.ItemDataRole.CheckStateRole: self._state},
                    check=self._on_ticked,
                )
            ],
            self,
        )
        self.search = search_field("Search operations", "")
        self.search.textChanged.connect(self._on_search_changed)
        self.list = QListView()
        self.list.setAccessibleName("Operations of the model")
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(1)
        self.list.setModel(self.operations)
        self.list.setFixedHeight(_HEIGHT)
        self.chosen = note()
        self.none = reserved(button("Clear selection", flat=True))
        self.none.clicked.connect(self._on_none_clicked)
        self.list_them = reserved(button("List operations"))
        self.list_them.clicked.connect(self.list_requested)
        row = across((self.chosen, 1), self.none)
        down(
            across((self.search, 1), self.list_them), self.list, row, spacing=4, margins=0, on=self
        )
        self._show_chosen()

    @property
    def ticked(self) -> tuple[str, ...]:
        """Names of the ticked operations, also of such as the list does not have."""
        return tuple(self._ticked)

    def show_operations(
        self, operations: tuple[Operation, ...] | None, listing: bool = False
    ) -> None:
        """Show these; None while they are not known. What is ticked stays so.

        `listing`: whether somebody is at it; without that, it can be asked for.
        """
        self.operations.set_rows(operations or ())
        self.search.setEnabled(operations is not None)
        self.list_them.setVisible(operations is None and not listing)
        unknown = "Listing operations…" if listing else "Not listed yet"
        self.search.setPlaceholderText(
            unknown
            if operations is None
            else f"Search {len(operations):,} operations by name or type"
        )
        self._on_search_changed(self.search.text())

    def tick(self, names: Iterable[str]) -> None:
        """Tick these operations and no others."""
        self._ticked = dict.fromkeys(names)
        self._publish()

    def _state(self, one: Operation) -> Qt.CheckState:
        return Qt.CheckState.Checked if one.name in self._ticked else Qt.CheckState.Unchecked

    def _on_ticked(self, one: Operation, ticked: bool) -> None:
        if ticked:
            self._ticked[one.name] = None
        else:
            self._ticked.pop(one.name, None)
        self._publish()

    def _on_search_changed(self, text: str) -> None:
        wanted = text.casefold()
        self.operations.choose(
            lambda place, one: wanted in one.name.casefold() or wanted in one.kind.casefold()
        )

    def _on_none_clicked(self) -> None:
        self.tick(())

    def _publish(self) -> None:
        self.operations.update_rows(self.operations.all_rows)
        self._show_chosen()
        self.changed.emit()

    def _show_chosen(self) -> None:
        """Say which operations are ticked: the list shows only some of them at a time."""
        names = self.ticked
        self.chosen.setText(in_words("ignored_names", names) if names else "None by name")
        self.none.setVisible(bool(names))
