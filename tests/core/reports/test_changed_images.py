"""Reports whose images were replaced or changed since: their boxes are drawn, and that is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.arrays import load_arrays, save_arrays
from core.jobs.job import RESULT_FILE
from core.predict.detecting import PARENT_DETECTIONS_FILE
from core.remarks.remark import Remark
from core.remarks.sentences import sentences
from core.reports.detections import open_pair
from core.reports.export import write_report
from core.reports.kinds import KINDS, kind_named

WITH_IMAGES = [kind.id for kind in KINDS if kind.has_images]


def own_images(report: Path, folder: Path) -> Path:
    """A copy of the images of a report, which looks for them there from now on."""
    result = json.loads((report / RESULT_FILE).read_text("utf-8"))
    root = Path(shutil.copytree(result["dataset_root"], folder / "mine"))
    (report / RESULT_FILE).write_text(json.dumps({**result, "dataset_root": str(root)}), "utf-8")
    return root


def drawn(report: Path, kind: str, folder: Path) -> tuple[list[str], str]:
    """What an export of images says besides, and the page of the same report."""
    read, problems = kind_named(kind).read(report), list[Remark]()
    folder.mkdir()
    write_report(kind_named(kind), read, "images", folder, 50, problems=problems)
    (page,) = write_report(kind_named(kind), read, "html", folder)
    return list(sentences(problems)), (folder / page).read_text("utf-8")


def worst(report: Path, kind: str) -> list[str]:
    read = kind_named(kind).read(report)
    images = kind_named(kind).images(read)
    return [images.comparison.parent.image_names[one] for one in images.chosen.tolist()]


@pytest.mark.parametrize("kind", WITH_IMAGES)
def test_it_is_said_beside_images_that_were_changed(
    reports: Path, kind: str, tmp_path: Path
) -> None:
    report = reports / kind
    root = own_images(report, tmp_path)
    before, page = drawn(report, kind, tmp_path / "before")
    assert before == []
    assert "was changed" not in page
    same_size, other_size, *_ = worst(report, kind)
    pixels = cv2.imread(str(root / same_size))
    assert pixels is not None
    height, width = pixels.shape[:2]
    (root / same_size).write_bytes(cv2.imencode(".jpg", pixels[::-1])[1].tobytes())
    small = np.zeros((30, 40, 3), np.uint8)
    (root / other_size).write_bytes(cv2.imencode(".jpg", small)[1].tobytes())
    expected = [
        f"{same_size} was changed after the report was made: boxes may not fit. Make a new report.",
        f"{other_size} was changed after the report was made: it has 40 × 30 pixels, "
        f"the boxes belong to {width} × {height}. Make a new report.",
    ]
    said, page = drawn(report, kind, tmp_path / "after")
    assert said == expected
    assert page.count("was changed after") == 2
    assert all(one in page for one in expected)


def test_an_export_in_json_names_what_its_text_names(
    reports: Path, tmp_path: Path, called: Callable[..., dict[str, Any]]
) -> None:
    report = reports / "predictions"
    root = own_images(report, tmp_path)
    changed, gone, *_ = worst(report, "predictions")
    (root / changed).write_bytes((root / changed).read_bytes() + b"\0")
    (root / gone).unlink()
    more = ("--format", "images", "--output", tmp_path / "drawn")
    first, second = called("export-report", report, *more)["problems"]
    assert (first["code"], first["facts"]) == ("image_changed", {"image": changed})
    assert (second["code"], second["facts"]["image"]) == ("image_unreadable", str(root / gone))
    page = ("--format", "html", "--output", tmp_path / "page.html")
    assert called("export-report", report, *page)["problems"] == []


def test_marks_stay_with_detections_in_files_and_none_are_needed(
    reports: Path, tmp_path: Path
) -> None:
    """A report of before, and what is so large that it stays in its files."""
    report = reports / "predictions"
    parent = kind_named("predictions").read(report).comparison.parent
    stored = open_pair(report).parent
    assert len(set(parent.image_marks.tolist())) == len(parent)
    assert stored.image_marks.tolist() == parent.image_marks.tolist()
    some = range(3, 7)
    assert stored.part(some).image_marks.tolist() == parent.part(some).image_marks.tolist()
    for file in report.glob("*.npz"):
        columns = load_arrays(file)
        save_arrays(file, {name: one for name, one in columns.items() if "marks" not in name})
    assert not any("marks" in name for name in load_arrays(report / PARENT_DETECTIONS_FILE))
    assert len(open_pair(report).parent.image_marks) == 0
    root = own_images(report, tmp_path)
    for image in filter(Path.is_file, root.rglob("*")):
        image.write_bytes(image.read_bytes() + b"\0")
    said, _ = drawn(report, "predictions", tmp_path / "drawn")
    assert said == []
