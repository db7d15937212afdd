"""What the columns of the report tables are called, hold, and mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a column is shown and sorted."""

    NAME = "name"
    COUNT = "count"
    RATIO = "ratio"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: as in the header.
        meaning: the header's tooltip: what it is, and its formula.
    """

    title: str
    kind: Kind
    meaning: str


_IMAGE = Column("Image Name", Kind.NAME, "The image file, with its folder below the dataset's.")
_MATCHES = Column(
    "Matches between A and B",
    Kind.COUNT,
    "Pairs of one A and one B of the same class whose overlap, IoU = intersection / union,\n"
    "reaches the IoU threshold. By falling score, each A takes the free B that it overlaps most.",
)
_MISSED = Column("Missed", Kind.COUNT, "Found by the parent only, not even as another class.")
_EXTRA = Column(
    "Extra", Kind.COUNT, "Found by the optimized model only, not even as another class."
)
_CHANGED = Column(
    "Class changed",
    Kind.COUNT,
    "Boxes that both models found in one place, by different classes.",
)
_SHIFTED = Column(
    "Shifted",
    Kind.COUNT,
    "Matches whose IoU lies below the bar that is set for a shift. They are matches all the same.",
)
_DRIFTED = Column(
    "Score drift",
    Kind.COUNT,
    "Matches whose two scores differ by more than the bar that is set. They are matches all the\n"
    "same.",
)

IMAGE_COLUMNS = (
    _IMAGE,
    Column(
        "A. Optimized Model Detections",
        Kind.COUNT,
        "Boxes of the optimized model with at least the score threshold.",
    ),
    Column(
        "B. Parent Model Detections",
        Kind.COUNT,
        "Boxes of the parent with at least the score threshold.",
    ),
    _MATCHES,
    _MISSED,
    _EXTRA,
    _CHANGED,
    _SHIFTED,
    _DRIFTED,
)

TRUTH_COLUMNS = (
    _IMAGE,
    Column("Detections", Kind.COUNT, "Boxes of the model with at least the score threshold."),
    Column("Objects", Kind.COUNT, "Marked by people."),
    Column(
        "Found",
        Kind.COUNT,
        "Objects with a box of their class whose overlap reaches the IoU threshold.",
    ),
    Column(
        "Missed", Kind.COUNT, "Objects that the model does not find, not even as another class."
    ),
    Column("Wrong", Kind.COUNT, "Boxes of the model where there is no such object."),
    Column("Wrong class", Kind.COUNT, "Objects that the model finds as another class."),
)

CLASS_COLUMNS = (
    _IMAGE,
    Column(
        "Class Predicted by Optimized Model",
        Kind.NAME,
        "The class of this row. Classes that only the parent found have rows too: A is 0 there.",
    ),
    Column(
        "A. Optimized Model Detections of Predicted Class",
        Kind.COUNT,
        "Boxes of the optimized model of this class with at least the score threshold.",
    ),
    Column(
        "B. Parent Model Detections of Predicted Class",
        Kind.COUNT,
        "Boxes of the parent of this class with at least the score threshold.",
    ),
    _MATCHES,
    Column(
        "Predicted Class Precision",
        Kind.RATIO,
        "AP@[.50:.95] of this image and class with the parent as ground truth: the mean, over\n"
        "the IoU thresholds .50, .55, … .95, of the precision at 101 recalls from 0 to 1.\n"
        "One box against one box reads 0.7 where 0.80 ≤ IoU < 0.85.",
    ),
    Column(
        "Predicted Class Average Precision",
        Kind.RATIO,
        "AP@.50 of this image and class with the parent as ground truth: the area under the\n"
        "curve of precision over recall where matches need an IoU of .50.",
    ),
    _MISSED,
    _EXTRA,
    _CHANGED,
    _SHIFTED,
    _DRIFTED,
)
