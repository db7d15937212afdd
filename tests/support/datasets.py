"""Small datasets of every format, written to disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.images import write_image

WIDTH, HEIGHT = 100, 80
Box = tuple[str, float, float, float, float]  # class, then x1 y1 x2 y2 in pixels
NAMES = ("cat", "dog")
# What the functions below write: the first image has two boxes, the second none.
TRUTH: dict[str, list[Box]] = {
    "a b.jpg": [("dog", 10, 20, 30, 60), ("cat", 0, 0, 50, 40)],
    "ünï 猫.png": [],
    "sub/c.jpg": [("cat", 40, 40, 100, 80)],
}


def write_sample_images(root: Path, truth: dict[str, list[Box]] = TRUTH) -> None:
    """The images alone."""
    for seed, name in enumerate(truth):
        write_image(root / name, WIDTH, HEIGHT, seed)


def coco_dict(truth: dict[str, list[Box]] = TRUTH, first_category: int = 0) -> dict[str, Any]:
    """The content of a COCO file, with category ids ``first_category``, ``first_category + 7``."""
    ids = {name: first_category + 7 * number for number, name in enumerate(NAMES)}
    rows = [(image, box) for image, boxes in enumerate(truth.values()) for box in boxes]
    return {
        "info": {"year": 2026},
        "licenses": [],
        "images": [
            {"id": 10 * n, "file_name": name, "width": WIDTH, "height": HEIGHT}
            for n, name in enumerate(truth)
        ],
        "annotations": [
            {
                "id": number,
                "image_id": 10 * image,
                "category_id": ids[name],
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "area": (x2 - x1) * (y2 - y1) / 2,
                "iscrowd": 0,
                "segmentation": [[x1, y1, x2, y1, x2, y2]],
            }
            for number, (image, (name, x1, y1, x2, y2)) in enumerate(rows)
        ],
        "categories": [{"id": ids[name], "name": name, "supercategory": ""} for name in NAMES],
    }


def write_coco(folder: Path, split: str = "val2017", content: Any = None) -> Path:
    """The official layout."""
    write_sample_images(folder / split)
    path = folder / "annotations" / f"instances_{split}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_dict() if content is None else content), "utf-8")
    return folder


def voc_xml(boxes: list[Box], width: int = WIDTH, height: int = HEIGHT, more: str = "") -> str:
    """An annotation file; VOC counts pixels from 1."""
    objects = "".join(
        f"<object><name>{name}</name><difficult>0</difficult><bndbox><xmin>{x1 + 1}</xmin>"
        f"<ymin>{y1 + 1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>{more}</object>"
        for name, x1, y1, x2, y2 in boxes
    )
    return (
        f"<annotation><size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"{objects}</annotation>"
    )


def write_voc(folder: Path, sets: dict[str, list[str]] | None = None) -> Path:
    """The official layout; `sets` are splits with the names of their images."""
    write_sample_images(folder / "JPEGImages")
    for name, boxes in TRUTH.items():
        path = (folder / "Annotations" / name).with_suffix(".xml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(voc_xml(boxes), "utf-8")
    for split, names in (sets or {}).items():
        listed = folder / "ImageSets" / "Main" / f"{split}.txt"
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_text("\n".join(names) + "\n", "utf-8")
    return folder


def yolo_rows(boxes: list[Box]) -> str:
    """A label file."""
    rows = [
        (NAMES.index(name), (x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT, (x2 - x1) / WIDTH,
         (y2 - y1) / HEIGHT)
        for name, x1, y1, x2, y2 in boxes
    ]  # fmt: skip
    return "".join(" ".join(map(str, row)) + "\n" for row in rows)


def write_yolo(images: Path, labels: Path) -> None:
    """Images in one folder and label files in another."""
    write_sample_images(images)
    for name, boxes in TRUTH.items():
        path = (labels / name).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yolo_rows(boxes), "utf-8")


def write_open_images(folder: Path, split: str = "validation") -> Path:
    """The official layout; the first box is around a group."""
    write_sample_images(folder / split)
    head = "ImageID,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsGroupOf"
    rows = [
        f"{Path(image).stem},/m/{name},1,{x1 / WIDTH},{x2 / WIDTH},{y1 / HEIGHT},{y2 / HEIGHT},0,"
        f"{int(name == 'dog')}"
        for image, boxes in TRUTH.items()
        for name, x1, y1, x2, y2 in boxes
    ]
    text = "\n".join([head, *rows, "unknown,/m/cat,1,0,1,0,1,0,0", ""])
    (folder / f"{split}-annotations-bbox.csv").write_text(text, "utf-8")
    names = "".join(f"/m/{name},{name}\n" for name in NAMES)
    (folder / "class-descriptions-boxable.csv").write_text(names, "utf-8")
    return folder
