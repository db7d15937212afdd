"""Images that calibrate, where a user has said nothing of them."""

from __future__ import annotations

from pathlib import Path

_NAMES = ("train2017", "train", "calibration", "training")


def calibration_beside(validation: Path) -> Path | None:
    """A folder of training images beside a folder of validation images, if there is one."""
    for name in _NAMES:
        for beside in (validation.parent / name, validation.parent.parent / name):
            if beside.is_dir() and beside != validation:
                return beside
    return None
