"""The detector of this package: OpenVINO, numpy and OpenCV, nothing else.

from detector import Detector

detector = Detector()
found = detector(cv2.imread("photo.jpg"))
for box, score, name in zip(found.boxes, found.scores, detector.names(found)):
    print(name, score, box)
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import processing
import running

HERE = Path(__file__).resolve().parent


class Detector:
    """A compiled model with its preprocessing and the reading of its outputs.

    `precision` is ``f32``, ``bf16`` or ``f16``, ``default`` to let OpenVINO choose, or None for
    what `detector.json` says. Detections count from `score` on; None for the thresholds of
    `detector.json`, which may be other ones for single classes. One object serves one thread.
    """

    def __init__(
        self,
        folder: Path = HERE,
        device: str = "CPU",
        precision: str | None = None,
        score: float | None = None,
    ) -> None:
        settings = json.loads((folder / "detector.json").read_text(encoding="utf-8"))
        self.class_names: list[str] = settings["class_names"]
        usual = settings["score_thresholds"]
        own = [usual["classes"].get(name, usual["score"]) for name in self.class_names]
        self._lowest = np.array(own if score is None else [score] * len(own), np.float32)
        self._options = settings["options"]
        self._preprocessing = processing.Preprocessing(**settings["preprocessing"])
        self._decoder = getattr(processing, settings["decoder"])()
        extra = (processing.ExtraInput(**one) for one in settings["extra_inputs"])
        self._extra = [(one.index, one.tensor(self._preprocessing)) for one in extra]
        wanted = precision or settings["precision"] or "default"
        config = {"PERFORMANCE_HINT": "LATENCY"}
        if wanted != "default":
            config["INFERENCE_PRECISION_HINT"] = wanted
        core = running.openvino_core()
        model = core.read_model(folder / settings["model"])
        self._asked = running.InferenceSettings(device=device, precision_hint=wanted)
        self._quantized = running.is_quantized(model)
        self._compiled = core.compile_model(model, device, config)
        self._request = self._compiled.create_infer_request()

    def __call__(self, image: np.ndarray) -> processing.Detections:
        """Detections in an image ``[height, width, 3]``, uint8, BGR; best score first.

        Boxes are x1, y1, x2, y2 in pixels of the image.
        """
        pixels, placement = self._preprocessing.apply(image)
        tensors = [pixels]
        for index, tensor in sorted(self._extra, key=lambda one: one[0]):
            tensors.insert(index, tensor)
        self._request.infer(tensors)
        outputs = [np.array(tensor.data) for tensor in self._request.output_tensors]
        found = self._decoder.decode(outputs, self._preprocessing, self._options, placement)
        known = (found.class_ids >= 0) & (found.class_ids < len(self.class_names))
        found = found.where(known)
        return found.where(found.scores >= self._lowest[found.class_ids])

    @property
    def executed(self) -> running.Executed:
        """What was asked for and what runs: devices, precision of the layers, INT8 sums."""
        return running.executed(self._compiled, self._asked, quantized=self._quantized)

    def names(self, found: processing.Detections) -> list[str]:
        """The class name of every detection."""
        return [self.class_names[number] for number in found.class_ids]


def devices() -> list[str]:
    """The devices of this machine, as OpenVINO names them."""
    return [*running.openvino_core().available_devices, "AUTO"]
