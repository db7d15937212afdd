"""Random pixels for a model, prepared as the detector's other jobs would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import WorkbenchError
from core.models.inputs import model_inputs
from core.models.running import noise
from core.models.stored import load_stored

if TYPE_CHECKING:
    import openvino as ov


def random_inputs(xml: Path, model: ov.Model, seed: int) -> list[np.ndarray[Any, Any]]:
    """What the detector's other jobs would give the model for an image of noise."""
    try:
        detector = load_stored(xml).card.detector
    except WorkbenchError:  # a model without a card
        return [_noise(port, seed) for port in model.inputs]
    wanted = detector.preprocessing
    tensors, _ = model_inputs(detector, noise(wanted.width, wanted.height, seed))
    return tensors


def _noise(port: Any, seed: int) -> np.ndarray[Any, Any]:
    """Pixels of every value, in the input's shape; a dimension left open is 1, a side 640."""
    shape = [
        dimension.get_length() if dimension.is_static else (640 if place in (1, 2, 3) else 1)
        for place, dimension in enumerate(port.partial_shape)
    ]
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return pixels.astype(port.get_element_type().to_dtype())
