"""What is said of figures that are of some images until all are computed."""

from __future__ import annotations


def estimate_note(images: int, of: int) -> str:
    """What stands before figures that are estimates so far."""
    return f"Estimate from {images:,} of {of:,} images; the exact figures are being computed."


def so_far(images: int, of: int) -> str:
    """What follows figures that are of some images until the rest is computed."""
    return f"; so far of {images:,} of {of:,} images"
