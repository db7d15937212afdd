"""What must be alike for two machines to quantize a model alike."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

from core.inference.settings import InferenceSettings
from core.models.stored import StoredModel
from core.parts import distribution
from core.predict.detecting import deciding
from core.predict.part_by_part import Run

_PACKAGES = ("nncf", "numpy")


def computing(parent: StoredModel, device: str) -> str:
    """A hash of what decides what is made of this parent and found with it on this machine.

    The program's version, the model, OpenVINO, OpenCV, the processor and its instructions, as for
    detections on that device; and what quantizes.
    """
    how = InferenceSettings(device=device, precision_hint="f32")
    digest = deciding(Run(parent, how, ""))
    for package in _PACKAGES:
        digest.update(f"\0{package} {_version(package)}".encode())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return distribution(package).version
    except PackageNotFoundError:
        return ""
