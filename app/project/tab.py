"""Project: what the model and the dataset are, how it stands, and what to do next."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QGridLayout

from app.kit.boxes import across
from app.kit.page import Page
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, label
from app.project.dataset_card import DatasetCard
from app.project.notes_card import NotesCard
from app.project.presenter import ProjectPresenter
from app.project.target_card import TargetCard
from app.project_views import ProjectView
from core.models.decoders.registry import decoder_by_id
from core.models.info import size_change
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from core.wording.benchmark import speed_sentence
from core.wording.optimize import outcome_sentence
from core.wording.plans import summary


class ProjectTab(Page):
    """Cards with facts."""

    def __init__(self, presenter: ProjectPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view: ProjectView | None = None
        self.name = heading(points_more=7)
        self.next_card = Card("Next step")
        self.next_text = label()
        self.next_button = button("", primary=True)
        self.next_button.clicked.connect(self._on_next_clicked)
        self.next_card.box.addLayout(across((self.next_text, 1), self.next_button))
        self.target_card = TargetCard(presenter)
        self.model_card = Card("Model")
        self.dataset_card = DatasetCard(presenter)
        self.use_card = Card("Model settings")
        self.evidence = label(quiet=True)
        self.use_card.box.addWidget(self.evidence)
        self.edit_settings = button("Edit model settings…")
        self.edit_settings.setToolTip("Change how the model is read, and see what it detects then")
        self.edit_settings.clicked.connect(self._on_edit_clicked)
        self.use_card.box.addWidget(self.edit_settings)
        self.result_card = Card("Results")
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.addWidget(self.model_card, 0, 0)
        grid.addWidget(self.use_card, 0, 1)
        grid.addWidget(self.dataset_card, 1, 0)
        grid.addWidget(self.result_card, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for card in (self.model_card, self.use_card, self.dataset_card, self.result_card):
            card.box.addStretch(1)
        self.box.addWidget(self.name)
        self.box.addWidget(self.next_card)
        self.box.addWidget(self.target_card)
        self.box.addLayout(grid)
        self.notes_card = NotesCard(presenter)
        self.box.addWidget(self.notes_card)
        self.box.addStretch(1)

    def show_project(self, view: ProjectView) -> None:
        """Show this project."""
        self.name.setText(view.title)
        self._view = view
        self.next_text.setText(view.next_step.text)
        self.next_button.setText(view.next_step.button)
        self.next_button.setVisible(bool(view.next_step.button))
        for card in (self.model_card, self.use_card):
            card.setVisible(view.ready)
        if view.card is not None:
            self.model_card.set_facts(_model_facts(view.card, view.project.model))
            detector = view.card.detector
            layout = decoder_by_id(detector.decoder).title
            self.use_card.set_facts(
                [
                    ("Output layout", f"{layout} (confidence {detector.confidence:.0%})"),
                    ("Preprocessing", detector.preprocessing.describe()),
                    ("Classes", _shortened(detector.class_names)),
                ]
            )
            self.evidence.setText(
                "\n".join(f"• {reason}" for reason in sentences(detector.reasons))
            )
        self.edit_settings.setVisible(not view.optimized)
        self.target_card.show_project(view)
        self.dataset_card.show_project(view)
        self.notes_card.show_project(view)
        self.result_card.set_facts(_results(view))

    def _on_next_clicked(self) -> None:
        if self._view is not None:
            self._presenter.do(self._view.next_step.action, self._view)

    def _on_edit_clicked(self) -> None:
        if self._view is not None:
            self._presenter.go.edit_model.emit(self._view.project.id)


def _model_facts(card: ModelCard, model: Path | None) -> list[tuple[str, str]]:
    info = card.info
    weights = ", ".join(f"{kind} {count:,}" for kind, count in info.weight_precisions.items())
    facts = [
        ("Precision", info.precision),
        ("Size", f"{info.size_bytes / 1e6:.2f} MB"),
        ("Parameters", f"{info.parameters / 1e6:.2f} million ({weights})"),
        ("Compute", f"{info.gflops:.2f} GFLOPs" if info.gflops is not None else "not known"),
        ("Input", "\n".join(port.describe() for port in info.inputs)),
        ("Output", "\n".join(port.describe() for port in info.outputs)),
        ("Source", displayable(str(card.source))),
        ("Model file", displayable(str(model or ""))),
    ]
    if card.plan is not None:
        facts.insert(1, ("Optimized with", summary(card.plan)))
    return facts


def _shortened(names: tuple[str, ...], most: int = 10) -> str:
    shown = ", ".join(names[:most])
    return shown + (f", … ({len(names)} in all)" if len(names) > most else "")


def _results(view: ProjectView) -> list[tuple[str, str]]:
    facts = []
    if view.card is not None and view.parent_card is not None:
        sizes = (view.parent_card.info.size_bytes, view.card.info.size_bytes)
        facts.append(("Size", f"{size_change(*sizes)} than its parent"))
    if view.card is not None and view.card.outcome is not None:
        facts.append(("Accuracy", outcome_sentence(view.card.outcome)))
    if view.benchmark is not None:
        facts.append(("Speed", speed_sentence(view.benchmark)))
    if view.report is not None:
        facts.append(("Predictions", "compared with its parent's"))
    return facts or [("", "No measurements yet.")]
