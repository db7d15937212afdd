"""Decoding and preprocessing images ahead of a consumer, in threads, with bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.images.decode import ImageError, decode_image, read_file
from core.images.placement import Placement
from core.memory import keep_freed_memory
from core.models.detector import Detector
from core.models.inputs import model_inputs
from core.remarks.remark import Remark
from core.values import to_json

if TYPE_CHECKING:
    from core.models.inputs import Tensors


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An image as a model's inputs, or why it could not be read.

    `index` is that in the dataset; `tensors` are those of all inputs, for a batch of one.
    """

    index: int
    tensors: Tensors | None
    placement: Placement | None
    problem: Remark | None = None


def load_images(
    dataset: Dataset, indices: Iterable[int] | NDArray[np.intp], detector: Detector
) -> Generator[LoadedImage]:
    """The chosen images in their order, each prepared before it is asked for."""

    def load(index: int) -> LoadedImage:
        path = dataset.path(index)
        try:
            data = read_file(path)
        except ImageError as error:
            return LoadedImage(index, None, None, error.remark)
        return prepared_image(index, data, path, detector)

    return load_ahead(indices, load)


def prepared_image(index: int, data: bytes, path: Path, detector: Detector) -> LoadedImage:
    """The image that these bytes are, which lies at `path`."""
    try:
        tensors, placement = model_inputs(detector, decode_image(data, str(path)))
    except ImageError as error:
        return LoadedImage(index, None, None, error.remark)
    return LoadedImage(index, tensors, placement)


def load_ahead(
    numbers: Iterable[int] | NDArray[np.intp], load: Callable[[int], LoadedImage]
) -> Generator[LoadedImage]:
    """What `load` gives for each, in their order, in threads and before it is asked for."""
    keep_freed_memory()
    workers = os.cpu_count() or 1
    ahead: deque[Future[LoadedImage]] = deque()
    waiting = iter(numbers)
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        try:
            for number in waiting:
                ahead.append(pool.submit(load, int(number)))
                if len(ahead) >= 2 * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


Load = Callable[[Dataset, Iterable[int], Detector], Iterator[LoadedImage]]
"""Gives images as `load_images` does."""


class KeptImages:
    """Images that several models are to see: loaded once, as far as they have room in memory."""

    def __init__(self, most_bytes: int) -> None:
        """Of tensors; what has no room is loaded each time."""
        self._left = most_bytes
        self._kept: dict[tuple[Path, bytes], LoadedImage] = {}

    def __call__(
        self, dataset: Dataset, indices: Iterable[int], detector: Detector
    ) -> Iterator[LoadedImage]:
        """As `load_images`."""
        use = to_json(detector)
        wanted = [(int(one), (dataset.path(int(one)), use)) for one in indices]
        missing = load_images(
            dataset, [index for index, key in wanted if key not in self._kept], detector
        )
        with closing(missing):
            for index, key in wanted:
                known = self._kept.get(key)
                image = next(missing) if known is None else replace(known, index=index)
                if known is None:
                    self._keep(key, image)
                yield image

    def _keep(self, key: tuple[Path, bytes], image: LoadedImage) -> None:
        size = sum(one.nbytes for one in image.tensors or ())
        if size <= self._left:
            self._left -= size
            self._kept[key] = image


def input_tensors(loaded: Iterator[LoadedImage], problems: list[Remark]) -> Iterator[Tensors]:
    """The tensors of the images that could be read; why the others could not goes to `problems`."""
    for image in loaded:
        if image.problem is not None:
            problems.append(image.problem)
        elif image.tensors is not None:
            yield image.tensors
