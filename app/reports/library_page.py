"""Which report to make, and the reports that exist: open one, or set two beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.page import Page
from app.kit.signals import Sends
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.text import displayable
from app.kit.theme import FIELD_HEIGHT, MARGIN
from app.kit.times import moment
from app.kit.widgets import Card, Offers, PathField, button, heading, label
from app.project.own_datasets import DATASET_FILES
from app.reports.report_library import KeptReport, LibraryView
from app.reports.report_view import ReportTableView
from app.reports.run_choice import SATURATING, RunChoice
from app.workers.machinery import Devices
from core.inference.settings import TRUE_F32, InferenceSettings
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from core.reports.service import Choice
from core.text import counted

if TYPE_CHECKING:
    from pathlib import Path

    from core.inference.processor import Machinery


_TENSORS = "tensor-distance"
_COLUMNS = (
    PlainColumn("Headline"),
    PlainColumn("Project", "The optimized project: this one, or another one of the same parent."),
    PlainColumn("Kind"),
    PlainColumn(
        "Run", "Device, precision asked for and executed: of the optimized model, and of the parent"
    ),
    PlainColumn("Dataset"),
    PlainColumn("Created"),
)


class LibraryPage(Page):
    """The kinds of reports, and what there is of them."""

    # id of the kind, dataset, options, how the model is to run
    start_requested = Sends[str, "Path | None", ReportOptions, "InferenceSettings | None"]()
    open_requested = Sends[KeptReport]()
    compare_requested = Sends[KeptReport, KeptReport]()
    mapping_requested = Signal()
    limits_requested = Signal()
    devices_wanted = Signal()  # a list of them is about to be looked at

    def __init__(self, own_datasets: Offers) -> None:
        """`own_datasets` are offered to report on."""
        super().__init__()
        self._own_datasets = own_datasets
        self._view: LibraryView | None = None
        self.title = heading(points_more=7)
        self.box.addWidget(self.title)
        self.box.addWidget(self._build_new())
        self.kept = self._build_kept()
        self.box.addWidget(self.kept, 1000)
        self.box.addStretch(1)  # where there are no reports yet

    def show_library(self, view: LibraryView) -> None:
        """Show what can be made, and what there is."""
        another = self._view is None or self._view.project_id != view.project_id
        target = self._view.target if self._view else None
        self._view = view
        self.title.setText(f"Accuracy reports of {view.title}")
        for choice_of_run in (self.run, self.against):
            choice_of_run.show_device(view.device)
        for choice, row in zip(view.choices, self.kinds, strict=True):
            row.show_choice(choice, self._possible(choice))
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
        reports = (*view.reports, *view.others)
        self.kept.setVisible(bool(reports))
        self.limits.setVisible(view.comparable)
        self._model.set_rows(
            [
                (
                    one.headline,
                    one.project,
                    one.kind.title,
                    one.ran,
                    one.dataset,
                    moment(one.created),
                )
                for one in reports
            ],
            reports,
        )
        self._fit_table(len(reports))
        self._on_changed()
        self._on_selection_changed()

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
        card = Card("New report")
        self._group = QButtonGroup(self)
        self.kinds = [_KindRow() for _ in KINDS]
        for number, row in enumerate(self.kinds):
            self._group.addButton(row.radio, number)
            card.box.addWidget(row)
        self._group.idToggled.connect(self._on_changed)
        self.dataset = PathField("Dataset", "", files=DATASET_FILES, offers=self._own_datasets)
        self.dataset.changed.connect(self._on_dataset_changed)
        self.images = QSpinBox()
        self.images.setRange(1, 10_000)
        self.images.setValue(ReportOptions().images)
        self.images.setMaximumWidth(160)
        self.images.setMinimumHeight(FIELD_HEIGHT)
        self.run = RunChoice("Run as")
        self.run.setToolTip("How the model runs. A parent, as the reference, runs in true f32.")
        self.against = RunChoice("Compared with", TRUE_F32)
        for choice in (self.run, self.against):
            choice.currentIndexChanged.connect(self._on_changed)
            choice.opened.connect(self.devices_wanted)
        self.mapping = button("Edit class mapping…")
        self.mapping.clicked.connect(self.mapping_requested)
        form = QFormLayout()
        form.setHorizontalSpacing(MARGIN)
        form.setVerticalSpacing(8)
        form.addRow("Dataset", self.dataset)
        form.addRow("Number of images", self.images)
        form.addRow("Run as", self.run)
        form.addRow("Compared with", self.against)
        form.addRow("Class mapping", self.mapping)
        self._form = form
        card.box.addLayout(form)
        self.processor = label(quiet=True, selectable=True)
        card.box.addWidget(self.processor)
        self.reason = label(quiet=True)
        self.start = button("Create report", primary=True)
        self.start.clicked.connect(self._on_start_clicked)
        card.box.addLayout(across((self.reason, 1), self.start))
        return card

    def _build_kept(self) -> Card:
        card = Card("Reports")
        self.table = ReportTableView()
        self.table.setSelectionMode(ReportTableView.SelectionMode.ExtendedSelection)
        self._model = PlainModel(_COLUMNS, self)
        self.table.setModel(self._model)
        for column, width in ((1, 116), (2, 146), (3, 120), (4, 100), (5, 122)):
            self.table.setColumnWidth(column, width)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.row_activated.connect(self.open_requested)
        self.open_button = button("Open")
        self.open_button.clicked.connect(self._on_open_clicked)
        self.compare_button = button("Compare")
        self.compare_button.clicked.connect(self._on_compare_clicked)
        self.choice_note = label(quiet=True)
        self.limits = button("Write limits…")
        self.limits.setToolTip(
            "A file with what this project has now: accuracy, speed and size, as far as they were "
            "measured. The command check holds other models to it, in a build."
        )
        self.limits.clicked.connect(self.limits_requested)
        row = across(self.limits, (self.choice_note, 1), self.compare_button, self.open_button)
        card.box.addWidget(self.table)
        card.box.addLayout(row)
        return card

    def _fit_table(self, rows: int) -> None:
        header = self.table.horizontalHeader().sizeHint().height()
        row = self.table.verticalHeader().defaultSectionSize()
        self.table.setMinimumHeight(header + min(6, max(2, rows)) * row + 6)

    # What follows

    def _possible(self, choice: Choice) -> bool:
        """Another dataset may have what the project's lacks; only its job can tell."""
        return not choice.reason or (choice.elsewhere and self.dataset.path is not None)

    def _on_dataset_changed(self) -> None:
        if self._view is not None:
            for choice, row in zip(self._view.choices, self.kinds, strict=True):
                row.show_choice(choice, self._possible(choice))
        self._on_changed()

    def _on_changed(self) -> None:
        view, place = self._view, self._group.checkedId()
        if view is None:
            return
        choice = view.choices[place] if place >= 0 else None
        options = choice.kind.options if choice else frozenset()
        own = self.dataset.path is None
        self._form.setRowVisible(self.images, "images" in options)
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
            against = self.against.settings or TRUE_F32
            options = ReportOptions(images=self.images.value(), against=against)
            self.start_requested.emit(kind.id, self.dataset.path, options, self.run.settings)

    def _chosen(self) -> list[KeptReport]:
        rows = self.table.selectionModel().selectedRows()
        return [self._model.key_at(row) for row in sorted(index.row() for index in rows)]

    def _on_selection_changed(self) -> None:
        chosen = self._chosen()
        alike = len(chosen) == 2 and chosen[0].kind is chosen[1].kind
        self.open_button.setEnabled(len(chosen) == 1)
        self.compare_button.setEnabled(alike)
        if len(chosen) == 2 and not alike:
            self.choice_note.setText("Only two reports of one kind can be compared.")
        elif self._model.rowCount() > 1:
            self.choice_note.setText("Select two (with Ctrl) to compare them.")
        else:
            self.choice_note.setText("")

    def _on_open_clicked(self) -> None:
        self.open_requested.emit(self._chosen()[0])

    def _on_compare_clicked(self) -> None:
        newer, older = self._chosen()
        if newer.artifact.id < older.artifact.id:
            newer, older = older, newer
        self.compare_requested.emit(older, newer)


class _KindRow(QWidget):
    """A kind, what it answers, and why it cannot be had."""

    def __init__(self) -> None:
        super().__init__()
        self.radio = QRadioButton()
        self.text = label(quiet=True)
        self.text.setContentsMargins(24, 0, 0, 4)
        down(self.radio, self.text, spacing=2, margins=0, on=self)

    def show_choice(self, choice: Choice, possible: bool) -> None:
        self.radio.setText(choice.kind.title)
        self.radio.setEnabled(possible)
        self.text.setText(choice.kind.question if possible else choice.reason)
