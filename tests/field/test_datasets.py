"""The field datasets, with the counts that their README gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO

from core.datasets.archives.unpacking import unpack
from core.datasets.class_mapping import map_classes
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.detection.labels import coco_category_ids, label_map
from core.images.decode import read_image
from tests.support.checkout import ROOT
from tests.support.coco import as_coco

IMAGES = ROOT.parent / "shared" / "field" / "images"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not IMAGES.is_dir(), reason=f"the field data is not at {IMAGES}"),
]


@pytest.mark.parametrize(
    ("role", "images", "boxes"), [("validation", 128, 898), ("calibration", 64, 542)]
)
def test_coco128_in_yolo_format(role: str, images: int, boxes: int) -> None:
    dataset = open_dataset(IMAGES / "coco128_yolo", role)
    truth = read_annotations(dataset)
    assert (dataset.kind, len(truth), len(truth.boxes)) == ("yolo", images, boxes)
    assert truth.class_names == label_map("coco-80")
    assert truth.problems == ()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tiny_coco(capsys: pytest.CaptureFixture[str]) -> None:
    dataset = open_dataset(IMAGES / "tiny_coco")
    truth = read_annotations(dataset)
    assert (dataset.kind, len(truth), len(truth.boxes)) == ("coco", 50, 382)
    assert (truth.crowd.sum(), len(truth.regions)) == (5, 5)
    assert tuple(truth.category_ids.tolist()) == coco_category_ids()
    assert truth.problems == ()
    oracle = COCO(str(dataset.annotations[0]))
    ours = COCO()
    ours.dataset = as_coco(truth)
    ours.createIndex()
    for image in oracle.getImgIds():
        theirs = oracle.loadAnns(oracle.getAnnIds([image]))
        mine = ours.loadAnns(ours.getAnnIds([image]))
        for key in ("category_id", "iscrowd"):
            assert [row[key] for row in mine] == [row[key] for row in theirs]
        for key, tolerance in (("bbox", 1e-3), ("area", 1e-6)):
            expected = np.array([row[key] for row in theirs])
            assert np.allclose(np.array([row[key] for row in mine]), expected, atol=tolerance)
        for row, other in zip(mine, theirs, strict=True):
            if row["iscrowd"]:
                assert (ours.annToMask(row) == oracle.annToMask(other)).all()


def test_bccd_in_voc_format() -> None:
    dataset = open_dataset(IMAGES / "bccd_voc")
    truth = read_annotations(dataset)
    assert (dataset.kind, len(truth)) == ("voc", 20)
    assert set(truth.class_names) == {"RBC", "WBC", "Platelets"}
    assert (len(truth.boxes), truth.problems) == (357, ())
    assert map_classes(truth.class_names, label_map("coco-80")).unmapped == truth.class_names


def test_every_field_image_is_read_at_the_size_its_header_says() -> None:
    for name in ("coco128_yolo", "tiny_coco", "bccd_voc"):
        truth = read_annotations(dataset := open_dataset(IMAGES / name))
        for number, size in enumerate(truth.image_sizes.tolist()):
            height, width = read_image(dataset.path(number)).shape[:2]
            assert [width, height] == size


def test_tiny_coco_out_of_an_archive(tmp_path: Path) -> None:
    name = shutil.make_archive(str(tmp_path / "tiny"), "gztar", IMAGES, "tiny_coco")
    unpack(Path(name), tmp_path / "out")
    assert len(read_annotations(open_dataset(tmp_path / "out")).boxes) == 382
