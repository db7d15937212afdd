"""A quantized network, and what its recipe makes of its parent again."""

from __future__ import annotations

from pathlib import Path

import openvino as ov

from core.datasets.open import open_dataset
from core.models.importing import import_model
from core.models.plan import QuantizationPlan
from core.models.stored import store_model
from core.optimize.quantizing import Quantized, quantize
from core.optimize.recipe import RECIPE_FILE, write_recipe
from core.runtime import openvino_core
from tests.support import models
from tests.support.images import write_images
from tests.support.packages import run


def rewritten_and_remade(
    net: ov.Model, plan: QuantizationPlan, folder: Path
) -> tuple[ov.Model, ov.Model]:
    """What a plan makes of the network, rewritten on the way; and what its recipe makes of it."""
    made, again = remade(net, plan, folder)
    assert made.made_of.rewritten
    return made.model, again


def remade(net: ov.Model, plan: QuantizationPlan, folder: Path) -> tuple[Quantized, ov.Model]:
    """What a plan makes of the network, and the same weights made by its recipe."""
    stored = import_model(models.save(net, folder, "net", models.CLASSES), folder)
    detector = stored.card.detector
    images = write_images(folder / "images", 4)
    made = quantize(stored.xml, detector, open_dataset(images), plan, lambda *_: None)
    (folder / "made").mkdir()
    model = store_model(
        made.model, folder / "made" / "net.xml", name="net", source=stored.xml,
        framework="openvino", detector=detector, plan=plan,
    )  # fmt: skip
    write_recipe(model.xml, detector, plan, made.made_of)
    done = run(folder / "made", RECIPE_FILE, stored.xml, images, folder / "again.xml")
    assert done.returncode == 0, done.stdout + done.stderr
    return made, openvino_core().read_model(folder / "again.xml")
