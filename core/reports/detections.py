"""The detections and the ground truth that reports keep, read back and checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.metrics.accuracy.truth import GroundTruth
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE

TRUTH_FILE = "truth.npz"


def load_tables(folder: Path) -> tuple[DetectionTable, DetectionTable]:
    """The parent's detections and the optimized model's, of the same images and classes.

    Raises WorkbenchError, which names the file, where one is missing or damaged.
    """
    path = folder / PARENT_DETECTIONS_FILE
    parent = DetectionTable.load(path)
    _require_inside(parent.image_names, path)
    path = folder / OPTIMIZED_DETECTIONS_FILE
    return parent, _alike(DetectionTable.load(path), parent, path)


def load_truth(folder: Path, parent: DetectionTable) -> GroundTruth:
    """The ground truth, of the images and classes of `parent`; raises as `load_tables` does."""
    path = folder / TRUTH_FILE
    truth = GroundTruth.load(path)
    table, ignored = (_alike(one, parent, path) for one in (truth.table, truth.ignored))
    lengths = len(truth.areas), len(truth.ignored_areas), len(truth.mapped)
    if lengths != (len(table.scores), len(ignored.scores), len(parent.class_names)):
        raise _damaged(path, "its columns are not of one length")
    return replace(truth, table=table, ignored=ignored)


def truth_if_kept(folder: Path, parent: DetectionTable) -> GroundTruth | None:
    """As `load_truth`; None where the dataset had none that could be used."""
    return load_truth(folder, parent) if (folder / TRUTH_FILE).is_file() else None


def _alike(table: DetectionTable, parent: DetectionTable, path: Path) -> DetectionTable:
    """The table, whose names, a hundred thousand perhaps, are held once."""
    if (table.image_names, table.class_names) != (parent.image_names, parent.class_names):
        raise _damaged(path, f"it is of other images or classes than {PARENT_DETECTIONS_FILE}")
    return replace(table, image_names=parent.image_names, class_names=parent.class_names)


def _require_inside(names: tuple[str, ...], file: Path) -> None:
    """No image that a stranger's file names may lie outside the dataset's folder."""
    for name in names:
        if ".." in name or ":" in name or name[:1] in ("/", "\\"):  # few are looked at closely
            path = Path(name)
            if path.is_absolute() or path.drive or ".." in path.parts:
                raise _damaged(file, f"it names an image outside the dataset, {name}")


def _damaged(path: Path, reason: str) -> WorkbenchError:
    return WorkbenchError(f"{path} is damaged: {reason}.", "Make the report again.")
