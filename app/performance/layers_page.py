"""Layers: where the time of an inference goes, what that means, and every layer in a table."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.kit.boxes import across, divided, down
from app.kit.elided_label import page_title
from app.kit.page import Page
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import Card, EmptyState, button, label
from app.performance.findings_card import FindingsCard
from app.performance.graph.legend import ColourLegend
from app.performance.graph.sum_bars import SumBars
from app.performance.layers_presenter import LayersPresenter, LayersView
from app.performance.layers_table import LayersTable
from app.performance.profile_picker import ProfilePicker
from app.project_views import ProjectView
from core.wording.profiling import precision_changes, profile_note


class LayersPage(QStackedWidget):
    """Sums and findings on the left, the table on the right."""

    layer_opened = Signal()

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.empty = EmptyState(
            "No profile yet",
            "A profile times every layer of the executed graph: of the parent in true f32 and by "
            "default, and of the optimized model, in turns. It shows which layers run in which "
            "precision, what each takes, and which of them are bottlenecks of INT8.",
            "Profile layers",
        )
        self.whole = QWidget()
        self.addWidget(self.empty)
        self.addWidget(self.whole)
        self.details = LayersTable(presenter)
        self.details.layer_opened.connect(self.layer_opened)
        self.note = label(quiet=True, selectable=True)
        down(
            self._head(),
            (divided(self._summary(), self.details, (440, 620), (4, 6)), 1),
            self.note,
            spacing=GAP,
            margins=(MARGIN, MARGIN - 4, MARGIN, MARGIN - 4),
            on=self.whole,
        )
        for start in (self.empty.action, self.again):
            start.clicked.connect(presenter.run_profile)
        presenter.profile_changed.connect(self._on_profile_changed)

    def show_project(self, view: ProjectView) -> None:
        """Show the newest profile of this project, or how to get one."""
        self.empty.action.setVisible(view.ready)
        self.title.set_text(f"Layers of {view.title}")
        self._presenter.show_project(view.project)

    def _head(self) -> QHBoxLayout:
        self.title = page_title(4)
        self.profiles = ProfilePicker(self._presenter)
        self.again = button("Profile layers")
        return across((self.title, 1), self.profiles, self.again, spacing=GAP)

    def _summary(self) -> Page:
        self.types, self.precisions = SumBars(), SumBars()
        self.types.bar_clicked.connect(self.details.show_type)
        self.precisions.bar_clicked.connect(self.details.show_precision)
        self.legend = ColourLegend()
        self.changes = label(quiet=True, selectable=True)
        self.findings = FindingsCard()
        self.findings.layers_requested.connect(self.details.show_layers)
        self.findings.keep_requested.connect(self._presenter.keep_in_float)
        by_type, by_precision = Card("Time by type"), Card("Time by precision")
        by_type.box.addWidget(self.types)
        by_type.box.addWidget(self.legend)
        by_precision.box.addWidget(self.precisions)
        by_precision.box.addWidget(self.changes)
        page = Page()
        page.box.setContentsMargins(0, 0, GAP, 0)
        for card in (by_type, self.findings, by_precision):
            page.box.addWidget(card)
        page.box.addStretch(1)
        return page

    def _on_profile_changed(self, view: LayersView | None) -> None:
        self.setCurrentWidget(self.empty if view is None else self.whole)
        if view is None:
            return
        self.findings.show_findings(view.findings)
        self.types.show_sums(view.by_type)
        self.precisions.show_sums(view.by_precision)
        self.legend.show_precisions([one.name for one in view.by_precision])
        self.changes.setText("\n".join(precision_changes(view.profile)))
        self.details.show_profile(view)
        self.note.setText(profile_note(view.profile, view.result))
