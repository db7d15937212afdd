"""How an image becomes a model's input: one definition for every job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.images.placement import Placement, letterbox, stretch
from core.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

Resize = Literal["stretch", "letterbox", "letterbox_top_left"]
LARGEST_NUMBER = 1e6  # of a mean or scale: pixels are 0..255, of 16 bits 0..65535


def in_range(key: str, numbers: Sequence[float]) -> bool:
    """Whether something is left of an image by this mean or scale."""
    smallest = 1 / LARGEST_NUMBER if key == "scale" else 0.0
    return all(smallest <= abs(number) <= LARGEST_NUMBER for number in numbers)


class Preprocessing(Value):
    """Everything that happens to the pixels before the network.

    Attributes:
        width, height: of the model's input, in pixels.
        resize: fill the input, or keep the aspect ratio with the image in the middle or top left.
        color_order: of the channels that the model expects.
        mean, scale: per channel, in the model's channel order and on pixel values 0..255: the
            model sees ``(pixel - mean) / scale``.
        pad_value: pixel value of letterbox padding.
        layout: ``NCHW`` or ``NHWC``.
        element_type: ``f32`` or ``u8``.
    """

    width: int
    height: int
    resize: Resize = "stretch"
    color_order: Literal["bgr", "rgb"] = "bgr"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    pad_value: int = 114
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    element_type: Literal["f32", "u8"] = "f32"

    def place(self, width: int, height: int) -> Placement:
        """Where an image of this size lies in the input."""
        if self.resize == "stretch":
            return stretch(width, height, self.width, self.height)
        centred = self.resize == "letterbox"
        return letterbox(width, height, self.width, self.height, centred=centred)

    def apply(self, image: Image) -> tuple[NDArray[np.generic], Placement]:
        """The input tensor of an image, with a batch of one, and where the image lies in it.

        `image` is uint8 ``[height, width, 3]`` BGR; the tensor has `layout` and `element_type`.
        """
        import numpy as np  # here, so that a window that only shows us needs neither

        placement = self.place(image.shape[1], image.shape[0])
        size = (placement.drawn_width, placement.drawn_height)
        drawn = image if size == (image.shape[1], image.shape[0]) else _resized(image, size)
        if size != (self.width, self.height):
            padded = np.full((self.height, self.width, 3), self.pad_value, np.uint8)
            left, top = int(placement.offset_x), int(placement.offset_y)
            padded[top : top + size[1], left : left + size[0]] = drawn
            drawn = padded
        kind = np.float32 if self.element_type == "f32" else np.uint8
        planar, turned = self.layout == "NCHW", self.color_order == "rgb"
        pixels: NDArray[Any]
        if planar or turned:
            pixels = np.empty((3, *drawn.shape[:2]) if planar else drawn.shape, kind)
            for channel in range(3):  # one by one: a transpose takes ten times as long
                place = 2 - channel if turned else channel
                plane = pixels[place] if planar else pixels[..., place]
                plane[...] = drawn[..., channel]
        else:
            copy = drawn is image  # the caller's, which may change
            pixels = np.asarray(drawn.astype(kind, order="C", copy=copy))
        if self.element_type == "f32":
            pixels = self._normalised(pixels)
        return pixels[None], placement

    def _normalised(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Changes `values` themselves, which are in the model's layout."""
        import numpy as np

        shape = (3, 1, 1) if self.layout == "NCHW" else (3,)
        if any(self.mean):
            values -= np.array(self.mean, np.float32).reshape(shape)
        if any(part != 1.0 for part in self.scale):
            values /= np.array(self.scale, np.float32).reshape(shape)
        return values

    def describe(self) -> str:
        """One line for the model card, such as ``BGR 0..255, 416x416, letterbox top left``."""
        resize = self.resize.replace("_", " ")
        pad = "" if self.resize == "stretch" else f" with {self.pad_value}"
        values = self.values_in_words()
        return f"{self.color_order.upper()} {values}, {self.width}x{self.height}, {resize}{pad}"

    def values_in_words(self) -> str:
        """What the model sees of pixels 0..255: ``0..255``, ``0..1``, ``-1..1``, or the numbers."""
        known = _KNOWN_RANGES.get((self.mean, self.scale))
        return known or f"mean {_numbers(self.mean)}, scale {_numbers(self.scale)}"


_KNOWN_RANGES = {
    ((0.0,) * 3, (1.0,) * 3): "0..255",
    ((0.0,) * 3, (255.0,) * 3): "0..1",
    ((127.5,) * 3, (127.5,) * 3): "-1..1",
}


def _numbers(values: tuple[float, ...]) -> str:
    return "/".join(f"{value:g}" for value in values)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    import numpy as np

    from core.images.opencv import cv2  # here, so that who gives what fits needs none

    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
