"""The annotated report on a real detector: classes mapped by themselves, known figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from tests.support.checkout import ROOT

FIELD = ROOT.parent / "shared" / "field"
PHOTOS = FIELD / "images" / "coco128_yolo"
SSD = FIELD / "models" / "person-vehicle-bike-detection-2001"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason=f"the field data is not at {FIELD}"),
]


def report(capfd: pytest.CaptureFixture[str], output: Path, *more: object) -> dict[str, Any]:
    parts: tuple[object, ...]
    parts = ("report", SSD, SSD, PHOTOS, "--output", output, "--json", *more)
    parts += ("--precision-hint", "f32")  # by default it runs in bfloat16, where there is such
    assert main([str(part) for part in parts]) == 0, capfd.readouterr().err
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return found


def test_a_model_beside_itself(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = report(capfd, tmp_path / "a", "--kind", "annotations")
    assert found["parent"]["statistics"]["AP"] == pytest.approx(0.149, abs=0.003)
    assert found["parent"]["statistics"]["AP50"] == pytest.approx(0.271, abs=0.003)
    assert found["optimized"] == found["parent"]
    assert found["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    mapped = {one["dataset_class"]: one["model_class"] for one in found["mapping"]["classes"]}
    assert (mapped["truck"], mapped["motorcycle"], mapped["cat"]) == ("vehicle", "bike", None)


def test_its_tensors_before_the_nms(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = report(capfd, tmp_path / "t", "--kind", "tensor-distance", "--images", 2)
    assert len(found["outputs"]) >= 2
    assert all(one["output"].endswith(", before DetectionOutput") for one in found["outputs"])
    assert {one["mse"] for one in found["layers"]} == {0.0}
    assert {one["snr_db"] for one in found["layers"]} == {None}
