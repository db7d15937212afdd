"""Images as the bytes of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FINE_QUALITY = 95  # of JPEG: what is lost does not change what a detector finds


def jpeg(image: NDArray[np.uint8], quality: int = FINE_QUALITY) -> bytes:
    """A BGR image ``[height, width, 3]`` as a JPEG file."""
    from core.images.opencv import cv2

    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data.tobytes())
