"""Compare projects: any runs of any projects; speed, size and accuracy on one page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout

from app.kit.boxes import across, discard
from app.kit.page import Page
from app.kit.saving import ask_where_to_save
from app.kit.theme import GAP
from app.kit.widgets import Card, EmptyState, button, heading
from app.performance.compare_layers import CompareLayers
from app.performance.compare_presenter import MOST, ComparePresenter, CompareView
from app.performance.compare_summary import CompareSummary
from app.performance.run_picker import RunPicker
from app.project_views import ProjectView

_KINDS = (("One page (HTML)…", "html"), ("Tables (CSV)…", "csv"), ("All figures (JSON)…", "json"))


class ComparePage(QStackedWidget):
    """Pickers, summary, and layer by layer."""

    def __init__(self, presenter: ComparePresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.empty = EmptyState(
            "Nothing to compare yet",
            "Any two or more projects, or runs of one, are compared here. Import a model, or "
            "optimize this one.",
        )
        self.page = Page()
        self.addWidget(self.empty)
        self.addWidget(self.page)
        self.pickers: list[RunPicker] = []
        self.choice = Card("Compared runs; the others are compared with A")
        self.choice_rows = QVBoxLayout()
        self.choice_rows.setSpacing(GAP // 2)
        self.choice.box.addLayout(self.choice_rows)
        self.more = button("Add run", flat=True)
        self.more.clicked.connect(presenter.add)
        self.choice.box.addWidget(self.more)
        self.summary = CompareSummary()
        self.layers = CompareLayers()
        box = self.page.box
        box.addLayout(self._head())
        for part in (self.choice, self.summary, self.layers):
            box.addWidget(part)
        box.addStretch(1)
        presenter.comparison_changed.connect(self._on_comparison_changed)

    def show_project(self, view: ProjectView) -> None:
        """Another project is selected, or something of it is new."""
        self._presenter.show_project(view.project.id)

    def save(self, path: Path) -> None:
        """Write the comparison; the ending says as what."""
        self._presenter.save(path)

    def _head(self) -> QHBoxLayout:
        self.export = button("Save as")
        menu = QMenu(self.export)
        for text, kind in _KINDS:
            menu.addAction(text).setData(kind)
        menu.triggered.connect(self._on_export_chosen)
        self.export.setMenu(menu)
        return across((heading("Compare projects", 7), 1), self.export)

    def _on_comparison_changed(self, view: CompareView) -> None:
        self.setCurrentWidget(self.page if view.comparison else self.empty)
        if view.comparison is not None:
            self._show_pickers(view)
            self.summary.show_comparison(view.comparison)
            self.layers.show_comparison(view.comparison)

    def _show_pickers(self, view: CompareView) -> None:
        while len(self.pickers) > len(view.chosen):
            gone = self.pickers.pop()
            self.choice_rows.removeWidget(gone)
            discard(gone)
        while len(self.pickers) < len(view.chosen):
            picker = RunPicker(len(self.pickers))
            picker.run_chosen.connect(self._presenter.choose)
            picker.removal_requested.connect(self._presenter.remove)
            self.pickers.append(picker)
            self.choice_rows.addWidget(picker)
        for picker, chosen in zip(self.pickers, view.chosen, strict=True):
            picker.show_choice(view.runs, chosen, removable=len(view.chosen) > 2)
        self.more.setVisible(len(view.chosen) < min(MOST, len(view.runs)))

    def _on_export_chosen(self, action: QAction) -> None:
        kind = str(action.data())
        name, forms = f"compared-projects.{kind}", f"{kind.upper()} (*.{kind})"
        path = ask_where_to_save(self, "Save the comparison", "comparison", name, forms)
        if path is not None:
            self.save(path)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.set_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.set_seen(False)
