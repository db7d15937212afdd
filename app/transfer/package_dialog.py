"""What a deployment package is made with: its thresholds, and what its network does itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from app.kit.boxes import across, down
from app.kit.fields import Form, combo, decimal, note, spin
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label
from core.metrics.matching.thresholds import DEFAULT_SCORE

if TYPE_CHECKING:
    from core.benchmark.recommending import Aim, Goal
    from core.deployment.inside import Where
    from core.deployment.points import ChosenPoint, OfferedPoint

_PLACES: tuple[tuple[Where, str], ...] = (
    ("outside", "Outside"),
    ("if_faster", "In the graph, where that is measured to be faster"),
    ("inside", "In the graph"),
)
_SCORE_NOTE = (
    "From which score on the package's detections count. Another can be given when it runs."
)
_PLACE_NOTE = (
    "In the graph, the network takes pixels as they are decoded. Images are still resized outside."
)
_NMS_NOTE = (
    "In the graph, the network lists boxes, scores and labels itself, as Model API reads them."
)
_NO_NMS_NOTE = "There is none to put into the graph of this model."
_AIMS: tuple[tuple[Aim | None, str], ...] = (
    (None, "As OpenVINO runs it by itself"),
    ("throughput", "Most images a second"),
    ("latency", "Shortest time of one image"),
)
_GOAL_NOTE = (
    "Streams, threads, pinning and batch are measured here; the best is written into the package."
)
_NOT_SAFE = (
    "The model's report calls it not safe: it loses too much of its parent's accuracy. A search "
    "may find a plan that does not."
)
_WIDTH = 460


@dataclass(frozen=True)
class PackageChoice:
    """What a package is made with.

    `point` is the operating point, None for the usual threshold; `preprocessing` and `nms` where
    those are done; `goal` what it is to be fast at, None for nothing that is measured.
    """

    point: ChosenPoint | None = None
    preprocessing: Where = "outside"
    nms: Where = "outside"
    goal: Goal | None = None


class PackageDialog(QDialog):
    """`chosen` carries what was chosen; with `point`, that one alone is offered.

    `has_nms` says whether there is NMS that the network could do, `not_safe` what a report calls
    the model.
    """

    chosen = Sends[PackageChoice]()

    def __init__(
        self,
        window: QWidget,
        offered: Sequence[OfferedPoint],
        point: ChosenPoint | None = None,
        *,
        has_nms: bool = True,
        not_safe: bool = False,
    ) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Make a deployment package")
        self.points = _points(offered, point)
        self.places = _choice("Preprocessing", _PLACES)
        self.nms = _choice("NMS", _PLACES)
        self.nms.setEnabled(has_nms)
        self.aims = _choice("Goal", _AIMS)
        self.limit = decimal("Limit of latency in milliseconds", 10_000, 1, suffix=" ms")
        self.limit.setSpecialValueText("no limit")
        self.free = spin(0, max(0, (os.cpu_count() or 1) - 1), "Cores left free")
        for field in (self.points, self.places, self.nms, self.aims):
            field.setMinimumWidth(_WIDTH)
        self.aims.currentIndexChanged.connect(self._on_aim_changed)
        self._on_aim_changed()
        cancel = button("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.choose = button("Choose where…", primary=True)
        self.choose.clicked.connect(self.accept)
        self.warning = label(_NOT_SAFE)
        self.warning.setVisible(not_safe)
        bottom = across(1, cancel, self.choose, spacing=GAP)
        down(self.warning, self._form(has_nms), bottom, spacing=GAP, margins=MARGIN, on=self)
        self.accepted.connect(self._on_accepted)

    def _form(self, has_nms: bool) -> Form:
        form = Form()
        form.add_field("Score threshold", down(self.points, note(_SCORE_NOTE), spacing=4))
        form.add_field("Preprocessing", down(self.places, note(_PLACE_NOTE), spacing=4))
        says = note(_NMS_NOTE if has_nms else _NO_NMS_NOTE)
        form.add_field("NMS", down(self.nms, says, spacing=4))
        form.add_field("Goal", down(self.aims, note(_GOAL_NOTE), spacing=4))
        form.add_field("Latency limit (p95)", self.limit)
        form.add_field("Cores left free", self.free)
        return form

    def _on_aim_changed(self) -> None:
        aim = self.aims.currentData()
        self.limit.setEnabled(aim == "throughput")
        self.free.setEnabled(aim is not None)

    def _goal(self) -> Goal | None:
        from core.benchmark.recommending import Goal

        aim = self.aims.currentData()
        if aim is None:
            return None
        limit = self.limit.value() if aim == "throughput" and self.limit.value() > 0 else None
        return Goal(aim=aim, most_ms=limit, cores_free=self.free.value())

    def _on_accepted(self) -> None:
        self.chosen.emit(
            PackageChoice(
                point=self.points.currentData(),
                preprocessing=self.places.currentData(),
                nms=self.nms.currentData(),
                goal=self._goal(),
            )
        )


def _points(offered: Sequence[OfferedPoint], point: ChosenPoint | None) -> QComboBox:
    made = combo("Score threshold", widest=_WIDTH)
    if point is not None:
        made.addItem("The operating point of this report", point)
        return made
    for one in offered:
        made.addItem(displayable(one.title), one.chosen)
    made.addItem(f"{DEFAULT_SCORE:g}, the usual threshold")
    return made


def _choice(name: str, titles: Sequence[tuple[object, str]]) -> QComboBox:
    made = combo(name, widest=_WIDTH)
    for value, title in titles:
        made.addItem(title, value)
    return made
