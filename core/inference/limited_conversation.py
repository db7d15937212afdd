"""What a detecting process with limited instructions is asked and says: a JSON line each."""

from __future__ import annotations

from pathlib import Path

from core.datasets.dataset import Dataset
from core.inference.settings import Arithmetic, Executed, InferenceSettings
from core.models.detector import Detector
from core.remarks.remark import Remark
from core.values import Value


class Detect(Value, tag="detect"):
    """Run a stored model over a dataset, and leave the detections in the file `table`."""

    xml: Path
    detector: Detector
    dataset: Dataset
    settings: InferenceSettings
    table: Path


class Standing(Value, tag="standing"):
    """It is there, and computes INT8 sums so; the first thing that it says."""

    arithmetic: Arithmetic


class Images(Value, tag="images"):
    """So many images are done."""

    done: int


class Detected(Value, tag="detected"):
    """The table is there; the rest is as in `core.inference.predicting.Prediction`."""

    executed: Executed
    problems: tuple[Remark, ...]


class Refused(Value, tag="refused"):
    """It cannot be done: the error, and whether it is of the user's input."""

    what: str
    next_step: str
    refused_input: bool = False


Answer = Standing | Images | Detected | Refused
