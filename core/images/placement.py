"""Where an image lies in a model's input, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Placement:
    """The affine map ``input = original * scale + offset``, in pixels, x and y apart.

    `original_width` and `original_height` are those of the image after EXIF turning.
    """

    original_width: int
    original_height: int
    scale_x: float
    scale_y: float
    offset_x: float = 0.0
    offset_y: float = 0.0

    @property
    def drawn_width(self) -> int:
        """Width in pixels that the image takes in the model's input."""
        return max(1, round(self.original_width * self.scale_x))

    @property
    def drawn_height(self) -> int:
        """Height in pixels that the image takes in the model's input."""
        return max(1, round(self.original_height * self.scale_y))

    def to_original(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes ``[N,4]`` xyxy from input pixels to pixels of the original, clipped to it."""
        import numpy as np  # here, so that a window that only reads a model's card needs none

        offset = np.array([self.offset_x, self.offset_y] * 2, np.float32)
        scale = np.array([self.scale_x, self.scale_y] * 2, np.float32)
        limit = np.array([self.original_width, self.original_height] * 2, np.float32)
        moved = (boxes - offset) / scale
        return np.asarray(np.clip(moved, 0, limit), np.float32)


def stretch(width: int, height: int, input_width: int, input_height: int) -> Placement:
    """The image fills the input; its aspect ratio is lost."""
    return Placement(width, height, input_width / width, input_height / height)


def letterbox(
    width: int, height: int, input_width: int, input_height: int, *, centred: bool
) -> Placement:
    """The image keeps its aspect ratio; the rest is padding, around it or right and below."""
    scale = min(input_width / width, input_height / height)
    left = top = 0
    if centred:
        left = (input_width - max(1, round(width * scale))) // 2
        top = (input_height - max(1, round(height * scale))) // 2
    return Placement(width, height, scale, scale, float(left), float(top))
