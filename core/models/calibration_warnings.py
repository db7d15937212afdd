"""What looked odd when a model was quantized, in figures; `core.wording` makes sentences."""

from __future__ import annotations

from typing import Literal

from core.models.preprocessing import Preprocessing
from core.values import Value


class LittleMemory(Value, tag="little_memory"):
    """The work needs more memory than is free; both in bytes."""

    needed: int
    available: int


class SharedImages(Value, tag="shared_images"):
    """Calibration images that the model is going to be compared with its parent on.

    Attributes:
        calibration, comparison: names of the two datasets.
        shared: how many images of the comparison calibrate, `total` how many it has.
        examples: names of a few of them.
    """

    calibration: str
    comparison: str
    shared: int
    total: int
    examples: tuple[str, ...]


class FewImages(Value, tag="few_images"):
    """The dataset gives so few images that ranges are left to chance."""

    dataset: str
    images: int


class UniformImages(Value, tag="uniform_images"):
    """So many images are of one colour each; names of a few of them."""

    images: int
    examples: tuple[str, ...]


class OneTone(Value, tag="one_tone"):
    """All images are almost black up to, or almost white from, this grey level 0..255 on."""

    tone: Literal["black", "white"]
    level: float


class AlikeImages(Value, tag="alike_images"):
    """So many of `total` images are almost like another one; the first such pair."""

    images: int
    total: int
    example: tuple[str, str]


class NothingDetected(Value, tag="nothing_detected"):
    """The parent finds next to nothing in so many of the calibration images."""

    images: int


class OtherValuesBetter(Value, tag="other_values_better"):
    """The parent finds more with other pixel values than it is fed with.

    Attributes:
        images: how many of the calibration images it was tried on.
        own, other: how it is used, and what is better.
        own_confidence, other_confidence: steady confidence per image.
    """

    images: int
    own: Preprocessing
    other: Preprocessing
    own_confidence: float
    other_confidence: float


class MissingTypes(Value, tag="missing_types"):
    """Types of the plan's ignored scope that the model has no operation of."""

    types: tuple[str, ...]


CalibrationWarning = (
    LittleMemory
    | SharedImages
    | FewImages
    | UniformImages
    | OneTone
    | AlikeImages
    | NothingDetected
    | OtherValuesBetter
    | MissingTypes
)
