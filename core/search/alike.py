"""What must be alike for two machines to make the same candidates and to judge them alike."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError

from core.detection.detections import DetectionTable
from core.inference.settings import InferenceSettings
from core.models.stored import StoredModel
from core.parts import distribution
from core.predict.detecting import deciding
from core.predict.part_by_part import Run

_PACKAGES = ("nncf", "numpy")


def computing(parent: StoredModel, judged_on: str) -> str:
    """A hash of what decides what is made of this parent and found with it on this machine.

    The program's version, the model, OpenVINO, OpenCV, the processor and its instructions, as for
    detections; and what quantizes.
    """
    how = InferenceSettings(device=judged_on, precision_hint="f32")
    digest = deciding(Run(parent, how, ""))
    for package in _PACKAGES:
        digest.update(f"\0{package} {_version(package)}".encode())
    return digest.hexdigest()


def found(table: DetectionTable) -> str:
    """A hash of detections, whatever the images are called."""
    digest = hashlib.sha256()
    for column in (table.image_sizes, table.offsets, table.boxes, table.scores, table.class_ids):
        digest.update(f"\0{column.shape}\0".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return distribution(package).version
    except PackageNotFoundError:
        return ""
