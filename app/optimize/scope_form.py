"""The ignored scope: parts of the detector, operations by name, by type, by pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.kit.boxes import down
from app.kit.fields import Form, note
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.optimize.operation_list import OperationChoice
from core.models.plan import Part, QuantizationPlan, Subgraph
from core.optimize.operations import OperationList
from core.wording.plan_choices import PARTS
from core.wording.plans import in_words, part_title

_ARROW = "->"
_LINES_HEIGHT = 58


class ScopeForm(QWidget):
    """The ignored scope of a plan: the operations that stay in float in the model."""

    changed = Signal()
    list_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[Part, QCheckBox] = {}
        self._counts: dict[Part, QLabel] = {}
        self.operations = OperationChoice()
        self.operations.changed.connect(self.changed)
        self.operations.list_requested.connect(self.list_requested)
        self.types = QLineEdit()
        self.types.setAccessibleName("Ignored types")
        self.types.setPlaceholderText("Such as Multiply, Sigmoid")
        self.types.textChanged.connect(self.changed)
        self.patterns = _lines("Ignored patterns")
        self.patterns.setPlaceholderText(r"Such as .*/head/.*  (one per line)")
        self.patterns.textChanged.connect(self.changed)
        self.subgraphs = _lines("Ignored subgraphs")
        self.subgraphs.setPlaceholderText(f"Such as Convolution_12 {_ARROW} Add_15  (one per line)")
        self.subgraphs.textChanged.connect(self.changed)
        fields = Form()
        fields.add_field("Parts", self._part_boxes())
        fields.add_field("Operations", self.operations)
        fields.add_field("Types", self.types)
        fields.add_field(
            "Patterns",
            self._with_note(self.patterns, "Regular expressions that match the start of a name."),
        )
        fields.add_field(
            "Subgraphs",
            self._with_note(
                self.subgraphs, "All operations on the paths from one operation to another."
            ),
        )
        down(fields, margins=(MARGIN, 0, 0, 0), on=self)

    def show_operations(self, listed: OperationList | None, listing: bool = False) -> None:
        """Show what there is to choose from; None while that is not known, perhaps `listing`."""
        self.operations.show_operations(listed.operations if listed else None, listing)
        for part, box in self.parts.items():
            count = len(listed.parts.get(part, ())) if listed else None
            box.setEnabled(count != 0 or box.isChecked())
            self._counts[part].setText("" if count is None else _operations(count))
            self._counts[part].setVisible(count is not None)

    def keep(self, names: Sequence[str]) -> None:
        """Add operations by name."""
        self.operations.tick((*self.operations.ticked, *names))

    def set_plan(self, plan: QuantizationPlan) -> None:
        """Show this plan's ignored scope."""
        for part, box in self.parts.items():
            box.setChecked(part in plan.ignored_parts)
        self.operations.tick(plan.ignored_names)
        self.types.setText(", ".join(plan.ignored_types))
        self.patterns.setPlainText("\n".join(plan.ignored_patterns))
        self.subgraphs.setPlainText(
            "\n".join(
                f"{', '.join(one.inputs)} {_ARROW} {', '.join(one.outputs)}"
                for one in plan.ignored_subgraphs
            )
        )

    def put_into(self, plan: QuantizationPlan) -> QuantizationPlan:
        """`plan` with what is chosen here."""
        return msgspec.structs.replace(
            plan,
            ignored_parts=tuple(part for part, box in self.parts.items() if box.isChecked()),
            ignored_names=self.operations.ticked,
            ignored_types=_split(self.types.text(), ","),
            ignored_patterns=_split(self.patterns.toPlainText(), "\n"),
            ignored_subgraphs=tuple(
                subgraph
                for line in _split(self.subgraphs.toPlainText(), "\n")
                if (subgraph := _subgraph(line)) is not None
            ),
        )

    @property
    def problem(self) -> str:
        """What cannot be read; empty where everything can."""
        for line in _split(self.subgraphs.toPlainText(), "\n"):
            if _subgraph(line) is None:
                return f"The subgraph '{displayable(line)}' is not like FIRST {_ARROW} LAST."
        return ""

    def in_words(self) -> str:
        """One line of what is chosen."""
        plan = self.put_into(QuantizationPlan())
        chosen = [
            in_words(field, value)
            for field in ("ignored_parts", "ignored_types", "ignored_names", "ignored_patterns",
                          "ignored_subgraphs")
            if (value := getattr(plan, field))
        ]  # fmt: skip
        return ", ".join(chosen) or "NNCF defaults"

    def _part_boxes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, part in enumerate(get_args(Part)):
            box = QCheckBox(part_title(part))
            box.toggled.connect(self.changed)
            meaning = note(PARTS[part][1])
            count = note()
            count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            count.setWordWrap(False)
            for column, widget in enumerate((box, meaning, count)):
                grid.addWidget(widget, row, column)
            self.parts[part], self._counts[part] = box, count
        return grid

    def _with_note(self, field: QWidget, text: str) -> QVBoxLayout:
        return down(field, note(text), spacing=4)


def _lines(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    made.setFixedHeight(_LINES_HEIGHT)
    return made


def _split(text: str, by: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(by) if part.strip()))


def _subgraph(line: str) -> Subgraph | None:
    first, arrow, last = line.partition(_ARROW)
    inputs, outputs = _split(first, ","), _split(last, ",")
    return Subgraph(inputs=inputs, outputs=outputs) if arrow and inputs and outputs else None


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count:,} operations" if count else "none here"
