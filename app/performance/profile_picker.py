"""Which profile of the job is shown; the pages on layers choose the same one."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.kit.fields import calm
from app.kit.text import displayable
from app.kit.theme import FIELD_HEIGHT
from app.performance.layers_presenter import LayersPresenter, LayersView


class ProfilePicker(QComboBox):
    """The model and the precision."""

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__()
        self.setMinimumHeight(FIELD_HEIGHT)
        self.setAccessibleName("Which model at which precision")
        calm(self)
        self.activated.connect(presenter.choose_profile)
        presenter.profile_changed.connect(self._on_profile_changed)

    def _on_profile_changed(self, view: LayersView | None) -> None:
        self.clear()
        if view is not None:
            self.addItems([displayable(title) for title in view.titles])
            self.setCurrentIndex(view.chosen)
