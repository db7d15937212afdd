"""What a report leaves in its folder: JSON, CSV, COCO results, one HTML file, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.accuracy.comparison import Comparison
from core.export.coco import coco_results
from core.export.csv_rows import classes_csv, images_csv
from core.export.pictures import write_pictures
from core.export.prediction_page import Compared, prediction_page
from core.values import write_bytes_whole, write_json


def write_comparison(comparison: Comparison, output: Path) -> None:
    """Tables as CSV and both models' detections as COCO results."""
    write_json(output / "parent-detections.json", coco_results(comparison.parent))
    write_json(output / "optimized-detections.json", coco_results(comparison.optimized))
    write_bytes_whole(output / "images.csv", images_csv(comparison))
    write_bytes_whole(output / "classes.csv", classes_csv(comparison))


def write_html(path: Path, document: str) -> None:
    """Write a page, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_whole(path, document.encode("utf-8", "replace"))


def write_comparison_html(comparison: Comparison, compared: Compared, path: Path) -> None:
    """The comparison as one self-contained file."""
    write_html(path, prediction_page(comparison, compared))


def write_worst_pictures(
    comparison: Comparison,
    root: Path,
    folder: Path,
    count: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[Path]:
    """The worst images with both models' boxes; gives the files."""
    rows = comparison.images
    chosen = rows.image[np.flatnonzero(rows.damage > 0)[:count]].tolist()
    return write_pictures(comparison, root, chosen, folder, done)
