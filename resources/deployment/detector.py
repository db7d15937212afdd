"""The detector of this package: OpenVINO, numpy and OpenCV, nothing else.

from detector import Detector

detector = Detector()
found = detector(cv2.imread("photo.jpg"))
for box, score, name in zip(found.boxes, found.scores, detector.names(found)):
    print(name, score, box)

detector = Detector(requests=None)  # many images: as many at a time as the device can use
for path, image, found in detector.stream(sorted(Path("photos").glob("*.jpg"))):
    print(path, detector.names(found))
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

import cv2
import numpy as np
import processing
import running

HERE = Path(__file__).resolve().parent
Source = Path | np.ndarray
Seen = tuple[Source, np.ndarray | None, processing.Detections]


class Detector:
    """A compiled model with its preprocessing and the reading of its outputs.

    `precision` is ``f32``, ``bf16`` or ``f16``, ``default`` to let OpenVINO choose, or None for
    what `detector.json` says. Detections count from `score` on; None for the thresholds of
    `detector.json`, which may be other ones for single classes. With one of `requests` the model
    is compiled for the shortest time of one image, with more for the most images; None for as many
    as OpenVINO advises, or as `detector.json` was measured to need, each of `batch` images. What
    was measured is used on a CPU with as many cores. Any thread may call it; as many as there are
    requests are served at once.
    """

    def __init__(
        self,
        folder: Path = HERE,
        device: str = "CPU",
        precision: str | None = None,
        score: float | None = None,
        requests: int | None = 1,
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
        config, measured, self.batch = how_to_run(settings["run"], device, requests)
        if wanted != "default":
            config["INFERENCE_PRECISION_HINT"] = wanted
        core = running.openvino_core()
        model = core.read_model(folder / settings["model"])
        self._asked = running.InferenceSettings(device=device, precision_hint=wanted)
        self._quantized = running.is_quantized(model)
        if self.batch > 1:
            sides = {port: list(port.partial_shape) for port in model.inputs}
            model.reshape({port: [self.batch, *shape[1:]] for port, shape in sides.items()})
        self._compiled = core.compile_model(model, device, config)
        advised = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self.requests = requests or measured or advised
        self._idle = SimpleQueue()
        for _ in range(self.requests):
            self._idle.put(self._compiled.create_infer_request())

    def __call__(self, image: np.ndarray) -> processing.Detections:
        """Detections in an image ``[height, width, 3]``, uint8, BGR; best score first.

        Boxes are x1, y1, x2, y2 in pixels of the image.
        """
        return self.together([image])[0]

    def together(self, images: list[np.ndarray]) -> list[processing.Detections]:
        """Detections in each of up to `batch` images, by one inference."""
        prepared = [self._preprocessing.apply(one) for one in images]
        pixels = prepared[0][0]
        if self.batch > 1:  # what is not needed of it is filled with the last image
            each = [one for one, _ in prepared]
            pixels = np.concatenate([*each, *each[-1:] * (self.batch - len(each))])
        tensors = [pixels]
        for index, tensor in sorted(self._extra, key=lambda one: one[0]):
            tensors.insert(index, tensor)
        request = self._idle.get()
        try:
            request.infer(tensors, share_inputs=True)
            outputs = [np.array(tensor.data) for tensor in request.output_tensors]
        finally:
            self._idle.put(request)
        if self.batch == 1:
            return [self._decoded(outputs, placement) for _, placement in prepared]
        return [
            self._decoded([one[number : number + 1] for one in outputs], placement)
            for number, (_, placement) in enumerate(prepared)
        ]

    def _decoded(
        self, outputs: list[np.ndarray], placement: processing.Placement
    ) -> processing.Detections:
        found = self._decoder.decode(outputs, self._preprocessing, self._options, placement)
        known = (found.class_ids >= 0) & (found.class_ids < len(self.class_names))
        found = found.where(known)
        return found.where(found.scores >= self._lowest[found.class_ids])

    def stream(self, images: Iterable[Source]) -> Iterator[Seen]:
        """Each of the images, or of their files, with its pixels and detections, in their order.

        Several are on their way at a time: while one waits for the model, others are read and
        prepared. A file that is no image has None for pixels, and no detections.
        """
        threads = self.requests + (os.cpu_count() or 1) if self.requests > 1 else 1
        coming: deque[Future[list[Seen]]] = deque()
        left = iter(images)
        with ThreadPoolExecutor(threads) as pool:
            try:
                while some := list(islice(left, self.batch)):
                    coming.append(pool.submit(self._seen, some))
                    if len(coming) > threads:
                        yield from coming.popleft().result()
                while coming:
                    yield from coming.popleft().result()
            finally:
                for one in coming:
                    one.cancel()

    def _seen(self, sources: list[Source]) -> list[Seen]:
        images = [cv2.imread(str(one)) if isinstance(one, Path) else one for one in sources]
        read = [one for one in images if one is not None]
        found = iter(self.together(read) if read else ())
        nothing = processing.Detections.none()
        return [
            (source, image, nothing if image is None else next(found))
            for source, image in zip(sources, images, strict=True)
        ]

    @property
    def executed(self) -> running.Executed:
        """What was asked for and what runs: devices, precision of the layers, INT8 sums."""
        return running.executed(self._compiled, self._asked, quantized=self._quantized)

    def names(self, found: processing.Detections) -> list[str]:
        """The class name of every detection."""
        return [self.class_names[number] for number in found.class_ids]


def how_to_run(run: dict | None, device: str, requests: int | None) -> tuple[dict, int | None, int]:
    """What OpenVINO is asked for, how many inferences were in flight when that was measured, and
    of how many images each was.

    `run` is what `detector.json` says: None, or for one goal. Elsewhere, or for another goal,
    OpenVINO's hint decides; the cores that are to be left free are left free on any CPU.
    """
    aim = "latency" if requests == 1 else "throughput"
    config = {"PERFORMANCE_HINT": aim.upper()}
    if run is None or device != "CPU":
        return config, None, 1
    cores = os.cpu_count() or 1
    if run["goal"]["cores_free"]:
        config["INFERENCE_NUM_THREADS"] = max(1, cores - run["goal"]["cores_free"])
    if run["goal"]["aim"] != aim or run["cores"] != cores:
        return config, None, 1
    wanted = {
        "NUM_STREAMS": run["streams"],
        "INFERENCE_NUM_THREADS": run["threads"],
        "ENABLE_CPU_PINNING": run["pinned"],
    }
    config |= {name: value for name, value in wanted.items() if value is not None}
    return config, run["requests"], run["batch"]


def devices() -> list[str]:
    """The devices of this machine, as OpenVINO names them."""
    return [*running.openvino_core().available_devices, "AUTO"]
