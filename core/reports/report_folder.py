"""What a report leaves in its folder: JSON, CSV, COCO results, one HTML file, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.detection.detections import DetectionTable
from core.metrics.comparison.comparison import Comparison
from core.predict.coco_results import coco_results
from core.reports.csv_rows import classes_csv, images_csv
from core.reports.filters import RowFilter, class_mask, image_mask
from core.reports.pictures import write_pictures
from core.values import write_bytes_whole, write_json


def write_comparison(comparison: Comparison, output: Path) -> None:
    """Tables as CSV and both models' detections as COCO results."""
    write_detections(comparison.parent, comparison.optimized, output)
    write_tables(comparison, output)


def write_detections(
    parent: DetectionTable, optimized: DetectionTable, output: Path
) -> tuple[str, ...]:
    """Both models' detections as COCO results; gives the files' names."""
    names = ("parent-detections.json", "optimized-detections.json")
    for name, table in zip(names, (parent, optimized), strict=True):
        write_json(output / name, coco_results(table))
    return names


def write_tables(
    comparison: Comparison, output: Path, chosen: RowFilter | None = None
) -> tuple[str, ...]:
    """Both tables as CSV, the rows that are chosen, if given; gives the files' names."""
    chosen = chosen or RowFilter()
    shown = image_mask(comparison, chosen), class_mask(comparison, chosen)
    write_bytes_whole(output / "images.csv", images_csv(comparison, shown[0]))
    write_bytes_whole(output / "classes.csv", classes_csv(comparison, shown[1]))
    return ("images.csv", "classes.csv")


def write_html(path: Path, document: str) -> None:
    """Write a page, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_whole(path, document.encode("utf-8", "replace"))


def write_worst_pictures(
    comparison: Comparison,
    root: Path,
    folder: Path,
    count: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[Path]:
    """The worst images with both models' boxes; gives the files."""
    return write_pictures(comparison, root, worst_of(comparison)[:count], folder, done)


def worst_of(comparison: Comparison, chosen: RowFilter | None = None) -> list[int]:
    """The images that a filter chooses, worst first; without one, those that differ."""
    rows = comparison.images
    shown = rows.damage > 0
    if chosen is not None and not chosen.empty:
        shown = image_mask(comparison, chosen)
    images: list[int] = rows.image[shown].tolist()
    return images
