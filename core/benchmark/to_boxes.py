"""From the encoded image to boxes, as an application does: measured whole and in its parts.

With one request an image goes through all parts before the next one begins. With several, as many
threads as keep them busy take an image each, and while one waits for the network the others decode,
prepare and read boxes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from core.benchmark.conversation import TakeTurn
from core.benchmark.parts import Parts
from core.benchmark.samples import Turn
from core.benchmark.settings import RunMode
from core.errors import InputError
from core.images.decode import decode_image, read_file, read_image
from core.models.decoders.registry import decoder_of
from core.models.inputs import model_inputs

if TYPE_CHECKING:
    import openvino as ov
    from numpy.typing import NDArray

    from core.models.detector import Detector
    from core.models.preprocessing import Image

LEAD_IN_SECONDS = 0.03  # at the start of a turn, unmeasured: caches, clock rate, full pipeline
MIN_IMAGES = 3  # of a turn
_COLOUR = 1  # cv2.IMREAD_COLOR


@dataclass(frozen=True)
class _Passed:
    """When an image began and ended, in seconds, and how long each part of `Parts` took."""

    begun: float
    ended: float
    parts: tuple[float, float, float, float]


class ToBoxes:
    """A compiled detector with its images."""

    def __init__(
        self,
        compiled: ov.CompiledModel,
        requests: int,
        detector: Detector,
        images: Sequence[Path],
        mode: RunMode,
    ) -> None:
        """Raises InputError where none of the images can be read."""
        self._detector, self._decoder = detector, decoder_of(detector)
        found = (_source(path, mode) for path in images)
        self._sources = [one for one in found if one is not None]
        if not self._sources:
            first = f", such as {images[0]}" if images else ""
            raise InputError(f"None of the {len(images)} images can be read{first}.")
        self._requests = [compiled.create_infer_request() for _ in range(requests)]
        self._numbers = count()

    def turn(self, asked: TakeTurn) -> tuple[Turn, Parts]:
        """Measure for so many seconds, or so many images."""
        if len(self._requests) > 1:
            return self._measured(self._overlapped(), asked, 2 * len(self._requests))
        return self._measured(self._one_by_one(), asked, 1)

    def _measured(
        self, passing: Generator[_Passed], asked: TakeTurn, filling: int
    ) -> tuple[Turn, Parts]:
        """Counted from one end of an image to another, with the pipeline full at both."""
        least = asked.iterations or MIN_IMAGES
        seconds = 0.0 if asked.iterations else asked.seconds
        begin = perf_counter()
        for number, one in enumerate(passing, start=1):
            since = one.ended
            if number >= filling and since - begin >= LEAD_IN_SECONDS:
                break
        counted: list[_Passed] = []
        for one in passing:
            counted.append(one)
            if len(counted) >= least and one.ended - since >= seconds:
                break
        passing.close()
        fps = len(counted) / (counted[-1].ended - since)
        latencies = np.array([1000 * (one.ended - one.begun) for one in counted], np.float32)
        means = 1000 * np.mean([one.parts for one in counted], axis=0)
        return Turn(fps, latencies), Parts.of(means.tolist())

    def _one_by_one(self) -> Generator[_Passed]:
        (request,) = self._requests
        while True:
            yield self._pass(lambda: request, lambda free: None)

    def _overlapped(self) -> Generator[_Passed]:
        """As they end; the threads end with the iterator."""
        idle: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for request in self._requests:
            idle.put(request)
        passed: SimpleQueue[_Passed | BaseException] = SimpleQueue()
        over = Event()

        def work() -> None:
            try:
                while not over.is_set():
                    passed.put(self._pass(idle.get, idle.put))
            except BaseException as error:  # told by who waits for images
                passed.put(error)

        threads = [
            Thread(target=work, name=f"image {number}", daemon=True)
            for number in range(len(self._requests) + (os.cpu_count() or 1))
        ]
        for thread in threads:
            thread.start()
        try:
            while True:
                one = passed.get()
                if isinstance(one, BaseException):
                    raise one
                yield one
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _pass(
        self,
        take: Callable[[], ov.InferRequest],
        give: Callable[[ov.InferRequest], None],
    ) -> _Passed:
        """The next image, through all parts; waiting for a request belongs to none of them."""
        detector = self._detector
        image_of = self._sources[next(self._numbers) % len(self._sources)]
        begun = perf_counter()
        image = image_of()
        decoded = perf_counter()
        tensors, placement = model_inputs(detector, image)
        prepared = perf_counter()
        request = take()
        free = perf_counter()
        request.infer(tensors, share_inputs=True)
        inferred = perf_counter()
        outputs: list[NDArray[np.generic]] = [np.array(t.data) for t in request.output_tensors]
        give(request)
        self._decoder.decode(outputs, detector.preprocessing, detector.options, placement)
        ended = perf_counter()
        parts = decoded - begun, prepared - decoded, inferred - free, ended - inferred
        return _Passed(begun, ended, parts)


def _source(path: Path, mode: RunMode) -> Callable[[], Image] | None:
    """What gives the image's pixels, again and again; None where it cannot be read.

    As an application reads it, by OpenCV alone, where that gives the same pixels as our own
    reading, which looks at the file first.
    """
    from core.images.opencv import cv2

    read: Callable[[], Any]
    ours: Callable[[], Image]
    try:
        pixels = read_image(path)
        if mode.start == "file":
            read, ours = partial(cv2.imread, str(path)), partial(read_image, path)
        else:
            data, name = read_file(path), str(path)
            encoded = np.frombuffer(data, np.uint8)
            read, ours = partial(cv2.imdecode, encoded, _COLOUR), partial(decode_image, data, name)
    except InputError:
        return None

    def by_opencv() -> Image:
        found = read()
        return ours() if found is None else np.asarray(found, np.uint8)  # it says why not

    try:
        return by_opencv if np.array_equal(by_opencv(), pixels) else ours
    except (cv2.error, ValueError):  # of a path that is no text, too
        return ours
