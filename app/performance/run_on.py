"""Where benchmarks and profiles are made: on this machine, or on a host that the user added."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.kit.boxes import across
from app.kit.text import tooltip
from app.kit.theme import GAP
from app.kit.widgets import label
from app.machines.choice import MachineChoice, allowed
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_presenter import SpeedPresenter
from core.machines.run_on import hosts

_HEIGHT = 24  # pixels: no more than the tabs that it stands beside
_MEANING = (
    "Where benchmarks and profiles are made: the models are sent to that machine and run there in "
    "its own turn. Figures of different machines are not compared."
)


class RunOn(QWidget):
    """The choice; it is seen only where there is a host to choose."""

    def __init__(self, speed: SpeedPresenter, layers: LayersPresenter) -> None:
        super().__init__()
        self._presenters = speed, layers
        self._wanted = True
        self.choice = MachineChoice("Run on", hosts)
        self.choice.setToolTip(tooltip(_MEANING))
        self.choice.setMinimumHeight(0)
        self.choice.setFixedHeight(_HEIGHT)
        title = label("Run on", quiet=True, wrap=False)
        across(title, self.choice, spacing=GAP, margins=(0, 0, GAP, 0), on=self)
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.refresh()

    def refresh(self) -> None:
        """Look which hosts there are."""
        self.choice.refresh()
        self.setVisible(self.choice.offers and self._wanted)
        self._hand_on()

    def show_for(self, wanted: bool) -> None:
        """Whether the page in front runs anything by this choice."""
        self._wanted = wanted
        self.setVisible(self.choice.offers and wanted)

    def _on_chosen(self) -> None:
        if not allowed(self, self.choice.machine):
            self.choice.setCurrentIndex(0)
        self._hand_on()

    def _hand_on(self) -> None:
        for presenter in self._presenters:
            presenter.run_on = self.choice.machine
