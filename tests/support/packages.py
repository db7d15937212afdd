"""What a deployment package carries, used as the package uses it."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.deployment.extracting import processing_module
from core.images.decode import read_image
from core.inference.compiling import compile_for
from core.inference.settings import TRUE_F32
from core.models.decoders.registry import decoder_by_id
from core.models.detector import Detector
from core.values import to_plain


@cache
def processing(decoder: str) -> ModuleType:
    """The module ``processing.py`` of a package for this layout."""
    module = ModuleType(f"processing_{decoder}".replace("-", "_"))
    sys.modules[module.__name__] = module  # dataclasses look there
    exec(compile(processing_module(decoder_by_id(decoder)), module.__name__, "exec"), vars(module))
    return module


def detections(xml: Path, detector: Detector, image: Path) -> Any:
    """What a package finds in an image, in true f32."""
    module = processing(detector.decoder)
    preprocessing = module.Preprocessing(**to_plain(detector.preprocessing))
    pixels, placement = preprocessing.apply(read_image(image))
    tensors = [pixels]
    for extra in sorted(detector.extra_inputs, key=lambda one: one.index):
        tensors.insert(extra.index, module.ExtraInput(**to_plain(extra)).tensor(preprocessing))
    request = compile_for(xml, TRUE_F32, "LATENCY").create_infer_request()
    request.infer(tensors)
    outputs = [np.array(tensor.data) for tensor in request.output_tensors]
    decoder = getattr(module, type(decoder_by_id(detector.decoder)).__name__)()
    found = decoder.decode(outputs, preprocessing, detector.options, placement)
    return found.where((found.class_ids >= 0) & (found.class_ids < len(detector.class_names)))
