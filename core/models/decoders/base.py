"""What an output layout has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.detector import Option, Recognition
from core.models.preprocessing import Preprocessing

if TYPE_CHECKING:
    import openvino as ov

SCORE_FLOOR = 0.01  # detections below are never kept: no threshold goes lower
MAX_DETECTIONS = 300  # of one image

Outputs = Sequence[NDArray[Any]]


class Decoder(Protocol):
    """One output layout: knows its models and reads their outputs."""

    id: str
    title: str

    def recognise(self, model: ov.Model) -> Recognition | None:
        """Why `model` has this layout, or None where it has not."""

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Mapping[str, Option],
        placement: Placement,
    ) -> Detections:
        """The detections of one image, in pixels of the original, best first.

        `outputs` are the model's outputs, in its order, for a batch of one.
        """


def image_input(model: ov.Model) -> tuple[str, int, int] | None:
    """Layout, height and width of the model's only input if that is a picture of fixed size."""
    if len(model.inputs) != 1 or model.input(0).partial_shape.is_dynamic:
        return None
    shape = list(model.input(0).shape)
    if len(shape) != 4 or shape[0] != 1:
        return None
    if shape[1] == 3:
        return "NCHW", shape[2], shape[3]
    if shape[3] == 3:
        return "NHWC", shape[1], shape[2]
    return None


def as_floats(array: NDArray[Any]) -> NDArray[np.float32]:
    """`array` as contiguous float32."""
    return np.ascontiguousarray(array, np.float32)
