"""Preprocessing inside the network: the same detections, and everything that reads such a model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.deployment.model_info import INSIDE, note_model_info
from core.inference.predicting import predict
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.adjusting import Overrides, with_overrides
from core.models.detector import Detector
from core.models.differences import differences, require_same_ports, used_as_before
from core.models.facts import Triple
from core.models.importing import import_model
from core.models.metadata import graph_metadata
from core.models.preprocessing import Preprocessing
from core.models.preprocessing_inside import outside, with_preprocessing_inside
from core.models.stored import StoredModel, store_model
from core.runtime import openvino_core
from tests.support import models
from tests.support.blobs import blob_finder, blob_images
from tests.support.images import sample_image, write_images

TOLERANCE = 1e-3  # of scores, and pixels of boxes: docs/decisions/0035
WAYS = list(
    product(("bgr", "rgb"), (((0.0,) * 3, (1.0,) * 3), ((123.7, 116.3, 103.5), (58.4, 57.1, 57.4))))
)


def inside_of(parent: StoredModel, folder: Path) -> StoredModel:
    folder.mkdir()
    made, detector = with_preprocessing_inside(
        openvino_core().read_model(parent.xml), parent.card.detector
    )
    return store_model(
        made, folder / "inside.xml", name="inside", source=parent.xml, framework="openvino",
        detector=detector,
    )  # fmt: skip


@pytest.mark.parametrize(("order", "values"), WAYS)
@pytest.mark.parametrize("made", [models.ssd, models.yolox])
def test_detections_are_those_of_the_preprocessing_outside(
    tmp_path: Path, made: Callable[[], ov.Model], order: str, values: tuple[Triple, Triple]
) -> None:
    (tmp_path / "stored").mkdir()
    path = models.save(made(), tmp_path / "model", "model", models.CLASSES)
    parent = import_model(path, tmp_path / "stored")
    mean, scale = values
    card = with_overrides(parent.card, Overrides(color_order=order, mean=mean, scale=scale))
    parent = StoredModel(xml=parent.xml, card=card)
    images = open_dataset(write_images(tmp_path / "images", 4))
    inside = inside_of(parent, tmp_path / "inside")
    assert inside.card.detector.preprocessing == outside(card.detector.preprocessing)
    mine, other = (predict(one.xml, one.card.detector, images).table for one in (parent, inside))
    assert len(mine.scores) > 0
    np.testing.assert_array_equal(mine.offsets, other.offsets)
    np.testing.assert_array_equal(mine.class_ids, other.class_ids)
    np.testing.assert_allclose(mine.scores, other.scores, atol=TOLERANCE)
    np.testing.assert_allclose(mine.boxes, other.boxes, atol=TOLERANCE)


def test_the_input_tensor_is_the_image_itself() -> None:
    """Nothing is left to do to an image of the input's size but to give it."""
    left = outside(Preprocessing(width=64, height=48, color_order="rgb", scale=(255.0,) * 3))
    image = sample_image(64, 48)
    pixels, _ = left.apply(image)
    np.testing.assert_array_equal(pixels[0], image)
    assert not np.shares_memory(pixels, image), "the caller may change it"


def blobs(folder: Path) -> StoredModel:
    folder.mkdir()
    images = blob_images(folder / "images")
    path = models.save(blob_finder(rgb=True, unit=True), folder / "model", "blobs", ["red"])
    stored = folder / "stored"
    stored.mkdir()
    model = import_model(path, stored)
    card = with_overrides(
        model.card, Overrides(color_order="rgb", mean=(0.0,) * 3, scale=(255.0,) * 3)
    )
    assert images
    return StoredModel(xml=model.xml, card=card)


def test_a_copy_without_its_card_is_imported_as_it_is(tmp_path: Path) -> None:
    """As openvino-model-api reads it: what is left outside is neither turned nor scaled."""
    parent = blobs(tmp_path / "parent")
    inside = inside_of(parent, tmp_path / "inside")
    model = openvino_core().read_model(inside.xml)
    note_model_info(model, inside.card.detector, ScoreThresholds())
    told = {key: model.get_rt_info(["model_info", key]).astype(str) for key in (
        "reverse_input_channels", "mean_values", "scale_values", "resize_type", INSIDE,
    )}  # fmt: skip
    assert told == {
        "reverse_input_channels": "False",
        "mean_values": "0 0 0",
        "scale_values": "1 1 1",
        "resize_type": "fit_to_window_letterbox",
        INSIDE: "RGB 0..1",
    }
    assert graph_metadata(model).color_order == "bgr"
    copy = tmp_path / "copy"
    copy.mkdir()
    ov.save_model(model, copy / "x.xml", compress_to_fp16=False)
    (tmp_path / "again").mkdir()
    again = import_model(copy / "x.xml", tmp_path / "again")
    assert again.card.detector.preprocessing == inside.card.detector.preprocessing
    assert again.card.input_before == parent.card.detector.preprocessing
    require_same_ports(parent, again)
    images = open_dataset(tmp_path / "parent" / "images")
    mine, other = (predict(one.xml, one.card.detector, images).table for one in (parent, again))
    assert (mine.scores > 0.5).sum() == (other.scores > 0.5).sum() > 0
    shutil.rmtree(copy)


def test_it_is_used_as_its_parent_is_but_for_where_that_is_done(tmp_path: Path) -> None:
    parent = blobs(tmp_path / "parent")
    inside = inside_of(parent, tmp_path / "inside")
    require_same_ports(parent, inside)
    assert differences(parent.card.detector, used_as_before(inside, parent.card.detector)) == ()


def test_what_has_it_inside_already_stays_as_it_is(tmp_path: Path) -> None:
    inside = inside_of(blobs(tmp_path / "parent"), tmp_path / "inside")
    model = openvino_core().read_model(inside.xml)
    again, detector = with_preprocessing_inside(model, inside.card.detector)
    assert again is model
    assert detector == inside.card.detector
    assert isinstance(detector, Detector)
