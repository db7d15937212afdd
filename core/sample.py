"""The sample project that comes with the program."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from core.errors import WorkbenchError
from core.folders import appearing


@dataclass(frozen=True)
class Sample:
    """Where the parts of the sample lie: a model file and two folders of images."""

    model: Path
    calibration: Path
    validation: Path


def sample() -> Sample:
    """The sample; raises WorkbenchError where this installation lacks it."""
    found = sample_in(_installed())
    if not found.model.is_file():
        raise WorkbenchError(
            "This installation lacks the sample project.", "Install the program again."
        )
    return found


def sample_in(folder: Path) -> Sample:
    """The parts of a sample in this folder, whether they are there or not."""
    return Sample(
        folder / "model" / "sample-ssd.xml",
        folder / "calibration",
        folder / "validation",
    )


def copied_sample(folder: Path) -> Sample:
    """The sample, copied to `folder` where it is not there yet: an installation moves and goes.

    Takes a tenth of a second. Raises WorkbenchError where it cannot be copied.
    """
    sample()
    if not folder.exists():
        with appearing(folder) as made:
            without = shutil.ignore_patterns("*.py", "__pycache__")
            shutil.copytree(_installed(), made, ignore=without)
    found = sample_in(folder)
    for part in (found.model, found.calibration, found.validation):
        if not part.exists():
            raise WorkbenchError(
                f"{part} is missing from the copy of the sample.",
                f"Delete the folder {folder}, and open the sample again.",
            )
    return found


def _installed() -> Path:
    return Path(str(resources.files("resources"))) / "sample"
