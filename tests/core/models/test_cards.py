"""Cards that a stranger wrote: what does not hold of any card of ours is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from core.errors import InputError, WorkbenchError
from core.models.choices import fits
from core.models.decoders.registry import LAYOUTS, decoder_by_id, decoder_of
from core.models.importing import import_model
from core.models.stored import CARD_SUFFIX, load_stored
from tests.support import models


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    xml = models.save(models.known_ssd(()), folder / "source", "ssd", models.CLASSES)
    return import_model(xml, folder / "stored").xml


IMAGE: list[tuple[dict[str, Any], str]] = [
    ({"width": -1}, "no pixels"),
    ({"height": 0}, "no pixels"),
    ({"width": 10**9}, "too large"),
    ({"pad_value": 99_999}, "not a pixel value"),
    ({"scale": [1, 0, 1]}, "a scale is 0"),
    ({"scale": [1e-300, 1, 1]}, "the scale would leave nothing"),
    ({"mean": [1e308, 0, 0]}, "the mean would leave nothing"),
    ({"mean": [1e400, 0, 0]}, "damaged"),
    ({"color_order": "cmyk"}, "damaged"),
]
DETECTOR: list[tuple[dict[str, Any], str]] = [
    ({"decoder": "of_tomorrow"}, "'of_tomorrow' does not exist"),
    ({"class_names": ["cat", "\ud800"]}, "is not text"),
    ({"class_names": []}, "no classes"),
    (
        {"extra_inputs": [
            {"index": 1, "name": "x", "kind": "ones", "shape": [10**6, 10**6],
             "element_type": "int64"},
        ]},
        "too large",
    ),
    (
        {"extra_inputs": [
            {"index": 1, "name": "x", "kind": "ones", "shape": [1],
             "element_type": "int64, __import__('os').abort()"},
        ]},
        "has no type",
    ),
]  # fmt: skip
INFO: list[tuple[dict[str, Any], str]] = [
    ({"gflops": -1e308}, "its GFLOPs"),
    ({"parameters": 10**30}, "damaged"),
    ({"parameters": -1}, "its size"),
]


def test_every_option_of_a_layout_has_its_limits() -> None:
    for layout in LAYOUTS:
        for choice in decoder_by_id(layout).choices:
            assert fits(choice, choice.default), layout
            assert not choice.values or not fits(choice, "of tomorrow")


@pytest.mark.parametrize("value", [10**12, True, "cat"])
def test_a_card_with_options_that_cannot_be_is_used_nowhere(
    stored: Path, tmp_path: Path, value: object
) -> None:
    """Not by whoever decodes, and not by an import of the file beside it."""
    for path in stored.parent.glob(f"{stored.stem}.*"):
        shutil.copy(path, tmp_path)
    xml = tmp_path / stored.name
    card = json.loads(xml.with_suffix(CARD_SUFFIX).read_bytes())
    card["detector"]["options"] = {"first_label": value}
    xml.with_suffix(CARD_SUFFIX).write_text(json.dumps(card))
    with pytest.raises(WorkbenchError, match="settings are damaged: first_label cannot be"):
        decoder_of(load_stored(xml).card.detector)
    with pytest.raises(InputError, match="first_label cannot be"):
        import_model(xml, tmp_path / "out")


def test_a_detector_with_an_option_of_tomorrow_is_not_used(stored: Path) -> None:
    detector = load_stored(stored).card.detector
    changed = replace(detector, decoder="yolo-anchor-heads", options={"formula": "v99"})
    with pytest.raises(WorkbenchError, match="settings are damaged: formula cannot be 'v99'"):
        decoder_of(changed)


@pytest.mark.parametrize(
    ("inside", "change", "reason"),
    [
        *(("info", change, reason) for change, reason in INFO),
        *(("preprocessing", change, reason) for change, reason in IMAGE),
        *(("", change, reason) for change, reason in DETECTOR),
    ],
)
def test_a_card_that_cannot_be_is_damaged(
    stored: Path, tmp_path: Path, inside: str, change: dict[str, Any], reason: str
) -> None:
    card = json.loads(stored.with_suffix(CARD_SUFFIX).read_bytes())
    parts = {"": card["detector"], "info": card["info"]}
    parts.get(inside, card["detector"].get(inside)).update(change)
    xml = tmp_path / "m.xml"
    text = json.dumps(card).replace("Infinity", "1e400")
    xml.with_suffix(CARD_SUFFIX).write_text(text)
    with pytest.raises(WorkbenchError, match=rf"m\.card\.json is damaged.*{reason}|{reason}"):
        load_stored(xml)
