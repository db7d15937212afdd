"""A large COCO file is read some entries at a time, and says what a small one says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets import coco_file, json_pieces
from core.datasets.annotations import Annotations
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import WorkbenchError
from core.remarks.sentences import sentences
from tests.support.images import write_images

RUNS = {"size": [20, 10], "counts": [0, 5, 195]}


def document() -> dict[str, Any]:
    random = np.random.default_rng(7)
    images = [
        {"id": 100 - n, "file_name": f"image {n:03}.jpg", "width": 64, "height": 48}
        for n in range(12)
    ]
    objects: list[dict[str, Any]] = []
    for number in range(90):
        left, top, width, height = random.uniform(0, 30, 4).round(2).tolist()
        one = {"id": number, "image_id": 100 - number % 12, "category_id": 1 + number % 3}
        objects.append(one | {"bbox": [left, top, width, height]})
        if number % 5 == 0:
            objects[-1]["area"] = float(number)
    objects[3] |= {"iscrowd": 1, "segmentation": RUNS}
    objects[4] |= {"iscrowd": 1, "segmentation": {"size": [1, 2], "counts": "abc"}}
    objects[5].pop("bbox")
    objects[6] |= {"bbox": None, "segmentation": [[1, 2, 30, 2, 30, 40]]}
    objects[7]["bbox"] = [1, 2, 3]
    objects[8]["image_id"] = 7777
    objects[9]["image_id"] = 8888
    objects[10]["category_id"] = 99
    objects[11]["bbox"] = [1, 2, None, 4]
    objects[12]["bbox"] = [50, 30, 300, 300]
    objects[13]["bbox"] = [1, 2, 0, 4]
    categories = [{"id": n, "name": name} for n, name in ((2, "dog"), (1, "cat"), (3, 'a "b"'))]
    whole = {"info": {"year": 2017}, "images": images, "annotations": objects}
    return whole | {"categories": categories}


def texts() -> dict[str, str]:
    whole = document()
    turned = dict(reversed(list(whole.items())))
    quoted = json.loads(json.dumps(whole))
    for one in quoted["annotations"]:
        one["image_id"], one["bbox"] = str(one["image_id"]), [str(1), *(one.get("bbox") or [])[1:]]
    alone = {name: whole[name] for name in ("images", "annotations")}
    no_images = {name: whole[name] for name in ("annotations", "categories")}
    bad = json.loads(json.dumps(whole))
    bad["annotations"][77]["bbox"] = {"a": 1}
    dump = json.dumps
    return {
        "as it is": dump(whole),
        "indented": dump(whole, indent=1),
        "turned round": dump(turned),
        "numbers as texts": dump(quoted),
        "NaN": dump(whole).replace("null", "NaN").replace('"area": 5.0', '"area": Infinity'),
        "without categories": dump(alone),
        "no boxes": dump({"images": whole["images"], "annotations": [{"image_id": 1}]}),
        "no images": dump(no_images),
        "images as a group": dump(whole | {"images": {"a": 1}}),
        "annotations are nothing": dump(whole | {"annotations": None}),
        "a bad box": dump(bad),
        "no name": dump(whole | {"images": [*whole["images"], {"id": 1}]}),
        "cut short": dump(whole)[:-300],
        "no comma": dump(whole).replace("}, {", "} {", 1),
        "twice": dump(whole)[:-1] + ', "images": []}',
        "mark": "\ufeff" + dump(whole),
        "more behind": dump(whole) + "x",
        "no key": dump(whole).replace('"info"', "info"),
    }


def outcome(path: Path) -> object:
    try:
        dataset = open_dataset(path)
        return dataset, plain(read_annotations(dataset, lambda done: None))
    except WorkbenchError as error:
        return str(error)


def plain(found: Annotations) -> object:
    columns = ("image_sizes", "image_ids", "offsets", "boxes", "class_ids", "crowd", "difficult",
               "areas", "category_ids")  # fmt: skip
    arrays = [getattr(found, name).tobytes() for name in columns]
    names = found.image_names, found.class_names, dict(found.regions)
    return arrays, names, sentences(found.problems)


@pytest.mark.parametrize("how", texts())
@pytest.mark.parametrize("too_large", [False, True])
def test_in_pieces_as_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, too_large: bool
) -> None:
    """`too_large` cannot be read whole at all."""
    write_images(tmp_path / "images", 12, 64, 48)
    path = tmp_path / "images" / "coco.json"
    path.write_text(texts()[how], "utf-8")
    wanted = outcome(path)
    assert isinstance(wanted, str) == (how not in GOOD)
    monkeypatch.setattr(coco_file, "STREAMED_BYTES", -1)
    monkeypatch.setattr(json_pieces, "STRETCH_BYTES", 300)
    if too_large:
        monkeypatch.setattr(coco_file, "MAX_JSON_BYTES", -1)
    found = outcome(path)
    if too_large and how in BY_HAND:
        assert isinstance(found, str)
        assert f"{path} is " in found
    else:
        assert found == wanted


GOOD = ("as it is", "indented", "turned round", "numbers as texts", "NaN", "without categories",
        "mark")  # fmt: skip
BY_HAND = ("cut short", "no comma", "more behind", "no key", "twice")  # other words, or refused


def test_entries_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_images(tmp_path / "images", 12, 64, 48)
    path = tmp_path / "images" / "coco.json"
    path.write_text(json.dumps(document()), "utf-8")
    monkeypatch.setattr(coco_file, "STREAMED_BYTES", -1)
    monkeypatch.setattr(coco_file, "MAX_JSON_BYTES", -1)
    monkeypatch.setattr(coco_file, "MOST_ENTRIES", 50)
    assert "it has more than 50 annotations" in str(outcome(path))
