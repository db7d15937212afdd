"""What the import dialog shows: frozen views, without a widget in sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import WorkbenchError
from core.importing.examining import Examined
from core.importing.preview_job import PreviewedImage
from core.models.adjusting import Overrides, Possibilities
from core.models.detector import Detector
from core.models.naming import LabelSet
from core.workspace.store import Project

if TYPE_CHECKING:
    from app.viewer.scene.scene import Overlay

Stage = Literal["nothing", "examining", "stopped", "refused", "known", "agreeing"]


@dataclass(frozen=True, eq=False)
class ExamineView:
    """What the dialog shows.

    Attributes:
        stage: how far it is; `examined` to `label_sets` are there from ``known`` on.
        detector: how the model is used after the overrides.
        parents: projects that the model may be an optimized version of.
        found_names: of the classes, before any override.
        problem: why the overrides cannot be, or were not taken; empty if all is well.
        valid: whether the overrides can be.
        error: why the model is refused.
    """

    stage: Stage = "nothing"
    examined: Examined | None = None
    detector: Detector | None = None
    offered: Possibilities | None = None
    label_sets: tuple[LabelSet, ...] = ()
    parents: tuple[Project, ...] = ()
    found_names: tuple[str, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    problem: str = ""
    valid: bool = True
    error: WorkbenchError | None = None


@dataclass(frozen=True, eq=False)
class ImageView:
    """An image and what is found in it.

    Attributes:
        overlay: the boxes from the score on; None while nothing is known yet.
        seen: the answer that `overlay` is from.
        current: whether it answers the newest choices.
        note: what there is to say instead of the boxes, or besides.
        waiting: the stage that the answer is waiting for.
    """

    path: Path
    position: int
    total: int
    overlay: Overlay | None = None
    seen: PreviewedImage | None = None
    seconds: float = 0.0
    current: bool = False
    note: str = ""
    waiting: str = ""


def overlay_of(seen: PreviewedImage, names: tuple[str, ...], score: float) -> Overlay:
    """The boxes of an answer from a score on; `names` may be others than those asked with."""
    from app.viewer.scene.scene import Overlay

    chosen = [
        (box, value, class_id)
        for box, value, class_id in zip(seen.boxes, seen.scores, seen.class_ids, strict=True)
        if value >= score and class_id < len(names)
    ]
    return Overlay.of_one_model(
        [box for box, _, _ in chosen],
        [names[class_id] for _, _, class_id in chosen],
        [value for _, value, _ in chosen],
        [class_id for _, _, class_id in chosen],
    )
