"""One inference at a time, for the import: a first run, and trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.causes import cause
from core.detection.detections import Detections
from core.errors import InputError
from core.images.placement import Placement
from core.models.decoders.registry import decoder_of
from core.models.detector import Detector
from core.models.inputs import model_inputs
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

    from core.models.preprocessing import Image


class FirstRuns:
    """A network compiled in true f32; `name` is what errors call it.

    Raises InputError where OpenVINO can read it but not run it.
    """

    def __init__(self, model: ov.Model, name: str) -> None:
        self._name = name
        try:
            self._compiled = openvino_core().compile_model(
                model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
            )
            self._request = self._compiled.create_infer_request()
        except RuntimeError as error:
            raise self._refusal(error) from error

    def outputs(self, detector: Detector, image: Image) -> tuple[list[NDArray[Any]], Placement]:
        """Copies of the outputs for `image` (BGR), and where it lies in the input."""
        tensors, placement = model_inputs(detector, image)
        try:
            self._request.infer(tensors)
        except RuntimeError as error:
            raise self._refusal(error) from error
        return [np.array(tensor.data) for tensor in self._request.output_tensors], placement

    def detections(self, detector: Detector, image: Image) -> Detections:
        """What the network finds in `image` when it is used so."""
        outputs, placement = self.outputs(detector, image)
        decoder = decoder_of(detector)
        return decoder.decode(outputs, detector.preprocessing, detector.options, placement)

    def _refusal(self, error: RuntimeError) -> InputError:
        return InputError(
            f"{self._name} was read, but OpenVINO cannot run it: {cause(error)}.",
            "Export it again, with fixed input shapes.",
        )


def noise(width: int, height: int, seed: int = 0) -> Image:
    """An image of random pixels, BGR, the same one for every seed."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
