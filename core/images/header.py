"""What an image's file says about itself: known before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.images.orientation import turned_size

MAX_PIXELS = 200_000_000  # a 16k x 12k photo fits; a 30000 x 30000 bomb does not

Format = Literal["JPEG", "PNG", "BMP", "WebP", "TIFF"]


class DamagedError(Exception):
    """A header that contradicts itself or ends too soon; says in what, in a clause."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Of one image (of a file with several: the first).

    Attributes:
        format: how it is encoded, told by its first bytes, never by its name.
        width, height: in pixels as stored, before EXIF turning.
        orientation: EXIF's 1 to 8; 1 where there is none.
        alpha: ``none``, ``straight`` or ``premultiplied``, as the decoder gives it.
        data_at: where the encoded pixels begin; of a JPEG its first scan.
        orientation_at: of a TIFF, where its orientation stands, as ``(offset, bytes)``.
        refusal: a clause saying why a well-formed file cannot be used, such as its sample type.
    """

    format: Format
    width: int
    height: int
    orientation: int = 1
    alpha: Literal["none", "straight", "premultiplied"] = "none"
    data_at: int = 0
    orientation_at: tuple[int, bytes] | None = None
    refusal: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels after EXIF turning."""
        return turned_size(self.width, self.height, self.orientation)
