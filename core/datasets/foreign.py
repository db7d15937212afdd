"""Annotations in formats that are not read, so that they can be called by their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from core.datasets.coco_file import looks_like_coco
from core.datasets.createml import looks_like_createml
from core.datasets.cvat import looks_like_cvat
from core.datasets.reading import text_start
from core.datasets.tables import looks_like_table
from core.datasets.voc import looks_like_voc
from core.datasets.yolo_rows import numbers_of

READ = "COCO, Pascal VOC, YOLO, Open Images, CreateML, CVAT XML, or a table (CSV)"

# Words of which all must be there, in this order of kinds: the more special first.
_JSON = (
    ("LabelMe file", ('"shapes"', '"imagePath"')),
    ("LabelMe file", ('"shapes"', '"imageData"')),
    ("Datumaro file", ('"dm_format_version"',)),
    ("Datumaro file", ('"items"', '"categories"', '"label_id"')),
    ("Datumaro file", ('"items"', '"categories"', '"infos"')),
    ("Datumaro file", ('"categories"', '"label": {"labels"')),
    ("Datumaro file", ('"categories"', '"label":{"labels"')),
    ("VoTT file", ('"asset"', '"regions"')),
    ("VoTT file", ('"visitedFrames"',)),
    ("VoTT file", ('"assets"', '"tags"')),
    ("VIA file", ('"_via_',)),
    ("VIA file", ('"regions"', '"file_attributes"')),
    ("VIA file", ('"shape_attributes"',)),
    ("Label Studio export", ('"from_name"', '"to_name"')),
    ("Label Studio export", ('"completed_by"',)),
    ("Label Studio export", ('"rectanglelabels"',)),
    ("Supervisely file", ('"classTitle"',)),
    ("Supervisely file", ('"classes"', '"shape"', '"tags"')),
    ("BDD100K or Scalabel file", ('"box2d"',)),
    ("Labelbox export", ('"data_row"',)),
    ("Labelbox export", ('"DataRow ID"',)),
    ("SageMaker manifest", ('"source-ref"',)),
    ("Cityscapes file", ('"imgHeight"', '"polygon"')),
    ("V7 Darwin file", ('"bounding_box"', '"slots"')),
    ("V7 Darwin file", ('"bounding_box"', '"dataset"')),
    ("file of COCO captions", ('"caption"',)),
    ("file of COCO panoptic segments", ('"segments_info"',)),
    ("file of COCO detections, which are not ground truth,", ('"image_id"', '"score"', '"bbox"')),
    ("file of COCO key points without boxes", ('"keypoints"',)),
    ("JSON Lines file", ('"file_name"', '"objects"')),
)
_BOXES = re.compile(
    r'"(?:bbox|bounding_?box|boxes|box|xmin|x_min|rectangle|polygon|annotations?|objects)"',
    re.IGNORECASE,
)
_XML_BOXES = re.compile(r"<(?:\w+:)?(?:object|box|bndbox)\b", re.IGNORECASE)
_KITTI = re.compile(r"[A-Za-z][\w-]* -?[\d.]+ -?\d+(?: -?[\d.]+(?:e-?\d+)?){12,13}\s*")
_NAMED = re.compile(r"[A-Za-z][\w -]*? (?:[01]?\.\d+|[01]) (?:[01]?\.\d+ ?){3}\s*")
_DOTA = re.compile(r"(?:-?[\d.]+ ){8}[A-Za-z][\w-]*(?: [0-2])?\s*")
_WIDER = re.compile(r"\S.*\.(?:jpe?g|png)\s?\r?\n\s?\d+\s?\r?\n\s?(?:-?\d+ ){4,}", re.IGNORECASE)
_KERAS = re.compile(r"\S+\.(?:jpe?g|png)(?: \d+,\d+,\d+,\d+,\d+)+\s*", re.IGNORECASE)
_MOT = re.compile(r"\d+, ?-?\d+(?:, ?-?[\d.]+){4,8}\s*")


def kind_of_file(path: Path) -> str:
    """What annotations a text file holds, such as ``LabelMe file``; "" where it holds none.

    Also those that are read, of other images: nothing of them fits the images that are there.
    """
    kind = _KINDS.get(path.suffix.lower())
    return kind(path) if kind else ""


def _json(path: Path) -> str:
    start = text_start(path)
    for name, words in _JSON:
        if all(word in start for word in words):
            return name
    if looks_like_coco(path):
        return "COCO file that does not fit the images"
    if looks_like_createml(path):
        return "CreateML file that does not fit the images"
    return "JSON file of an unknown format" if _BOXES.search(start) else ""


def _xml(path: Path) -> str:
    start = text_start(path, 8192)
    if looks_like_cvat(path):
        return "CVAT file that does not fit the images"
    if looks_like_voc(path):
        return "Pascal VOC file whose name does not match an image"
    if "<dataset>" in start and "<image file=" in start:
        return "dlib file"
    if "<ViperGT" in start or "<viper" in start:
        return "ViPER file"
    return "XML file of an unknown format" if _XML_BOXES.search(start) else ""


def _table(path: Path) -> str:
    start = text_start(path, 8192)
    if "region_shape_attributes" in start:
        return "VIA file"
    if looks_like_table(path):
        return "table whose names do not match the images"
    first = start.splitlines()[:1]
    columns = {word.strip("\"' ").lower() for word in re.split("[,;\t]", "".join(first))}
    boxes = {"xmin", "x_min", "x1", "bbox", "bbox_x", "left", "xcenter"}
    if columns & boxes or _MOT.fullmatch("".join(first)) or start.startswith(("TRAIN", "UNASS")):
        return "table of an unknown format"
    return ""


def _text(path: Path) -> str:
    start = text_start(path, 4096)
    lines = [line for line in start.splitlines() if line.strip()][:1]
    line = lines[0] if lines else ""
    for kind, found in (
        ("KITTI file", _KITTI.fullmatch(line)),
        ("DOTA file", _DOTA.fullmatch(line) or line.startswith("imagesource:")),
        ("WIDER FACE file", _WIDER.match(start)),
        ("list of images with boxes", _KERAS.fullmatch(line)),
        ("MOT file", _MOT.fullmatch(line)),
        ("YOLO file with names in place of numbers", _NAMED.fullmatch(line)),
        ("YOLO file whose name does not match an image", numbers_of(line.encode())),
    ):
        if found:
            return kind
    return ""


def _described(path: Path) -> str:
    start = text_start(path)
    return "Datumaro file" if "dm_format_version" in start else ""


_KINDS: dict[str, Callable[[Path], str]] = {
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".manifest", ".vott"), _json),
    ".xml": _xml,
    **dict.fromkeys((".csv", ".tsv"), _table),
    ".txt": _text,
    **dict.fromkeys((".yaml", ".yml"), _described),
}
