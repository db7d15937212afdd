"""Real networks, rewritten so that they are faster, give the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.inference.compiling import compile_for
from core.inference.inputs import random_inputs
from core.inference.settings import TRUE_F32
from core.models.importing import import_model
from core.optimize.rewriting import rewrite
from core.runtime import openvino_core
from tests.support.checkout import ROOT

FIELD = ROOT.parent / "shared" / "field"
pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason=f"the field data is not at {FIELD}"),
]


@pytest.mark.parametrize(
    ("name", "gone"), [("yolox_nano_onnx", "Slice"), ("aiy_ssd_person_cat_dog_tf", "Loop")]
)
def test_it_gives_the_same_without(tmp_path: Path, name: str, gone: str) -> None:
    xml = import_model(FIELD / "models" / name, tmp_path).xml
    model = openvino_core().read_model(xml)
    assert rewrite(model, "cpu")
    first = next(op for op in model.get_ordered_ops() if op.get_type_name() == "Convolution")
    before = {op.get_type_name() for op in model.get_ordered_ops()}
    if gone == "Loop":
        assert gone not in before
    else:
        assert list(first.get_attributes()["strides"]) == [2, 2]
    inputs = random_inputs(xml, model, 0)
    found = [compile_for(one, TRUE_F32, "LATENCY")(inputs) for one in (xml, model)]
    for one, other in zip(found[0].values(), found[1].values(), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-3)
