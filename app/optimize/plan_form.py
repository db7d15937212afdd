"""The form of a plan: the usual choices first, the others folded away."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.kit.boxes import down
from app.kit.fields import FIELD_WIDTH, Form, note, spin
from app.kit.fold import Fold
from app.kit.theme import GAP, MARGIN
from app.optimize.choice_field import ChoiceField
from app.optimize.scope_form import ScopeForm
from core.errors import InputError
from core.models.input_size import InputSize, input_size
from core.models.plan import QuantizationPlan, Target
from core.optimize.limits import PLAN_LIMITS, plan_problem
from core.wording.plan_choices import CHOICES, PLAN_CHOICES, TITLES
from core.wording.plans import differences

_ADVANCED = tuple(field for field in PLAN_CHOICES if field != "preset")


class PlanForm(QWidget):
    """Everything of a plan but the accuracy to keep; `usual` takes more rows from outside."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.subset = spin(
            *_limits("subset_size"), TITLES["subset_size"], " images at most", widest=FIELD_WIDTH
        )
        self.subset.valueChanged.connect(self.changed)
        self.scope = ScopeForm()
        self.scope.changed.connect(self._on_scope_changed)
        self.seed = spin(*_limits("seed"), TITLES["seed"], widest=FIELD_WIDTH)
        self.seed.valueChanged.connect(self._on_advanced_changed)
        self.input_size = QLineEdit()
        self.input_size.setAccessibleName(TITLES["input_size"])
        self.input_size.setPlaceholderText("its own; or such as 320x320")
        self.input_size.setMaximumWidth(FIELD_WIDTH)
        self.input_size.textChanged.connect(self._on_advanced_changed)
        self.advanced = {field: ChoiceField(field) for field in _ADVANCED}
        self.scope_fold = Fold("Ignored scope (kept in float)", self.scope)
        self.advanced_fold = Fold("Advanced", self._advanced_form())
        self.usual = Form()
        self.usual.add_field("Subset", self.subset)
        self.usual.add_field("Preset", self._preset_choice())
        down(self.usual, self.scope_fold, self.advanced_fold, spacing=GAP, margins=0, on=self)
        self.set_plan(QuantizationPlan())
        self._on_scope_changed()
        self._on_advanced_changed()

    def set_plan(self, plan: QuantizationPlan) -> None:
        """Show this plan."""
        self.subset.setValue(plan.subset_size)
        presets = [choice.value for choice in CHOICES["preset"]]
        self.presets.button(presets.index(plan.preset)).setChecked(True)
        self.seed.setValue(plan.seed)
        self.input_size.setText("" if plan.input_size is None else str(plan.input_size))
        for field, choice in self.advanced.items():
            choice.set_value(getattr(plan, field))
        self.scope.set_plan(plan)

    def set_target(self, target: Target) -> None:
        """Show the plan for another target."""
        self.advanced["target"].set_value(target)

    def plan(self) -> QuantizationPlan:
        """The plan as it stands."""
        plan = msgspec.structs.replace(
            self._advanced_plan(),
            preset=CHOICES["preset"][self.presets.checkedId()].value,
            subset_size=self.subset.value(),
        )
        return self.scope.put_into(plan)

    def _advanced_plan(self) -> QuantizationPlan:
        """The default plan with what is chosen among the advanced fields."""
        chosen: dict[str, Any] = {field: choice.value for field, choice in self.advanced.items()}
        chosen["input_size"] = None if self._size_problem else self._size()
        return msgspec.structs.replace(QuantizationPlan(), seed=self.seed.value(), **chosen)

    def _size(self) -> InputSize | None:
        """What is written; raises InputError where it is no size."""
        text = self.input_size.text().strip()
        return input_size(text) if text else None

    @property
    def _size_problem(self) -> str:
        try:
            self._size()
        except InputError as error:
            return str(error)
        return ""

    @property
    def problem(self) -> str:
        """Why it cannot be followed; empty where it can."""
        return self.scope.problem or self._size_problem or plan_problem(self.plan())

    def _preset_choice(self) -> QVBoxLayout:
        self.presets = QButtonGroup(self)
        column = QVBoxLayout()
        column.setSpacing(4)
        for place, choice in enumerate(CHOICES["preset"]):
            radio = QRadioButton(choice.title)
            self.presets.addButton(radio, place)
            column.addWidget(radio)
            text = note(choice.text)
            text.setContentsMargins(24, 0, 0, 6)
            column.addWidget(text)
        self.presets.idToggled.connect(self.changed)
        return column

    def _advanced_form(self) -> QWidget:
        made = QWidget()
        fields = Form()
        fields.setContentsMargins(MARGIN, 0, 0, 0)
        fields.add_field("Seed", self.seed)
        fields.add_field(TITLES["input_size"], self.input_size)
        for field, choice in self.advanced.items():
            choice.changed.connect(self._on_advanced_changed)
            fields.add_field(TITLES[field], choice)
        made.setLayout(fields)
        return made

    def _on_scope_changed(self) -> None:
        self.scope_fold.summary.set_text(self.scope.in_words())
        self.changed.emit()

    def _on_advanced_changed(self) -> None:
        found = differences(self._advanced_plan())
        changes = [f"{_small(one.title)}: {_small(one.value)}" for one in found]
        self.advanced_fold.summary.set_text(", ".join(changes) or "NNCF defaults")
        self.changed.emit()


def _limits(field: str) -> tuple[int, int]:
    limits = PLAN_LIMITS[field]
    return int(limits.low), int(limits.high)


def _small(words: str) -> str:
    """In small letters, but for abbreviations such as CPU and VNNI."""
    return " ".join(one if one.isupper() else one.lower() for one in words.split(" "))
