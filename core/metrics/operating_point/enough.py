"""Whether there is enough to choose thresholds by, and to judge them."""

from __future__ import annotations

from core.errors import InputError
from core.metrics.operating_point.found import Found, Mask
from core.text import counted

LEAST_IMAGES = 20
LEAST_DETECTIONS = 20  # of the parent, in either half


def require_images(images: int) -> None:
    """Raises InputError where there are fewer than `LEAST_IMAGES`."""
    if images < LEAST_IMAGES:
        raise InputError(
            f"{counted(images, 'image')} {'is' if images == 1 else 'are'} too few for an operating "
            "point: it is chosen on half of them and judged on the other half.",
            f"Use at least {LEAST_IMAGES} images; a few hundred give a figure to rely on.",
        )


def require_detections(found: Found, chosen: Mask, score: float) -> None:
    """Raises InputError where a half has too few of the parent, or the other model finds nothing.

    `chosen` is bool ``[I]``, the half that thresholds are chosen on.
    """
    counts = [int(half[found.wanted_images].sum()) for half in (chosen, ~chosen)]
    if min(counts) < LEAST_DETECTIONS:
        raise InputError(
            f"The parent has {counted(counts[0], 'detection')} of at least score {score:g} in one "
            f"half of the images and {counts[1]:,} in the other: an operating point needs at least "
            f"{LEAST_DETECTIONS} in each.",
            "Lower the score threshold, or use more images.",
        )
    if not chosen[found.images].any():
        raise InputError(
            "The optimized model finds nothing in the images that thresholds are chosen on, at any "
            "score: no threshold gives the parent's number of detections.",
            "Optimize with another plan.",
        )
