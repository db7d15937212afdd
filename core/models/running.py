"""Single inferences: a first run, and trials of a few images."""

from __future__ import annotations

from collections.abc import Callable
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

    With `at_once`, so many images are looked at side by side, each by its share of the processor:
    more in all, and each for itself later. Raises InputError where OpenVINO can read it but not run
    it.
    """

    def __init__(self, model: ov.Model, name: str, at_once: int = 1) -> None:
        self._name = name
        try:
            compiled = openvino_core().compile_model(
                model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": str(at_once)}
            )
            self._requests = [compiled.create_infer_request() for _ in range(at_once)]
        except RuntimeError as error:
            raise self._refusal(error) from error

    def outputs(self, detector: Detector, image: Image) -> tuple[list[NDArray[Any]], Placement]:
        """Copies of the outputs for `image` (BGR), and where it lies in the input."""
        return self._begun(self._requests[0], detector, image)()

    def detections(self, detector: Detector, *images: Image) -> list[Detections]:
        """What the network finds in each of the images when it is used so."""
        decoder, found = decoder_of(detector), []
        for place in range(0, len(images), len(self._requests)):
            some = zip(self._requests, images[place:], strict=False)
            for end in [self._begun(request, detector, image) for request, image in some]:
                outputs, placement = end()
                given = detector.preprocessing, detector.options, placement
                found.append(decoder.decode(outputs, *given))
        return found

    def _begun(
        self, request: ov.InferRequest, detector: Detector, image: Image
    ) -> Callable[[], tuple[list[NDArray[Any]], Placement]]:
        """Begin with an image; what is given waits for its outputs, and gives them as `outputs`."""
        tensors, placement = model_inputs(detector, image)

        def end() -> tuple[list[NDArray[Any]], Placement]:
            try:
                request.wait()
            except RuntimeError as error:
                raise self._refusal(error) from error
            return [np.array(tensor.data) for tensor in request.output_tensors], placement

        try:
            request.start_async(tensors)
        except RuntimeError as error:
            raise self._refusal(error) from error
        return end

    def _refusal(self, error: RuntimeError) -> InputError:
        return InputError(
            f"{self._name} was read, but OpenVINO cannot run it: {cause(error)}.",
            "Export it again, with fixed input shapes.",
        )


def noise(width: int, height: int, seed: int = 0) -> Image:
    """An image of random pixels, BGR, the same one for every seed."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
