"""What a model is taken for, each guess with a field to override it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.importing.choice_fields import changed_signal, field_for, show_value, value_of
from app.importing.label_file import ask_for_labels
from app.importing.views import ExamineView
from app.kit.fields import (
    Form,
    combo,
    numbers,
    numbers_in,
    numbers_text,
    quietly,
    row_label,
    spin,
)
from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label, reserved
from core.models.adjusting import VALUE_RANGES
from core.models.choices import Choice
from core.models.detector import Detector, Option
from core.models.info import FORMATS
from core.models.naming import LabelSet
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from core.sizes import megabytes

RESIZES = {
    "stretch": "Stretch to the input",
    "letterbox": "Letterbox, padding on both sides",
    "letterbox_top_left": "Letterbox, padding right and bottom",
}
_SHOWN_CLASSES = 10
_FROM_FILE = "From a text file…"


class ModelSettings(QScrollArea):
    """A column of fields; tells every change, and shows what the presenter makes of it."""

    override_requested = Sends[dict[str, Any]]()  # fields of Overrides
    option_requested = Sends[str, Option]()  # its key, its value
    reset_requested = Signal()
    labels_refused = Sends[str]()  # a sentence

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(0, 0, GAP, 0)
        self.box.setSpacing(GAP)
        self.setWidget(inside)
        self.title = heading("", 2)
        self.facts = label(quiet=True)
        self.layout_choice = combo("Output layout")
        self.evidence = label(quiet=True, selectable=True)
        self.colors = combo("Colour order")
        self.resize_choice = combo("Resize")
        self.pad_value = reserved(spin(0, 255, "Padding"))
        self.pad_label = reserved(row_label("Padding"))
        self.values = combo("Values")
        self.mean, self.scale = numbers("Mean"), numbers("Scale")
        self.labels = combo("Class names")
        self.class_names = label(quiet=True, selectable=True)
        self.reset = button("Reset to detected settings")
        self.reset.setAutoDefault(False)
        self._options = Form()
        self.option_fields: dict[str, QWidget] = {}
        self._choices: tuple[Choice, ...] = ()
        self._sets: tuple[LabelSet, ...] = ()
        self._view = ExamineView()
        self._lay_out()
        self._fill_fixed()
        self._connect()

    def _lay_out(self) -> None:
        for widget in (self.title, self.facts):
            self.box.addWidget(widget)
        rows = Form()
        rows.add_field(row_label("Output layout"), self.layout_choice)
        self.box.addLayout(rows)
        self.box.addLayout(self._options)
        self.box.addWidget(self.evidence)
        self.box.addWidget(heading("Preprocessing", 0.5))
        rows = Form()
        rows.add_field(row_label("Colour order"), self.colors)
        rows.add_field(row_label("Resize"), self.resize_choice)
        rows.add_field(self.pad_label, self.pad_value)
        rows.add_field(row_label("Values"), self.values)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        for name, edit in (("mean", self.mean), ("scale", self.scale)):
            pair.addWidget(label(name, quiet=True))
            pair.addWidget(edit, 1)
        rows.add_field(row_label(""), pair)
        self.box.addLayout(rows)
        self.box.addWidget(heading("Classes", 0.5))
        rows = Form()
        rows.add_field(row_label("Class names"), self.labels)
        self.box.addLayout(rows)
        self.box.addWidget(self.class_names)
        self.box.addWidget(self.reset)
        self.box.addStretch(1)

    def _fill_fixed(self) -> None:
        for order in ("rgb", "bgr"):
            self.colors.addItem(order.upper(), order)
        for key, title in RESIZES.items():
            self.resize_choice.addItem(title, key)
        for one in VALUE_RANGES:
            self.values.addItem(one.title, one)
        self.values.addItem("Other", None)

    def _connect(self) -> None:
        self.layout_choice.activated.connect(self._on_layout_chosen)
        self.colors.activated.connect(self._on_colors_chosen)
        self.resize_choice.activated.connect(self._on_resize_chosen)
        self.pad_value.valueChanged.connect(self._on_pad_changed)
        self.values.activated.connect(self._on_values_chosen)
        self.mean.editingFinished.connect(self._on_numbers_typed)
        self.scale.editingFinished.connect(self._on_numbers_typed)
        self.labels.activated.connect(self._on_labels_chosen)
        self.reset.clicked.connect(self.reset_requested)

    # Showing

    def show_view(self, view: ExamineView) -> None:
        """Show what is known; fields that already say so are left alone."""
        self._view = view
        if view.examined is None or view.detector is None or view.offered is None:
            return
        card, detector = view.examined.stored.card, view.detector
        self.title.setText(card.name)
        self.facts.setText(_facts(card))
        with quietly(self.layout_choice):
            self.layout_choice.clear()
            for layout in sorted(view.offered.layouts, key=lambda one: -one.confidence):
                self.layout_choice.addItem(layout.title, layout.id)
            self.layout_choice.setCurrentIndex(self.layout_choice.findData(detector.decoder))
        self.layout_choice.setToolTip(tooltip(self.layout_choice.currentText()))
        reasons = (f"• {reason}" for reason in sentences(detector.reasons))
        self.evidence.setText("\n".join((f"Confidence {detector.confidence:.0%}:", *reasons)))
        self._show_preprocessing(detector)
        self._show_options(view.offered.choices, detector)
        self._show_labels(view.label_sets, detector)
        self.reset.setEnabled(view.overrides != ExamineView().overrides)

    def _show_preprocessing(self, detector: Detector) -> None:
        wanted = detector.preprocessing
        ranges = [(one.mean, one.scale) for one in VALUE_RANGES]
        chosen = (wanted.mean, wanted.scale)
        place = ranges.index(chosen) if chosen in ranges else len(ranges)
        with quietly(self.colors, self.resize_choice, self.pad_value, self.values):
            self.colors.setCurrentIndex(self.colors.findData(wanted.color_order))
            self.resize_choice.setCurrentIndex(self.resize_choice.findData(wanted.resize))
            self.pad_value.setValue(wanted.pad_value)
            self.values.setCurrentIndex(place)
        for edit, three in ((self.mean, wanted.mean), (self.scale, wanted.scale)):
            if numbers_in(edit.text()) != three:
                edit.setText(numbers_text(three))
        floats = wanted.element_type != "u8"
        for widget in (self.values, self.mean, self.scale):
            widget.setEnabled(floats)
            widget.setToolTip("" if floats else "The model takes integers 0..255 directly")
        self.pad_label.setVisible(wanted.resize != "stretch")
        self.pad_value.setVisible(wanted.resize != "stretch")

    def _show_options(self, choices: tuple[Choice, ...], detector: Detector) -> None:
        if choices != self._choices:
            self._choices = choices
            while self._options.rowCount():
                self._options.removeRow(0)
            self.option_fields = {}
            for choice in choices:
                field = field_for(choice)
                changed_signal(field).connect(self._on_option_changed)
                self.option_fields[choice.key] = field
                if isinstance(field, QCheckBox):
                    self._options.add_field(row_label(""), field)
                else:
                    self._options.add_field(row_label(choice.title), field)
        for choice in choices:
            value = detector.options.get(choice.key, choice.default)
            show_value(self.option_fields[choice.key], value)

    def _show_labels(self, sets: tuple[LabelSet, ...], detector: Detector) -> None:
        found = LabelSet(key="", title="As detected", names=self._view.found_names)
        offered = (found, *sets)
        with quietly(self.labels):
            self.labels.clear()
            for one in offered:
                self.labels.addItem(displayable(f"{one.title}  ({len(one.names)})"), one)
            self.labels.addItem(_FROM_FILE, None)
            names = [one.names for one in offered]
            known = names.index(detector.class_names) if detector.class_names in names else -1
            if known < 0:
                self.labels.insertItem(1, f"From the file  ({len(detector.class_names)})", found)
                known = 1
            self.labels.setCurrentIndex(known)
        self.class_names.setText(_shortened(detector.class_names))

    # What the user does

    def _on_layout_chosen(self) -> None:
        self.override_requested.emit({"layout": self.layout_choice.currentData()})

    def _on_colors_chosen(self) -> None:
        overrides = {"color_order": self.colors.currentData()}
        typed = self._view.overrides
        if typed.mean is not None and typed.scale is not None:  # they turn with the colours
            overrides |= {"mean": typed.mean[::-1], "scale": typed.scale[::-1]}
        self.override_requested.emit(overrides)

    def _on_resize_chosen(self) -> None:
        self.override_requested.emit({"resize": self.resize_choice.currentData()})

    def _on_pad_changed(self, value: int) -> None:
        self.override_requested.emit({"pad_value": value})

    def _on_values_chosen(self) -> None:
        chosen = self.values.currentData()
        if chosen is None:
            self.mean.setFocus()
            self.mean.selectAll()
        else:
            self.override_requested.emit({"mean": chosen.mean, "scale": chosen.scale})

    def _on_numbers_typed(self) -> None:
        mean, scale = numbers_in(self.mean.text()), numbers_in(self.scale.text())
        detector = self._view.detector
        if mean is None or scale is None or detector is None:
            return
        usual = detector.preprocessing
        if (mean, scale) != (usual.mean, usual.scale):
            self.override_requested.emit({"mean": mean, "scale": scale})

    def _on_labels_chosen(self) -> None:
        chosen = self.labels.currentData()
        if chosen is not None:
            self.override_requested.emit({"class_names": chosen.names if chosen.key else None})
            return
        names = ask_for_labels(self, self.labels_refused.emit)
        if names:
            self.override_requested.emit({"class_names": names})
        elif self._view.detector is not None:
            self._show_labels(self._view.label_sets, self._view.detector)

    def _on_option_changed(self) -> None:
        field = self.sender()
        assert isinstance(field, QWidget)
        self.option_requested.emit(field.property("key"), value_of(field))


def _facts(card: ModelCard) -> str:
    info = card.info
    gflops = f"{info.gflops:.2f} GFLOPs" if info.gflops is not None else "GFLOPs not known"
    parts = (FORMATS.get(info.framework, info.framework), info.precision)
    return " · ".join([*parts, megabytes(info.size_bytes, 1), gflops])


def _shortened(names: tuple[str, ...]) -> str:
    shown = displayable(", ".join(names[:_SHOWN_CLASSES]))
    return shown + (f", … ({len(names)} in all)" if len(names) > _SHOWN_CLASSES else "")
