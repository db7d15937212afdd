"""The sample project that comes with the program."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from core.errors import WorkbenchError


@dataclass(frozen=True)
class Sample:
    """Where the parts of the sample lie: a model file and two folders of images."""

    model: Path
    calibration: Path
    validation: Path


def sample() -> Sample:
    """The sample; raises WorkbenchError where this installation lacks it."""
    folder = Path(str(resources.files("resources"))) / "sample"
    found = Sample(
        folder / "model" / "sample-ssd.xml",
        folder / "calibration",
        folder / "validation",
    )
    if not found.model.is_file():
        raise WorkbenchError(
            "This installation lacks the sample project.", "Install the program again."
        )
    return found
