"""The detections and the ground truth that reports keep, read back and checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.detection.detections import DetectionTable
from core.detection.stored_table import StoredTable
from core.errors import WorkbenchError
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.stored_pair import StoredPair
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE

TRUTH_FILE = "truth.npz"
LARGE_BYTES = 50_000_000
"""Both models' detections beyond this, some 50 000 images of 20 each, are never all in memory."""


def load_tables(folder: Path) -> tuple[DetectionTable, DetectionTable]:
    """The parent's detections and the optimized model's, of the same images and classes.

    Raises WorkbenchError, which names the file, where one is missing or damaged.
    """
    path = folder / PARENT_DETECTIONS_FILE
    parent = DetectionTable.load(path)
    _require_inside(parent.image_names, path)
    path = folder / OPTIMIZED_DETECTIONS_FILE
    return parent, _alike(DetectionTable.load(path), parent, path)


def are_large(folder: Path) -> bool:
    """Whether the detections stay in their files when the report is looked at."""
    files = (folder / name for name in (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE))
    return sum(file.stat().st_size for file in files if file.is_file()) > LARGE_BYTES


def open_pair(folder: Path) -> StoredPair:
    """As `load_tables`, of detections that stay in their files; raises as that does."""
    parent = StoredTable.open(folder / PARENT_DETECTIONS_FILE)
    _require_inside(parent.image_names, parent.path)
    optimized = StoredTable.open(folder / OPTIMIZED_DETECTIONS_FILE, alike=parent)
    _require_alike(optimized, parent, optimized.path)
    return StoredPair(parent, optimized)


def open_truth(folder: Path, pair: StoredPair) -> StoredTruth | None:
    """As `truth_if_kept`, of a ground truth that stays in its file."""
    path = folder / TRUTH_FILE
    if not path.is_file():
        return None
    truth = StoredTruth.open(path, pair.parent)
    for one in (truth.table, truth.ignored):
        _require_alike(one, pair.parent, path)
    return truth


def load_truth(folder: Path, parent: DetectionTable | StoredTable) -> GroundTruth:
    """The ground truth, of the images and classes of `parent`; raises as `load_tables` does."""
    path = folder / TRUTH_FILE
    truth = GroundTruth.load(path)
    table, ignored = (_alike(one, parent, path) for one in (truth.table, truth.ignored))
    lengths = len(truth.areas), len(truth.ignored_areas), len(truth.mapped)
    if lengths != (len(table.scores), len(ignored.scores), len(parent.class_names)):
        raise _damaged(path, "its columns are not of one length")
    return replace(truth, table=table, ignored=ignored)


def truth_if_kept(folder: Path, parent: DetectionTable | StoredTable) -> GroundTruth | None:
    """As `load_truth`; None where the dataset had none that could be used."""
    return load_truth(folder, parent) if (folder / TRUTH_FILE).is_file() else None


def _alike(
    table: DetectionTable, parent: DetectionTable | StoredTable, path: Path
) -> DetectionTable:
    """The table, whose names, a hundred thousand perhaps, are held once."""
    _require_alike(table, parent, path)
    return replace(table, image_names=parent.image_names, class_names=parent.class_names)


def _require_alike(
    table: DetectionTable | StoredTable, parent: DetectionTable | StoredTable, path: Path
) -> None:
    if (table.image_names, table.class_names) != (parent.image_names, parent.class_names):
        raise _damaged(path, f"it is of other images or classes than {PARENT_DETECTIONS_FILE}")


def _require_inside(names: tuple[str, ...], file: Path) -> None:
    """No image that a stranger's file names may lie outside the dataset's folder."""
    for name in names:
        if ".." in name or ":" in name or name[:1] in ("/", "\\"):  # few are looked at closely
            path = Path(name)
            if path.is_absolute() or path.drive or ".." in path.parts:
                raise _damaged(file, f"it names an image outside the dataset, {name}")


def _damaged(path: Path, reason: str) -> WorkbenchError:
    return WorkbenchError(f"{path} is damaged: {reason}.", "Make the report again.")
