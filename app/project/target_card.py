"""Where a project's model is to run, and what that means on the processor here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.boxes import across
from app.kit.fields import FIELD_WIDTH, combo, note, quietly
from app.kit.text import displayable
from app.kit.widgets import Card, label
from app.project.presenter import ProjectPresenter
from app.project_views import ProjectView
from core.wording.plan_choices import CHOICES

if TYPE_CHECKING:
    from core.inference.processor import Machinery

_CHOICES = CHOICES["target"]


class TargetCard(Card):
    """A choice, what it means, and a sentence on the processor of this machine."""

    def __init__(self, presenter: ProjectPresenter) -> None:
        super().__init__("Target")
        self._presenter = presenter
        self._view: ProjectView | None = None
        self.target = combo("Where the model is to run", widest=FIELD_WIDTH)
        for choice in _CHOICES:
            self.target.addItem(choice.title, choice.value)
        self.meaning = note()
        self.processor = label(quiet=True, selectable=True)
        self.box.addLayout(across(self.target, (self.meaning, 1)))
        self.box.addWidget(self.processor)
        self.target.currentIndexChanged.connect(self._on_chosen)
        presenter.machine.found.connect(self._on_machine_found)

    def show_project(self, view: ProjectView) -> None:
        """Show this project's target."""
        self._view = view
        with quietly(self.target):
            self.target.setCurrentIndex(self.target.findData(view.project.target))
        self._show_meaning()
        self._presenter.machine.ask()

    def _on_chosen(self) -> None:
        self._show_meaning()
        if self._view is not None:
            self._presenter.set_target(self._view.project.id, self.target.currentData())

    def _show_meaning(self) -> None:
        self.meaning.setText(_CHOICES[self.target.currentIndex()].text)

    def _on_machine_found(self, found: Machinery) -> None:
        from core.inference.processor_words import processor_sentence

        self.processor.setText(displayable(f"Here: {processor_sentence(found.processor)}"))
