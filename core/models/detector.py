"""How a network is used as a detector: what the import found out, and every job relies on."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.models.inputs import ExtraInput
from core.models.preprocessing import Preprocessing
from core.remarks.remark import Remark
from core.values import Value

Option = float | int | str | bool
Unsure = Literal["values", "colors", "resize"]


class Recognition(Value):
    """A decoder's claim to a model's outputs.

    Attributes:
        confidence: 0..1; the decoder with the highest one gets the model.
        reasons: the evidence.
        preprocessing: what models of this layout usually expect.
        class_count: number of classes, background left out.
        options: settings of the decoder, such as which label is the first class.
        unsure: what of the preprocessing the file does not tell, so that images must:
            ``values``, ``colors``, ``resize``.
    """

    confidence: float
    reasons: tuple[Remark, ...]
    preprocessing: Preprocessing
    class_count: int
    options: dict[str, Option] = msgspec.field(default_factory=dict)
    unsure: tuple[Unsure, ...] = ()


class Detector(Value):
    """How images go in and detections come out.

    Attributes:
        decoder: id of the output layout's decoder.
        options: settings of that decoder.
        preprocessing: how an image becomes the input.
        class_names: one for each class id.
        confidence: 0..1, how sure the recognition is.
        reasons: why the program believes all this.
        extra_inputs: what the model asks for besides the image.
        class_count: classes that the network tells of; 0 where it does not.
    """

    decoder: str
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    options: dict[str, Option] = msgspec.field(default_factory=dict)
    confidence: float = 1.0
    reasons: tuple[Remark, ...] = ()
    extra_inputs: tuple[ExtraInput, ...] = ()
    class_count: int = 0
