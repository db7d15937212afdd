"""What an output layout has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import Choice
from core.models.detector import Option, Recognition
from core.models.facts import Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import Remark, remark

SCORE_FLOOR = 0.01  # detections below are never kept: no threshold goes lower
MAX_DETECTIONS = 300  # of one image

Outputs = Sequence[NDArray[Any]]
Options = Mapping[str, Option]
Floats = NDArray[np.float32]


class Decoder(Protocol):
    """One output layout: knows its models and reads their outputs."""

    id: str
    title: str
    choices: tuple[Choice, ...] = ()  # options of this layout that a user may override

    def recognise(self, facts: Facts) -> Recognition | None:
        """Why the network has this layout, or None where it has not."""

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """The claim, with what the values of one run tell about it (scales, logits)."""
        return claim

    def score_rows(self, outputs: Outputs, claim: Recognition) -> tuple[Floats, int] | None:
        """For layouts of rows cx cy w h ...: ``[N,L]``, and where the classes' scores begin."""
        return None

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The detections of one image, in pixels of the original, best first.

        `outputs` are the model's outputs, in its order, for a batch of one.
        """


def usual_input(
    models: str, colors: str, values: str, resize: str = "unknown", *, pad: int = 114
) -> Remark:
    """How pixels usually come into `models` ("": those of the layout), as evidence.

    `values` and `resize` are words of `core.remarks.of_outputs`.
    """
    return remark(
        "usual_input", models=models, colors=colors, values=values, resize=resize, pad=pad
    )


def as_floats(array: NDArray[Any]) -> Floats:
    """`array` as contiguous float32."""
    return np.ascontiguousarray(array, np.float32)
