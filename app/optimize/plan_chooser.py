"""Plans to start from: the default, saved ones, and those of models made before."""

from __future__ import annotations

from PySide6.QtWidgets import QInputDialog, QWidget

from app.kit.boxes import across
from app.kit.fields import FIELD_WIDTH, combo
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import button
from core.models.plan import QuantizationPlan
from core.optimize.plans import KnownPlan

_DEFAULT = KnownPlan("Default", QuantizationPlan(), saved=False)


class PlanChooser(QWidget):
    """A list of plans, and buttons to save the one in the form and to forget a saved one."""

    chosen = Sends[QuantizationPlan]()
    save_requested = Sends[str]()
    delete_requested = Sends[str]()

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[KnownPlan, ...] = (_DEFAULT,)
        self.box = combo("Start from", widest=2 * FIELD_WIDTH)
        self.box.setMinimumWidth(FIELD_WIDTH)
        self.box.activated.connect(self._on_activated)
        self.save = button("Save plan…")
        self.save.clicked.connect(self._on_save_clicked)
        self.delete = button("Delete", flat=True)
        self.delete.clicked.connect(self._on_delete_clicked)
        across(self.box, self.save, self.delete, 1, spacing=GAP, margins=0, on=self)
        self.show_plans(())

    def show_plans(self, known: tuple[KnownPlan, ...]) -> None:
        """Offer these plans; the chosen one stays so, if it is still there."""
        before, offered = self.current, (_DEFAULT, *known)
        if offered == self._known and self.box.count():
            return
        self._known = offered
        self.box.clear()
        for one in self._known:
            self.box.addItem(
                displayable(one.title) if one.saved or one is _DEFAULT
                else f"As {displayable(one.title)}"
            )  # fmt: skip
        places = [i for i, one in enumerate(self._known) if one.title == before.title]
        self.box.setCurrentIndex(places[0] if places else 0)
        self.delete.setVisible(self.current.saved)

    @property
    def current(self) -> KnownPlan:
        """The plan that the form was filled from last."""
        return self._known[max(0, self.box.currentIndex())]

    def _on_activated(self) -> None:
        self.delete.setVisible(self.current.saved)
        self.chosen.emit(self.current.plan)

    def _on_save_clicked(self) -> None:
        suggested = self.current.title if self.current.saved else ""
        name, accepted = QInputDialog.getText(self, "Save plan", "Name", text=suggested)
        if accepted and name.strip():
            self.save_requested.emit(name.strip())

    def _on_delete_clicked(self) -> None:
        self.delete_requested.emit(self.current.title)
