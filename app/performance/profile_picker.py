"""Which profile of the job is shown; the pages on layers choose the same one."""

from __future__ import annotations

from app.kit.fields import Choice
from app.kit.text import displayable
from app.performance.layers_presenter import LayersPresenter, LayersView


class ProfilePicker(Choice):
    """The model and the precision."""

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__("Which model at which precision")
        self.activated.connect(presenter.choose_profile)
        presenter.profile_changed.connect(self._on_profile_changed)

    def _on_profile_changed(self, view: LayersView | None) -> None:
        self.clear()
        if view is not None:
            self.addItems([displayable(title) for title in view.titles])
            self.setCurrentIndex(view.chosen)
