"""Which report to make, and the reports that exist: open one, or set two beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QRadioButton,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.elided_label import page_title
from app.kit.fields import Form, Whole
from app.kit.page import Page
from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.widgets import Card, Offers, PathField, button, label
from app.project.own_datasets import DATASET_FILES
from app.reports.kept_reports import KeptReports
from app.reports.report_library import LibraryView
from app.reports.run_choice import SATURATING, RunChoice
from app.reports.where_made import WhereMade
from app.workers.machinery import Devices
from core.inference.settings import TRUE_F32, InferenceSettings
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from core.reports.service import Choice
from core.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.inference.processor import Machinery


_TENSORS = "tensor-distance"


class LibraryPage(Page):
    """The kinds of reports, and what there is of them."""

    # id of the kind, dataset, options, how the model is to run, and where what is not stored is
    # detected, or all of it runs
    start_requested = Sends[
        str, "Path | None", ReportOptions, "InferenceSettings | None", "str | None", "str | None"
    ]()
    mapping_requested = Signal()
    devices_wanted = Signal()  # a list of them is about to be looked at

    def __init__(self, own_datasets: Offers) -> None:
        """`own_datasets` are offered to report on."""
        super().__init__()
        self._own_datasets = own_datasets
        self._view: LibraryView | None = None
        self.title = page_title()
        self.box.addWidget(self.title)
        self.box.addWidget(self._build_new())
        self.kept = KeptReports()
        self.box.addWidget(self.kept, 1000)
        self.box.addStretch(1)  # where there are no reports yet

    def show_library(self, view: LibraryView) -> None:
        """Show what can be made, and what there is."""
        another = self._view is None or self._view.project_id != view.project_id
        target = self._view.target if self._view else None
        self._view = view
        self.title.set_text(f"Accuracy reports of {view.title}")
        for choice_of_run in (self.run, self.against):
            choice_of_run.show_device(view.device)
        self._show_kinds(view.choices)
        self.dataset.edit.setPlaceholderText(
            f"{view.dataset}, {counted(view.images, 'image')} "
            f"({'annotated' if view.annotated else 'no annotations'}); or choose another dataset"
        )
        if another or target is not view.target:
            self.run.show_target(view.target)
        if another:
            self.dataset.set_path(None)
            first = next((row for row in self.kinds if row.radio.isEnabled()), None)
            (first or self.kinds[0]).radio.setChecked(first is not None)
        self.kept.limits.setVisible(view.comparable)
        self.kept.show_reports((*view.reports, *view.others))
        self._on_changed()

    def show_machine(self, found: Machinery) -> None:
        """Say what this machine's processor is able to."""
        from core.inference.processor_words import processor_sentence

        self.processor.setText(displayable(processor_sentence(found.processor)))

    def show_devices(self, devices: Devices) -> None:
        """Offer these devices to run on."""
        for choice in (self.run, self.against):
            choice.show_devices(devices)

    # Building

    def _build_new(self) -> Card:
        card = Card("New accuracy report")
        self._add_kinds(card)
        self.dataset = PathField("Dataset", "", files=DATASET_FILES, offers=self._own_datasets)
        self.dataset.changed.connect(self._on_dataset_changed)
        self.images = Whole()
        self.images.setRange(1, 10_000)
        self.images.setValue(ReportOptions().images)
        self.images.setMaximumWidth(160)
        self.run = RunChoice("Run as")
        self.run.setToolTip("How the model runs. A parent, as the reference, runs in true f32.")
        self.against = RunChoice("Compared with", TRUE_F32)
        for choice in (self.run, self.against):
            choice.currentIndexChanged.connect(self._on_changed)
            choice.opened.connect(self.devices_wanted)
        self.fresh = QCheckBox("Compute all again")
        self.fresh.setToolTip("Use no detections of earlier reports on the same images.")
        self.mapping = button("Edit class mapping…")
        self.mapping.clicked.connect(self.mapping_requested)
        self._form = self._filled_form()
        card.box.addLayout(self._form)
        self.processor = label(quiet=True, selectable=True)
        card.box.addWidget(self.processor)
        self.reason = label(quiet=True)
        self.start = button("Create accuracy report", primary=True)
        self.start.clicked.connect(self._on_start_clicked)
        card.box.addLayout(across((self.reason, 1), self.start))
        return card

    def _add_kinds(self, card: Card) -> None:
        self._group = QButtonGroup(self)
        self.kinds = [_KindRow() for _ in KINDS]
        for number, row in enumerate(self.kinds):
            self._group.addButton(row.radio, number)
            card.box.addWidget(row)
        self.in_the_way = label()
        card.box.addWidget(self.in_the_way)
        self._group.idToggled.connect(self._on_changed)

    def _filled_form(self) -> Form:
        form = Form()
        form.add_field("Dataset", self.dataset)
        form.add_field("Number of images", self.images)
        form.add_field("Run as", self.run)
        form.add_field("Compared with", self.against)
        self.where = WhereMade(form)
        self.where.run_on.currentIndexChanged.connect(self._on_changed)
        form.add_field("Stored detections", self.fresh)
        form.add_field("Class mapping", self.mapping)
        return form

    # What follows

    def _show_kinds(self, choices: Sequence[Choice]) -> None:
        """What stands in the way of several kinds is said once, below them."""
        wanting = [choice.reason for choice in choices if not self._possible(choice)]
        shared = list(dict.fromkeys(one for one in wanting if wanting.count(one) > 1))
        for choice, row in zip(choices, self.kinds, strict=True):
            possible = self._possible(choice)
            row.show_choice(choice, possible, said_below=choice.reason in shared)
        self.in_the_way.setText(" ".join(shared))
        self.in_the_way.setVisible(bool(shared))

    def _possible(self, choice: Choice) -> bool:
        """Another dataset may have what the project's lacks; only its job can tell."""
        return not choice.reason or (choice.elsewhere and self.dataset.path is not None)

    def _on_dataset_changed(self) -> None:
        if self._view is not None:
            self._show_kinds(self._view.choices)
        self._on_changed()

    def _on_changed(self) -> None:
        view, place = self._view, self._group.checkedId()
        if view is None:
            return
        choice = view.choices[place] if place >= 0 else None
        options = choice.kind.options if choice else frozenset()
        own = self.dataset.path is None
        self._form.setRowVisible(self.images, "images" in options)
        self._form.setRowVisible(self.fresh, "fresh" in options)
        self.where.refresh(options)
        self.processor.setVisible(self.where.run_on.machine is None)
        two = "against" in options
        self._form.setRowVisible(self.against, two)
        same = two and self.run.settings == self.against.settings
        self._form.setRowVisible(self.mapping, "mapping" in options and own and view.annotated)
        path = self.dataset.path
        missing = path is not None and not path.exists()
        settings = self.run.settings
        unread = choice is not None and choice.kind.id == _TENSORS and settings == SATURATING
        reasons = {
            f"There is no {path}.": missing,
            "Choose two ways that differ.": same,
            "Tensors cannot be read as without VNNI: run the model in another way.": unread,
        }
        reason = next((words for words, holds in reasons.items() if holds), "")
        self.reason.setText(reason)
        possible = choice is not None and self._possible(choice)
        self.start.setEnabled(possible and not reason)

    def _on_start_clicked(self) -> None:
        if self._view is not None:
            kind = self._view.choices[self._group.checkedId()].kind
            if not self.where.allowed(self):
                return
            against = self.against.settings or TRUE_F32
            fresh = self.fresh.isChecked()
            options = ReportOptions(images=self.images.value(), against=against, fresh=fresh)
            self.fresh.setChecked(False)
            where = self.where.detect_on.machine, self.where.run_on.machine
            self.start_requested.emit(
                kind.id, self.dataset.path, options, self.run.settings, *where
            )


class _KindRow(QWidget):
    """A kind, what it answers, and why it cannot be had."""

    def __init__(self) -> None:
        super().__init__()
        self.radio = QRadioButton()
        self.text = label(quiet=True)
        self.text.setContentsMargins(24, 0, 0, 4)
        down(self.radio, self.text, spacing=2, margins=0, on=self)

    def show_choice(self, choice: Choice, possible: bool, *, said_below: bool) -> None:
        self.radio.setText(choice.kind.title)
        self.radio.setEnabled(possible)
        self.radio.setToolTip("" if possible else tooltip(choice.reason))
        self.text.setEnabled(possible)
        answers = possible or said_below
        self.text.setText(choice.kind.question if answers else choice.reason)
