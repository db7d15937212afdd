"""All inputs of a model for one image: one definition for every job.

Besides the image some networks ask for its size or scale, to bring boxes into pixels. They
are always told those of the *input*, never of the original: boxes then come out in pixels of the
input, and one placement takes them back, whether the image was stretched or letterboxed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from core.errors import InputError
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov
    from numpy.typing import NDArray

    from core.images.placement import Placement
    from core.models.detector import Detector
    from core.models.preprocessing import Image, Preprocessing

    Tensors = list[NDArray[Any]]

Kind = Literal["size_wh", "size_hw", "image_info", "ones"]


class ExtraInput(Value):
    """An input besides the image.

    Attributes:
        index: its place among the model's inputs.
        name: its name, for the model card.
        kind: ``size_wh`` and ``size_hw``, the input's sides in pixels; ``image_info``, height,
            width and ones (scales); ``ones``, such as scale factors or a mask of valid pixels.
        shape: of the tensor.
        element_type: as NumPy calls it.
    """

    index: int
    name: str
    kind: Kind
    shape: tuple[int, ...]
    element_type: str

    def tensor(self, preprocessing: Preprocessing) -> NDArray[Any]:
        """The values, in `shape` and `element_type`."""
        import numpy as np  # here, so that a window that only reads a model's card needs none

        start = _START[self.kind](preprocessing.width, preprocessing.height)
        values = np.ones(self.shape, np.float64)
        values[..., : len(start)] = start
        return values.astype(self.element_type)


_START: dict[Kind, Callable[[int, int], tuple[int, ...]]] = {
    "size_wh": lambda width, height: (width, height),
    "size_hw": lambda width, height: (height, width),
    "image_info": lambda width, height: (height, width),
    "ones": lambda width, height: (),
}
# In this order: what the name contains, how many values it takes (None: any), what they are.
_KINDS: tuple[tuple[tuple[str, ...], int | None, Kind], ...] = (
    (("scale_factor", "scale"), None, "ones"),
    (("mask",), None, "ones"),
    (("im_shape", "image_shape", "img_shape", "input_shape"), 2, "size_hw"),
    (("size", "shape"), 2, "size_wh"),
    (("info",), None, "image_info"),
    (("",), 2, "size_wh"),
    (("",), 3, "image_info"),
)


def model_inputs(detector: Detector, image: Image) -> tuple[Tensors, Placement]:
    """The tensors of all inputs in the model's order, and where `image` lies in the image's.

    `image` is uint8 ``[height, width, 3]`` BGR.
    """
    pixels, placement = detector.preprocessing.apply(image)
    tensors: Tensors = [pixels]
    for extra in sorted(detector.extra_inputs, key=lambda one: one.index):
        tensors.insert(extra.index, extra.tensor(detector.preprocessing))
    return tensors, placement


def extra_inputs(model: ov.Model, image_index: int) -> tuple[ExtraInput, ...]:
    """The inputs besides the image; raises InputError where one's meaning is not known."""
    return tuple(
        _extra(number, port) for number, port in enumerate(model.inputs) if number != image_index
    )


def _extra(number: int, port: Any) -> ExtraInput:
    name = min(port.get_names(), key=len, default=port.get_node().get_friendly_name())
    shape = port.partial_shape
    if shape.is_static:
        sides = tuple(int(side) for side in port.shape)
        length = sides[-1] if sides else 1
        for parts, wanted, kind in _KINDS:
            if wanted in (None, length) and any(part in name.lower() for part in parts):
                return ExtraInput(
                    index=number,
                    name=name,
                    kind=kind,
                    shape=sides,
                    element_type=port.get_element_type().to_dtype().name,
                )
    raise InputError(
        f"The model has an input '{name}' {shape.to_string()} besides the image, "
        "and what belongs there is not known.",
        "Export the model with the image as its only input.",
    )
