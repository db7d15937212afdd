"""How many images a package's network can take at a time, with the same detections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.deployment.comparing import Seen, allowed, difference
from core.detection.detections import Detections
from core.models.stored import StoredModel
from core.progress import Step

if TYPE_CHECKING:
    import openvino as ov

    from core.images.placement import Placement

BATCHES = (2, 4, 8)
_STAGE = "Trying several images an inference"

_Tensors = list[NDArray[Any]]
_Prepared = list[tuple[_Tensors, "Placement"]]


def possible_batches(stored: StoredModel, images: Dataset, step: Step) -> tuple[int, ...]:
    """Those of `BATCHES` with which the network finds in these images what it finds one by one.

    In true f32. None for a network that has its batch built in, takes other inputs than the
    image, or whose outputs do not have one part an image.
    """
    from core.inference.loading import load_images
    from core.models.stored import read_network

    detector = stored.card.detector
    step(_STAGE, 0, len(BATCHES))
    if detector.extra_inputs:
        return ()
    prepared = [
        (one.tensors, one.placement)
        for one in load_images(images, range(len(images.images)), detector)
        if one.tensors is not None and one.placement is not None
    ][: max(BATCHES)]
    single = read_network(stored.xml)
    if not prepared:
        return ()
    usual = _found(stored, single, prepared, 1)
    possible = []
    for done, batch in enumerate(BATCHES, start=1):
        several = _several(single.clone(), batch)
        if several is not None and _same(usual, _found(stored, several, prepared, batch)):
            possible.append(batch)
        step(_STAGE, done, len(BATCHES))
    return tuple(possible)


def _several(model: ov.Model, batch: int) -> ov.Model | None:
    """The network with so many images; None where an output has not one part for each."""
    from core.benchmark.feeding import batched
    from core.errors import InputError

    alone = [port.get_partial_shape() for port in model.outputs]
    try:
        batched(model, batch)
    except InputError:
        return None
    for port, before in zip(model.outputs, alone, strict=True):
        now = port.get_partial_shape()
        if now.rank.is_dynamic or len(now) < 2 or before[0] != 1 or now[0] != batch:
            return None
        if list(now)[1:] != list(before)[1:]:
            return None
    return model


def _found(
    stored: StoredModel, model: ov.Model, prepared: _Prepared, batch: int
) -> list[Detections]:
    """What is found in each image, as a package does it."""
    from core.inference.compiling import compile_for
    from core.inference.settings import TRUE_F32
    from core.models.decoders.registry import decoder_of

    detector = stored.card.detector
    decoder = decoder_of(detector)
    request = compile_for(model, TRUE_F32, "LATENCY").create_infer_request()
    found = []
    for first in range(0, len(prepared), batch):
        some = prepared[first : first + batch]
        each = [tensors[0] for tensors, _ in some]
        request.infer([np.concatenate([*each, *each[-1:] * (batch - len(each))])])
        outputs = [np.array(tensor.data) for tensor in request.output_tensors]
        for number, (_, placement) in enumerate(some):
            own = outputs if batch == 1 else [one[number : number + 1] for one in outputs]
            found.append(decoder.decode(own, detector.preprocessing, detector.options, placement))
    return found


def _same(some: Sequence[Detections], others: Sequence[Detections]) -> bool:
    """Whether no more differs than roundings of true f32 do."""
    limits = allowed("f32", "f32", len(some))
    each = [
        difference(*(Seen(found.boxes, found.scores, found.class_ids) for found in pair))
        for pair in zip(some, others, strict=True)
    ]
    within = all(one <= most for one, most in zip(each, limits.images, strict=True))
    return within and float(np.mean(each)) <= limits.mean
