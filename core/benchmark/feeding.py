"""What a measured model is fed with: random pixels, or the user's images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.images.decode import read_image
from core.inference.inputs import random_inputs
from core.models.batch_axis import open_batch
from core.models.inputs import model_inputs
from core.models.stored import load_stored

if TYPE_CHECKING:
    import openvino as ov

    from core.models.detector import Detector

Arrays = list[NDArray[Any]]


class Feed:
    """Inputs of a model, one set after the other, for ever."""

    def __init__(self, sets: Sequence[Arrays]) -> None:
        import openvino as ov

        self._sets = sets
        self._tensors = [[ov.Tensor(array, shared_memory=True) for array in one] for one in sets]
        self._place = 0

    @property
    def changing(self) -> bool:
        """Whether there is more than one set."""
        return len(self._sets) > 1

    def next(self) -> list[ov.Tensor]:
        """The next set, a tensor for each input."""
        self._place = (self._place + 1) % len(self._tensors)
        return self._tensors[self._place]

    def in_batches(self, batch: int) -> Feed:
        """The same with so many images in each set; image n of a set is n sets further on."""
        if batch == 1:
            return self
        count = len(self._sets)
        return Feed(
            [
                [
                    np.ascontiguousarray(np.concatenate(parts))
                    for parts in zip(
                        *(self._sets[(first + more) % count] for more in range(batch)), strict=True
                    )
                ]
                for first in range(count)
            ]
        )


def feed_for(xml: Path, model: ov.Model, images: Sequence[Path], seed: int) -> Feed:
    """Inputs for the model stored at `xml`, as the detector's other jobs would make them.

    Without `images`, pixels are random; with them, the model needs its card.
    """
    if images:
        return Feed(_images(load_stored(xml).card.detector, images))
    return Feed([_contiguous(random_inputs(xml, model, seed))])


def batched(model: ov.Model, batch: int) -> ov.Model:
    """`model`, taking so many images at a time; raises InputError where it cannot.

    Inputs are taken to have the batch as their first dimension, as detectors do.
    """
    if batch == 1:
        return model
    shapes = {}
    for port in model.inputs:
        shape = port.partial_shape
        if shape.rank.is_dynamic or not len(shape) or not _is_one(shape[0]):
            raise InputError(
                f"Batch {batch} is not possible: the network's input is {shape.to_string()}."
            )
        shapes[port] = [batch, *list(shape)[1:]]
    open_batch(model)
    try:
        model.reshape(shapes)
    except RuntimeError as error:
        raise InputError(
            f"Batch {batch} is not possible: the network has a fixed batch."
        ) from error
    return model


def _is_one(dimension: Any) -> bool:
    return bool(dimension.is_dynamic) or dimension.get_length() == 1


def _images(detector: Detector, images: Sequence[Path]) -> list[Arrays]:
    sets = []
    for path in images:
        try:
            sets.append(_contiguous(model_inputs(detector, read_image(path))[0]))
        except InputError:
            continue  # others can be read, or none, and then that is said
    if not sets:
        raise InputError(f"None of the {len(images)} images can be read, such as {images[0]}.")
    return sets


def _contiguous(tensors: Arrays) -> Arrays:
    return [np.ascontiguousarray(tensor) for tensor in tensors]
