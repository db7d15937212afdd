"""What is searched for, on which images, and where: the settings of a search."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox

from app.kit.boxes import across, down
from app.kit.fields import FIELD_WIDTH, Form, combo, decimal, note, spin
from app.kit.theme import GAP
from app.kit.widgets import Card, Offers, PathField
from app.machines.choice import MachineChoice
from app.project.own_datasets import DATASET_FILES
from app.search.run_choice import SearchRunChoice
from core.search.settings import DEFAULT_LOSS, DEFAULT_MINUTES, Allowed, InputSizes, SearchSettings
from core.wording.plan_choices import CHOICES

_IMAGES_NOTE = (
    "Half of them are used for calibration; candidates are evaluated on the others, the "
    "held-out images. 64 are enough, and annotations are not needed."
)
_ALLOWED: tuple[tuple[Allowed, str], ...] = (
    ("all", "All precisions: INT8 plans, BF16, smaller weights"),
    ("int8", "INT8 plans only, for another processor"),
)
_SIZES: tuple[tuple[InputSizes, str], ...] = (
    ("own", "The model's own only"),
    ("smaller", "Smaller ones, too"),
    ("smaller_and_larger", "Smaller and larger ones, too"),
)
_SIZES_NOTE = "Where the network allows it; judged by annotations, if the images have some."
_RUN = "Device that speed is measured on, and precision of what is not in INT8."
_MACHINE_NOTE = "INT8 plans are made and judged there; speed is measured here."
_PERCENT = 100


class SearchForm(Card):
    """The fields; `own_datasets` offers images."""

    def __init__(self, own_datasets: Offers) -> None:
        super().__init__("Search")
        self._fields = Form()
        self.images = PathField(
            "Images to search on",
            "Folder of images, annotated or not, or an archive of one",
            files=DATASET_FILES,
            offers=own_datasets,
        )
        self.images_note = note(_IMAGES_NOTE)
        self.allowed = combo("What may be recommended")
        for value, title in _ALLOWED:
            self.allowed.addItem(title, value)
        self.target = combo("Where the model is to run")
        for choice in CHOICES["target"]:
            self.target.addItem(choice.title, choice.value)
        self.sizes = _sizes_choice()
        self.run = SearchRunChoice("Run as: device and precision of the recommended model")
        self.machine = MachineChoice("Search on")
        self.machine.setMinimumWidth(FIELD_WIDTH)
        self.minutes = spin(1, 24 * 60, "Time limit in minutes", " min", widest=FIELD_WIDTH)
        self.minutes.setValue(round(DEFAULT_MINUTES))
        self.loss = decimal(
            "Accuracy loss that still counts as lossless",
            50,
            0.5,
            digits=1,
            suffix=" %",
            widest=FIELD_WIDTH,
        )
        self.loss.setValue(_PERCENT * DEFAULT_LOSS)
        self._lay_out()

    def _lay_out(self) -> None:
        fields = self._fields
        fields.add_field("Images", down(self.images, self.images_note, spacing=4))
        fields.add_field("Recommend", self.allowed)
        fields.add_field("Target", self.target)
        fields.add_field("Run as", across(self.run, (note(_RUN), 1), spacing=GAP))
        fields.add_field("Input sizes", across(self.sizes, (note(_SIZES_NOTE), 1), spacing=GAP))
        self._on_machine = across(self.machine, (note(_MACHINE_NOTE), 1), spacing=GAP)
        fields.add_field("Search on", self._on_machine)
        fields.add_field("Time limit", self.minutes)
        fields.add_field("Lossless: loss of at most", self.loss)
        self.box.addLayout(fields)
        self.refresh()

    def refresh(self) -> None:
        """Offer the machines that there are; without any, nothing is asked."""
        self.machine.refresh()
        self._fields.setRowVisible(self._on_machine, self.machine.offers)

    @property
    def settings(self) -> SearchSettings:
        """What is searched for."""
        return replace(
            self.run.settings,
            allowed=self.allowed.currentData(),
            minutes=float(self.minutes.value()),
            loss=round(self.loss.value() / _PERCENT, 4),
            target=self.target.currentData(),
            input_sizes=self.sizes.currentData(),
        )


def _sizes_choice() -> QComboBox:
    made = combo("Input sizes to try", widest=2 * FIELD_WIDTH)
    made.setMinimumWidth(FIELD_WIDTH)
    for size, title in _SIZES:
        made.addItem(title, size)
    return made
