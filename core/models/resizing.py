"""A network at another size of its image input, where it allows that."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from core.errors import InputError
from core.models.decoders.registry import recognise
from core.models.detector import Detector
from core.models.facts import ImageInput, facts_of
from core.models.input_note import note_input
from core.models.input_size import InputSize
from core.models.inputs import ExtraInput
from core.models.preprocessing import Preprocessing

if TYPE_CHECKING:
    import openvino as ov


def resized(model: ov.Model, detector: Detector, size: InputSize, name: str) -> Detector:
    """Reshape `model` in place to that input size; gives how it is then used.

    `name` is what errors call it. Raises InputError where the network has shapes, anchors or
    positions inside that belong to its own size: then it would not run, or its outputs would no
    longer be what its layout reads.
    """
    own = InputSize.of(detector.preprocessing)
    if size == own:
        return detector
    known = _recognised(model, detector)
    changed = detector_at(detector, size)
    before = [port.partial_shape.rank for port in model.outputs]
    try:
        model.reshape(dict(shapes_at(changed)))
    except RuntimeError as error:
        raise _fixed(name, own, size) from error
    same = [port.partial_shape.rank for port in model.outputs] == before
    if not same or (known and not _recognised(model, changed)):
        raise _fixed(name, own, size)
    note_input(model, detector.preprocessing)
    return changed


def detector_at(detector: Detector, size: InputSize) -> Detector:
    """The detector with images brought to that size."""
    own = detector.preprocessing
    extras = tuple(_extra_at(one, own, size) for one in detector.extra_inputs)
    sides = msgspec.structs.replace(own, width=size.width, height=size.height)
    return msgspec.structs.replace(detector, preprocessing=sides, extra_inputs=extras)


def shapes_at(detector: Detector) -> dict[int, list[int]]:
    """The shape of each input, by its number, for a batch of one."""
    wanted = detector.preprocessing
    image = [1, 3, wanted.height, wanted.width]
    if wanted.layout == "NHWC":
        image = [1, wanted.height, wanted.width, 3]
    shapes = {one.index: list(one.shape) for one in detector.extra_inputs}
    return dict(sorted({**shapes, image_index(detector): image}.items()))


def image_index(detector: Detector) -> int:
    """The number of the input that takes the image."""
    taken = {one.index for one in detector.extra_inputs}
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _extra_at(one: ExtraInput, own: Preprocessing, size: InputSize) -> ExtraInput:
    """A mask has the size of the image; all else stays as it is."""
    if len(one.shape) < 3 or one.shape[-2:] != (own.height, own.width):
        return one
    return msgspec.structs.replace(one, shape=(*one.shape[:-2], size.height, size.width))


def _recognised(model: ov.Model, detector: Detector) -> bool:
    """Whether the layout would be recognized from the network as it is now."""
    wanted = detector.preprocessing
    index = image_index(detector)
    image = ImageInput(
        index=index,
        name=model.input(index).get_node().get_friendly_name(),
        layout=wanted.layout,
        height=wanted.height,
        width=wanted.width,
        element_type=wanted.element_type,
    )
    with suppress(InputError):
        return any(one.id == detector.decoder for one, _ in recognise(facts_of(model, image)))
    return False


def _fixed(name: str, own: InputSize, size: InputSize) -> InputError:
    return InputError(
        f"{name} cannot take images of {size}: it has shapes or anchors inside that belong to its "
        f"own input size, {own}.",
        "Keep that size, or export the model with a dynamic input.",
    )
