"""Project: what the model and the dataset are, how it stands, and what to do next."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout

from app.kit.elided_label import page_title
from app.kit.page import Page
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import Card, button, label
from app.next_step import Action
from app.project.dataset_card import DatasetCard
from app.project.leaderboard import LeaderboardCard
from app.project.next_card import NextCard
from app.project.notes_card import NotesCard
from app.project.presenter import ProjectPresenter
from app.project.scorecard_card import ScorecardCard
from app.project.target_card import TargetCard
from app.project_views import ProjectView, warning_of
from core.models.decoders.registry import decoder_by_id
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from core.sizes import megabytes
from core.wording.optimize import outcome_sentence
from core.wording.plans import summary
from core.workspace.records import Project


class ProjectTab(Page):
    """Scorecard, next step and leaderboard; below them, cards with facts."""

    def __init__(self, presenter: ProjectPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view: ProjectView | None = None
        self._other: int | None = None  # the optimized project that was chosen beside a parent
        self.name = page_title()
        self.scorecard = ScorecardCard()
        self.next_card = NextCard()
        self.leaderboard = LeaderboardCard()
        self.target_card = TargetCard(presenter)
        self.model_card = Card("Model")
        self.dataset_card = DatasetCard(presenter)
        self.use_card = Card("Model settings")
        self.evidence = label(quiet=True)
        self.use_card.box.addWidget(self.evidence)
        self.edit_settings = button("Edit model settings…")
        self.edit_settings.setToolTip("Change how the model is read, and see what it detects then")
        self.use_card.box.addWidget(self.edit_settings)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.addWidget(self.model_card, 0, 0)
        grid.addWidget(self.use_card, 0, 1)
        grid.addWidget(self.dataset_card, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for card in (self.model_card, self.use_card, self.dataset_card):
            card.box.addStretch(1)
        self.box.addWidget(self.name)
        for part in (self.scorecard, self.next_card, self.leaderboard, self.target_card):
            self.box.addWidget(part)
        self.box.addLayout(grid)
        self.notes_card = NotesCard(presenter)
        self.box.addWidget(self.notes_card)
        self.box.addStretch(1)
        self._connect()

    def _connect(self) -> None:
        presenter, go = self._presenter, self._presenter.go
        self.edit_settings.clicked.connect(self._on_edit_clicked)
        self.next_card.wanted.connect(self._on_step_wanted)
        self.scorecard.source_requested.connect(go.show_source)
        self.scorecard.fill_requested.connect(presenter.fill)
        self.scorecard.other_chosen.connect(self._on_other_chosen)
        self.leaderboard.project_requested.connect(go.show_project)
        self.leaderboard.comparison_requested.connect(go.compare_projects)
        self.leaderboard.export_requested.connect(presenter.export_leaderboard)
        presenter.chains.changed.connect(self._show_work)
        presenter.standing.changed.connect(self._show_standing)

    def show_project(self, view: ProjectView) -> None:
        """Show this project."""
        if self._view is None or self._view.project.id != view.project.id:
            self._other = None
            self.verticalScrollBar().setValue(0)
        self._view = view
        self.name.set_text(view.title)
        for card in (self.model_card, self.use_card):
            card.setVisible(view.ready)
        if view.card is not None:
            self.model_card.set_facts(_model_facts(view.card, view.project))
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
        self._show_work()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.standing.refresh()  # a threshold may have been moved on another tab

    def _show_work(self) -> None:
        """What is to be done now, and where the models stand meanwhile."""
        if self._view is not None:
            chain = self._presenter.chains.of(self._view.project.id)
            self.next_card.show_step(self._view.next_step, chain)
            self._show_standing()

    def _show_standing(self) -> None:
        view = self._view
        family = self._presenter.standing.standing.family_of(view.project.id) if view else ()
        if view is None or not family:  # it is being read
            self.scorecard.clear()
            self.leaderboard.hide()
            return
        from core.scorecard.service import scorecard_of

        card = scorecard_of(family, view.project.id, self._other)
        own = tuple(one for one in family if one.parent_id == view.project.id)
        shown = {one.project_id for one in (card.parent, card.optimized) if one is not None}
        made = {number: self._presenter.chains.coming(number) for number in shown}
        self.scorecard.offer_others(own, self._other)
        annotated, warning = view.dataset.annotated, warning_of(view.card)
        self.scorecard.show_scorecard(card, made, annotated=annotated, warning=warning)
        self.leaderboard.show_family(family)
        self.leaderboard.setVisible(len(family) > 1)

    def _on_other_chosen(self, project_id: int | None) -> None:
        self._other = project_id
        self._show_standing()

    def _on_step_wanted(self, action: Action) -> None:
        if self._view is not None:
            self._presenter.do(action, self._view)

    def _on_edit_clicked(self) -> None:
        if self._view is not None:
            self._presenter.go.edit_model.emit(self._view.project.id)


def _model_facts(card: ModelCard, project: Project) -> list[tuple[str, str]]:
    info = card.info
    weights = ", ".join(f"{kind} {count:,}" for kind, count in info.weight_precisions.items())
    facts = [
        ("Precision", info.precision),
        ("Size", megabytes(info.size_bytes)),
        ("Parameters", f"{info.parameters / 1e6:.2f} million ({weights})"),
        ("Compute", f"{info.gflops:.2f} GFLOPs" if info.gflops is not None else "not known"),
        ("Input", "\n".join(port.describe() for port in info.inputs)),
        ("Output", "\n".join(port.describe() for port in info.outputs)),
        ("Device", project.device),
        ("Source", displayable(str(card.source))),
        ("Model file", displayable(str(project.model or ""))),
    ]
    if card.plan is not None:
        facts.insert(1, ("Optimized with", summary(card.plan)))
    if card.outcome is not None:
        facts.insert(2, ("Accuracy", outcome_sentence(card.outcome)))
    return facts


def _shortened(names: tuple[str, ...], most: int = 10) -> str:
    shown = ", ".join(names[:most])
    return shown + (f", … ({len(names)} in all)" if len(names) > most else "")
