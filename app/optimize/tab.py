"""Optimize: what INT8 is, by which method and plan, on which images, and the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.kit.boxes import across, down
from app.kit.elided_label import page_title
from app.kit.fields import note
from app.kit.page import Page
from app.kit.text import displayable, tooltip
from app.kit.theme import GAP
from app.kit.widgets import Card, EmptyState, PathField, button, label
from app.machines.choice import allowed
from app.optimize.accuracy_form import AccuracyForm
from app.optimize.calibrate_on import CalibrateOn
from app.optimize.dataset_check import DatasetNote
from app.optimize.methods import Methods
from app.optimize.notes import Notes
from app.optimize.plan_chooser import PlanChooser
from app.optimize.plan_form import PlanForm
from app.optimize.presenter import OptimizePresenter
from app.project.own_datasets import DATASET_FILES
from app.project_views import ProjectView
from core.datasets.source import may_be_dataset
from core.models.plan import QuantizationPlan, Target
from core.optimize.calibration_images import calibration_beside
from core.optimize.refusing import already_quantized
from core.optimize.service import THIS_MACHINE_ALONE
from core.wording.optimize import outcome_sentence, warning_sentence
from core.wording.plans import differences

if TYPE_CHECKING:
    from core.inference.processor import Machinery

_EXPLANATION = (
    "INT8 stores weights and computes in 8-bit integers instead of floats: the model gets up to "
    "4 times smaller and, where the processor has instructions for it, 2 to 4 times faster than in "
    "true 32-bit float. What it costs in accuracy depends on the model, so the optimized model is "
    "measured and compared with its parent afterwards."
)
_COMPARED_ON = (
    "These are the comparison images of the project. Calibrate on other images of the same kind "
    "for a fairer comparison."
)
_START = "Quantize it, and benchmark it in turns with its parent"
_START_ALL = "The same, and compare what both detect: up to the verdict"


class OptimizeTab(QStackedWidget):
    """The form of an INT8 quantization of the selected project, or of its parent."""

    def __init__(self, presenter: OptimizePresenter, form: PlanForm | None = None) -> None:
        """`form` is one that was made before, so that this takes less of a time."""
        super().__init__()
        self._presenter = presenter
        self._project_id: int | None = None
        self._target: Target = "this_machine"
        self._noted: tuple[str, ...] = ()
        self._made_with = QuantizationPlan()
        self._compared_on = Path()
        self.unavailable = EmptyState("This model cannot be optimized", "")
        self.page = Page()
        self.addWidget(self.unavailable)
        self.addWidget(self.page)
        self.title = page_title()
        self.made_card = self._made_card()
        self.plans = PlanChooser()
        self.form = form or PlanForm()
        self.accuracy = AccuracyForm(presenter.own_datasets)
        self.methods = Methods()
        self.processor = label(quiet=True, selectable=True)
        presenter.machine.found.connect(self._on_machine_found)
        explanation = label(_EXPLANATION)
        for widget in (self.title, explanation, self.processor, self.made_card, self.methods):
            self.page.box.addWidget(widget)
        self.page.box.addStretch(1)
        plan_page = QWidget()
        self.methods.add("Default", "One plan, quantized once. Try this first.", plan_page)
        self._accuracy_aware = self.methods.add(
            "Accuracy-aware", "Keeps in float what costs too much accuracy.", plan_page
        )
        self._fill_plan_page(plan_page)
        self._connect()
        self._on_method_chosen()

    def add_method(self, title: str, text: str, page: QWidget) -> None:
        """Add a way to optimize, with a page of its own."""
        self.methods.add(title, text, page)

    def show_project(self, view: ProjectView) -> None:
        """Offer to optimize this project; of an optimized one, its parent."""
        target = view.parent or view.project
        card = view.parent_card or view.card
        if card is None or card.info.quantized:
            self._project_id = None
            self._presenter.show_project(None)
            self.unavailable.text.setText(
                view.next_step.text if card is None else str(already_quantized(target.name))
            )
            self.setCurrentWidget(self.unavailable)
            return
        self.title.set_text(f"Optimize {target.name}")
        another = target.id != self._project_id
        if another:
            self._project_id = target.id
            self._offer_images(view.dataset.root)
            self._fill(QuantizationPlan(target=target.target))
        elif target.target != self._target:
            self.form.set_target(target.target)
        self._target = target.target
        self._show_made_with(view)
        self.form.usual.setRowVisible(self.calibrate_on, self.calibrate_on.refresh())
        self._presenter.show_project(target.id)
        if another and self.form.scope_fold.open:
            self._presenter.list_operations()
        self.setCurrentWidget(self.page)
        self._on_changed()
        self._check_calibration()
        self._presenter.machine.ask()

    def keep_in_float(self, operations: tuple[str, ...]) -> None:
        """Add operations of the shown model to what stays in float, and show that."""
        self.form.scope.keep(operations)
        self.form.scope_fold.unfold()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._check_calibration()

    def _on_machine_found(self, found: Machinery) -> None:
        from core.inference.processor_words import processor_sentence

        self.processor.setText(displayable(processor_sentence(found.processor)))

    def _show_dataset_note(self, known: DatasetNote) -> None:
        """Show what is known of the calibration images that are chosen."""
        self._noted = known.sentences
        self._note_calibration()

    def _note_calibration(self) -> None:
        path = self.calibration.path
        same = path is not None and path == self._compared_on
        notes = self._noted or ((_COMPARED_ON,) if same else ())  # until their dataset was read
        self.calibration_note.show_sentences(notes)

    def plan(self) -> QuantizationPlan:
        """The plan as it stands in the form."""
        aware = self.methods.current == self._accuracy_aware
        plan = msgspec.structs.replace(
            self.form.plan(), accuracy=self.accuracy.target() if aware else None
        )
        chosen = self.plans.current
        if chosen.saved and not differences(plan, chosen.plan):
            return chosen.plan
        return plan

    # Building

    def _fill_plan_page(self, page: QWidget) -> None:
        """From the outside in: what gets another parent is styled anew with all that is in it."""
        card = Card("Quantization plan")
        self.start = button("Optimize")
        self.start_all = button("Optimize and compare", primary=True)
        self.start_note = note()
        row = across((self.start_note, 1), self.start, self.start_all)
        down(self.accuracy, card, row, spacing=GAP, margins=0, on=page)
        card.box.addWidget(self.form)
        self.calibration = PathField(
            "Calibration images",
            "Folder of images, annotated or not, or an archive of one",
            files=DATASET_FILES,
            offers=self._presenter.own_datasets,
        )
        self.calibration_note = Notes()
        images = QVBoxLayout()
        images.setSpacing(4)
        images.addWidget(self.calibration)
        images.addWidget(self.calibration_note)
        self.form.usual.add_field("Start from", self.plans, 0)
        self.form.usual.add_field("Calibration images", images, 1)
        self.calibrate_on = CalibrateOn()
        self.form.usual.add_field("Calibrate on", self.calibrate_on, 2)

    def _made_card(self) -> Card:
        card = Card("")
        self.notes = note()
        card.box.addWidget(self.notes)
        self.use_again = button("Use this plan again")
        card.box.addLayout(across(1, self.use_again))
        return card

    def _connect(self) -> None:
        self.methods.chosen.connect(self._on_method_chosen)
        self.calibration.changed.connect(self._on_changed)
        self.calibration.changed.connect(self._check_calibration)
        self.form.changed.connect(self._on_changed)
        self.form.scope_fold.unfolded.connect(self._presenter.list_operations)
        self.form.scope.list_requested.connect(self._presenter.list_operations)
        self.accuracy.changed.connect(self._on_changed)
        self.start.clicked.connect(self._on_start_clicked)
        self.start_all.clicked.connect(self._on_start_all_clicked)
        self.use_again.clicked.connect(self._on_use_again_clicked)
        self.plans.chosen.connect(self._fill)
        self.plans.save_requested.connect(self._on_save_requested)
        self.plans.delete_requested.connect(self._presenter.delete_plan)
        self._presenter.calibration_noted.connect(self._show_dataset_note)
        self._presenter.plans_changed.connect(self.plans.show_plans)
        self._presenter.operations_listed.connect(self.form.scope.show_operations)

    # Showing

    def _offer_images(self, root: Path) -> None:
        self._compared_on = root
        self.calibration.set_path(calibration_beside(root) or root)

    def _show_made_with(self, view: ProjectView) -> None:
        plan = view.card.plan if view.optimized and view.card is not None else None
        self.made_card.setVisible(plan is not None)
        if plan is None or view.card is None:
            return
        self._made_with = plan
        self.made_card.title.setText(f"{view.project.name} was made with this plan")
        changes = differences(plan)
        self.made_card.set_facts(
            [(one.title, f"{one.value} (default: {one.other})") for one in changes]
            or [("", "The default plan.")]
        )
        notes = [warning_sentence(one) for one in view.card.warnings]
        if view.card.outcome is not None:
            notes.insert(0, outcome_sentence(view.card.outcome))
        self.notes.setText("\n".join(f"• {displayable(sentence)}" for sentence in notes))
        self.notes.setVisible(bool(notes))

    def _fill(self, plan: QuantizationPlan) -> None:
        self.form.set_plan(plan)
        if plan.accuracy is not None:
            self.accuracy.set_target(plan.accuracy)
        self.methods.choose(0 if plan.accuracy is None else self._accuracy_aware)

    def _on_method_chosen(self) -> None:
        aware = self.methods.current == self._accuracy_aware
        self.accuracy.setVisible(aware)
        self.calibrate_on.show_reason(THIS_MACHINE_ALONE if aware else "")
        self._on_changed()

    def _on_changed(self) -> None:
        self._note_calibration()
        path = self.calibration.path
        problem = ""
        if path is None or not may_be_dataset(path):
            problem = "Choose a folder of calibration images first."
        else:
            aware = self.methods.current == self._accuracy_aware
            problem = (self.accuracy.problem if aware else "") or self.form.problem
        for start, hint in ((self.start, _START), (self.start_all, _START_ALL)):
            start.setEnabled(not problem)
            start.setToolTip(tooltip(problem or hint))
        changes = [f"{one.title.lower()}: {one.value}" for one in differences(self.plan())]
        self.start_note.setText(
            f"Differs from the default: {'; '.join(changes)}." if changes else "The default plan."
        )

    # What the user wants

    def _on_save_requested(self, name: str) -> None:
        self._presenter.save_plan(msgspec.structs.replace(self.plan(), name=name))

    def _on_use_again_clicked(self) -> None:
        self._fill(self._made_with)

    def _on_start_clicked(self) -> None:
        self._start(self._presenter.optimize)

    def _on_start_all_clicked(self) -> None:
        self._start(self._presenter.optimize_and_compare)

    def _start(
        self, start: Callable[[Path, QuantizationPlan, Path | None, str | None], bool]
    ) -> None:
        machine = self.calibrate_on.machine
        if self.calibration.path is None or not allowed(self, machine):
            return
        plan = self.plan()
        evaluated_on = self.accuracy.dataset if plan.accuracy is not None else None
        start(self.calibration.path, plan, evaluated_on, machine)

    def _check_calibration(self) -> None:
        if self.isVisible():
            self._presenter.check_calibration(self.calibration.path)
