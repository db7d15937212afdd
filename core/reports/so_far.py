"""What is said of figures that are of some images until all are computed."""

from __future__ import annotations


def estimate_note(images: int, of: int) -> str:
    """What stands before figures that are estimates so far."""
    return f"Estimate from {images:,} of {of:,} images; the exact figures are being computed."


def so_far(said: str, images: int, of: int) -> str:
    """What is said of figures that are of some images until the rest is computed."""
    share = f"o far of {images:,} of {of:,} images"
    return f"{said} S{share}." if said.endswith(".") else f"{said}; s{share}"
