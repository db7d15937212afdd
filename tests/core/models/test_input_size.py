"""Another input size: which there may be, what is refused, and what knows of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.inference.predicting import predict
from core.models.differences import differences, require_same_ports, used_as_before
from core.models.importing import import_model
from core.models.input_size import InputSize, input_size, sizes_to_try
from core.models.resizing import resized
from core.models.stored import CARD_SUFFIX, StoredModel, store_model
from core.runtime import openvino_core
from tests.support import models
from tests.support.blobs import blob_finder, blob_images
from tests.support.resizable import red_finder


def imported(folder: Path, made: ov.Model) -> StoredModel:
    folder.mkdir()
    path = models.save(made, folder / "source", "model", ["red"])
    (folder / "stored").mkdir()
    return import_model(path, folder / "stored")


def at(parent: StoredModel, side: int, folder: Path) -> StoredModel:
    """The model at another input size, stored."""
    model = openvino_core().read_model(parent.xml)
    detector = resized(model, parent.card.detector, InputSize(width=side, height=side), "reds")
    folder.mkdir(exist_ok=True)
    return store_model(
        model, folder / "reds.xml", name="reds", source=parent.xml, framework="openvino",
        detector=detector,
    )  # fmt: skip


def test_the_same_things_are_found_at_the_same_places(tmp_path: Path) -> None:
    parent = imported(tmp_path / "reds", red_finder())
    images = open_dataset(blob_images(tmp_path / "images")[0].parent)
    larger = at(parent, 128, tmp_path / "larger")
    found = [predict(one.xml, one.card.detector, images).table for one in (parent, larger)]
    for mine, other in zip(*found, strict=True):
        first, second = mine.where(mine.scores > 0.5), other.where(other.scores > 0.5)
        assert len(first) > 0
        assert 4 * len(first) == len(second), "each square covers four of the finer cells"
        for x1, y1, x2, y2 in second.boxes:
            inside = (first.boxes[:, :2] <= (x1, y1)).all(1) & (first.boxes[:, 2:] >= (x2, y2)).all(
                1
            )
            assert inside.sum() == 1


@pytest.mark.parametrize("made", [models.ssd(), blob_finder(rgb=True, unit=True)])
def test_anchors_and_boxes_inside_are_refused_with_both_sizes(
    tmp_path: Path, made: ov.Model
) -> None:
    parent = imported(tmp_path / "fixed", made)
    with pytest.raises(InputError, match=r"images of 96x96: it has .* own input size, 64x64"):
        at(parent, 96, tmp_path / "larger")


def test_the_card_knows_what_the_input_was_wherever_the_model_goes(tmp_path: Path) -> None:
    parent = imported(tmp_path / "reds", red_finder())
    larger = at(parent, 128, tmp_path / "larger")
    assert larger.card.input_before == parent.card.detector.preprocessing
    for number, suffixes in enumerate(((".xml", ".bin", CARD_SUFFIX), (".xml", ".bin"))):
        copy = tmp_path / f"copy {number}"
        copy.mkdir()
        for suffix in suffixes:
            shutil.copyfile(larger.xml.with_suffix(suffix), (copy / "x").with_suffix(suffix))
        (tmp_path / f"again {number}").mkdir()
        again = import_model(copy / "x.xml", tmp_path / f"again {number}")
        assert InputSize.of(again.card.detector.preprocessing) == input_size("128x128")
        assert again.card.input_before == parent.card.detector.preprocessing


def test_it_counts_as_a_version_of_its_parent_alone(tmp_path: Path) -> None:
    parent = imported(tmp_path / "reds", red_finder())
    larger = at(parent, 128, tmp_path / "larger")
    require_same_ports(parent, larger)
    assert differences(parent.card.detector, used_as_before(larger, parent.card.detector)) == ()
    with pytest.raises(InputError, match="different shapes"):
        require_same_ports(larger, parent)
    with pytest.raises(InputError, match="different shapes"):
        require_same_ports(imported(tmp_path / "other", red_finder(96)), larger)


def test_sizes_keep_the_proportion_in_steps_that_grids_divide() -> None:
    def named(width: int, height: int, *, larger: bool = False) -> list[str]:
        found = sizes_to_try(InputSize(width=width, height=height), larger=larger)
        return [str(one) for one in found]

    assert named(640, 640) == ["576x576", "480x480", "384x384", "320x320"]
    assert named(640, 384) == ["576x320", "480x288", "384x256", "320x192"]
    assert named(300, 300)[-1] == "152x152"
    assert named(320, 320, larger=True)[:2] == ["480x480", "384x384"]
    assert named(32, 32) == []


@pytest.mark.parametrize(
    "text", ["", "320", "320X320", "3x3", "0x320", "99999x32", "\u0661\u0662x128"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        input_size(text)
