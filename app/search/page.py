"""Optimize by search: what to search for, the Pareto chart while it runs, and the candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.fields import Choice, note
from app.kit.text import displayable, tooltip
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, label, reserved
from app.machines.choice import allowed
from app.project_views import ProjectView
from app.search.facts import facts_sentence
from app.search.form import SearchForm
from app.search.presenter import SearchPresenter, SearchView, placed
from app.search.table import CandidateTable
from core.datasets.source import may_be_dataset
from core.models.plan import Target
from core.optimize.calibration_images import calibration_beside
from core.text import in_minutes
from core.wording.search import (
    about_sentence,
    choice_sentence,
)

if TYPE_CHECKING:
    from app.search.chart import SearchChart

_LEGEND = (
    "Squares: the parent. Circles: INT8 plans. Diamonds and triangles: weights in FP16 and INT8. "
    "The larger a point, the larger its model. Line: Pareto front."
)
_SIZES_LEGEND = (
    " Pentagons and stars: other input sizes, in float and INT8; dashed: their own front."
)
_PERCENT = 100


class SearchPage(QWidget):
    """The search method of the Optimize tab."""

    def __init__(self, presenter: SearchPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view = SearchView()
        self._project_id: int | None = None
        self._known: tuple[int, Target] | None = None  # a project and the target it had
        self._chart: SearchChart | None = None
        self.form = SearchForm(presenter.own_datasets)
        down(
            self.form,
            self._buttons(),
            self._progress(),
            self._result_card(),
            spacing=GAP,
            margins=0,
            on=self,
        )
        self._connect()
        self._on_changed()

    def chart(self) -> SearchChart:
        """The chart, made when it is first needed: its library takes long to load."""
        if self._chart is None:
            from app.search.chart import SearchChart

            self._chart = SearchChart()
            self._chart.candidate_chosen.connect(self.table.select_candidate)
            self.result.box.insertWidget(3, self._chart)
            self.legend = label(_LEGEND, quiet=True)
            self.result.box.insertWidget(4, self.legend)
        return self._chart

    def show_project(self, view: ProjectView) -> None:
        """Offer to search on this project; of an optimized one, on its parent."""
        target = view.parent or view.project
        card = view.parent_card or view.card
        usable = card is not None and not card.info.quantized
        if usable and target.id != self._project_id:
            self.form.images.set_path(calibration_beside(view.dataset.root) or view.dataset.root)
        if usable:
            self.form.run.show_device(target.device)
        if usable and (target.id, target.target) != self._known:
            self._known = (target.id, target.target)
            self.form.target.setCurrentIndex(self.form.target.findData(target.target))
        self.form.refresh()
        self._project_id = target.id if usable else None
        self._presenter.show_project(self._project_id)

    def show_search(self, view: SearchView) -> None:
        """Show a search as it stands."""
        self._view = view
        self._show_progress(view)
        self._show_history(view)
        self._on_changed()
        state = view.state
        shown = state is not None and bool(state.candidates)
        self.result.setVisible(shown)
        if state is None or not shown:
            return
        self.sentence.setText(displayable(choice_sentence(state)))
        self.facts.setText(facts_sentence(view))
        self._show_chart(view)
        self.table.show_search(view)
        self._on_selected()

    # Building

    def _buttons(self) -> QHBoxLayout:
        self.start_note = note()
        self.start = reserved(button("Search", primary=True))
        self.resume = reserved(button("Resume"))
        return across((self.start_note, 1), self.resume, self.start)

    def _progress(self) -> QWidget:
        self.progress = reserved(QWidget())
        self.stage = label()
        self.bar = QProgressBar()
        self.bar.setRange(0, _PERCENT)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Time used up")
        self.cancel = reserved(button("Stop"))
        told = down(self.stage, self.bar, spacing=4, margins=0)
        across((told, 1), self.cancel, margins=0, on=self.progress)
        return self.progress

    def _result_card(self) -> Card:
        self.result = Card("Result")
        self.sentence = heading(points_more=0.5)
        self.facts = label(quiet=True)
        self.history = Choice("Searches of this project")
        top = across((self.facts, 1), self.history)
        self.table = CandidateTable()
        self.open_note = note()
        self.open = button("Open as a project")
        bottom = across((self.open_note, 1), self.open)
        self.result.box.addWidget(self.sentence)
        self.result.box.addLayout(top)
        self.result.box.addWidget(self.table)
        self.result.box.addLayout(bottom)
        self.result.hide()
        return self.result

    def _connect(self) -> None:
        self._presenter.search_changed.connect(self.show_search)
        self._presenter.machine.devices_changed.connect(self.form.run.show_devices)
        self.form.run.opened.connect(self._presenter.machine.ask)
        self.form.images.changed.connect(self._on_changed)
        self.start.clicked.connect(self._on_start_clicked)
        self.resume.clicked.connect(self._on_resume_clicked)
        self.cancel.clicked.connect(self._presenter.cancel)
        self.open.clicked.connect(self._on_open_clicked)
        self.history.currentIndexChanged.connect(self._presenter.show_search)
        self.table.row_chosen.connect(self._on_selected)
        self.table.row_activated.connect(self._on_open_clicked)

    # Showing

    def _show_progress(self, view: SearchView) -> None:
        self.progress.setVisible(view.busy)
        if view.waiting:
            self.stage.setText("Waiting for the jobs before it.")
        elif view.cancelling:
            self.stage.setText("Stopping; results are kept.")
        else:
            left = "" if view.seconds_left is None else f", {in_minutes(view.seconds_left)} left"
            self.stage.setText(displayable(f"{view.stage or 'Starting'}{left}"))
        self.bar.setValue(view.percent)

    def _show_chart(self, view: SearchView) -> None:
        """Once there is a point to draw: until then the table stands alone."""
        drawn = bool(placed(view.state))
        if drawn or self._chart is not None:
            self.chart().show_search(view)
            self.chart().setVisible(drawn)
            self.legend.setText(_LEGEND + (_SIZES_LEGEND if view.front_of_sizes else ""))
            self.legend.setVisible(drawn)

    def _show_history(self, view: SearchView) -> None:
        self.history.setVisible(len(view.others) > 1)
        names = [displayable(f"Search of {title}") for title, _ in view.others]
        with QSignalBlocker(self.history):
            if names != [self.history.itemText(n) for n in range(self.history.count())]:
                self.history.clear()
                self.history.addItems(names)
            shown = [place for place, (_, here) in enumerate(view.others) if here]
            self.history.setCurrentIndex(shown[0] if shown else -1)

    def _on_changed(self) -> None:
        path, view = self.form.images.path, self._view
        problem = "" if path and may_be_dataset(path) else "Choose a folder of images first."
        self.start.setEnabled(not problem and not view.busy)
        self.start.setToolTip(tooltip(problem))
        self.start.setVisible(not view.busy)
        self.cancel.setVisible(view.running)
        self.cancel.setEnabled(not view.cancelling)
        self.resume.setVisible(view.state is not None and not view.busy)
        self.resume.setToolTip("Resume the search below, for the time that is set here.")
        self.start_note.setText(problem)

    def _on_selected(self) -> None:
        one = self.table.candidate
        self.open.setEnabled(one is not None and bool(one.model) and not self._view.busy)
        self.open_note.setText(displayable(about_sentence(one)) if one else "")
        if self._chart is not None:
            self._chart.ring(one.id if one else "")

    # What the user wants

    def _on_start_clicked(self) -> None:
        if self.form.images.path is not None and allowed(self, self.form.machine.machine):
            self._presenter.start(
                self.form.images.path, self.form.settings, self.form.machine.machine
            )

    def _on_resume_clicked(self) -> None:
        machine = self.form.machine.machine
        if allowed(self, machine):
            self._presenter.resume(float(self.form.minutes.value()), machine)

    def _on_open_clicked(self) -> None:
        one = self.table.candidate
        if one is not None and self.open.isEnabled():
            self._presenter.open_candidate(one.id)
