"""Giving a network one fixed form: an image ``[1,3,H,W]`` or ``[1,H,W,3]``, batch 1, f32 or u8.

What remains open afterwards are outputs with as many rows as there are detections.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.errors import InputError
from core.models.facts import ImageInput, scales_pixels
from core.models.integers import quantized_pixels, real_outputs

if TYPE_CHECKING:
    import openvino as ov

DEFAULT_SIDE = 640  # where nothing tells the size of a dynamic input; a multiple of 32 and 64
_SMALLEST_SIDE = 16
_AS_THEY_ARE = {"f32", "u8"}
_NAMES = re.compile(r"image|img|input|picture|pixel|data|^x", re.IGNORECASE)


def fix_shapes(
    model: ov.Model,
    wanted: tuple[int, int] | None = None,
    channels_last: bool = False,
    name: str = "The model",
) -> ImageInput:
    """Reshape `model` in place; gives its image input. It gives real values afterwards.

    `wanted` are height and width from a file of metadata, for an input that leaves them open;
    `channels_last` is what a layout that is open altogether is taken for; `name` is what errors
    call the model. Raises InputError where no input takes an image, the network cannot take a
    batch of one, or nothing tells what its integers stand for.
    """
    real_outputs(model, name)
    index = _image_index(model)
    values = quantized_pixels(model, index, name)
    _four_dimensions(model, index)
    shape = _filled(model.input(index).partial_shape, wanted, channels_last, model)
    last = _layout_of(shape, channels_last) == "NHWC"
    size = shape[1:3] if last else shape[2:]
    shapes = {
        number: shape if number == index else _filled_extra(port.partial_shape, size)
        for number, port in enumerate(model.inputs)
    }
    _reshape(model, shapes, index)
    scaled = scales_pixels(model.input(index).get_node())
    _plain_type(model, index)
    port = model.input(index)
    return ImageInput(
        index=index,
        name=min(port.get_names(), key=len, default=port.get_node().get_friendly_name()),
        layout="NHWC" if last else "NCHW",
        height=shape[1] if last else shape[2],
        width=shape[2] if last else shape[3],
        element_type="u8" if port.get_element_type().get_type_name() == "u8" else "f32",
        scaled_inside=scaled,
        values=values,
    )


def _reshape(model: ov.Model, shapes: dict[int, list[int]], index: int) -> None:
    try:
        model.reshape({number: shape for number, shape in shapes.items() if shape})
    except RuntimeError as error:
        raise InputError(
            f"The model cannot be brought to a batch of one and an input of {shapes[index]}.",
            "Export it with fixed shapes and a batch of 1.",
        ) from error


def _sides(shape: Any) -> list[int]:
    """Lengths, -1 where one is open."""
    return [side.get_length() if side.is_static else -1 for side in shape]


def _image_index(model: ov.Model) -> int:
    """The input that can hold an image: three channels, named as images are, the largest."""
    ranked = []
    for number, port in enumerate(model.inputs):
        if port.partial_shape.rank.is_dynamic:
            continue
        sides = _sides(port.partial_shape)
        if len(sides) not in (3, 4):
            continue
        channels = {sides[-3], sides[-1]}
        if channels & {3, -1}:
            names = [*port.get_names(), port.get_node().get_friendly_name()]
            named = any(_NAMES.search(name) and "mask" not in name for name in names)
            ranked.append((len(sides), 3 in channels, named, np.prod(np.abs(sides)), -number))
    if not ranked:
        shapes = ", ".join(port.partial_shape.to_string() for port in model.inputs)
        raise InputError(
            f"No input of the model takes an image of three colours: they are {shapes}.",
            "Choose the model of an object detector.",
        )
    return int(-max(ranked)[-1])


def _layout_of(sides: list[int], channels_last: bool) -> Literal["NCHW", "NHWC"]:
    if sides[1] == 3 and sides[3] != 3:
        return "NCHW"
    if sides[3] == 3 and sides[1] != 3:
        return "NHWC"
    return "NHWC" if channels_last else "NCHW"


def _filled_extra(shape: Any, size: list[int]) -> list[int]:
    """The fixed shape of an input besides the image: a mask has its `size`, height and width.

    Empty where its rank is open.
    """
    if shape.rank.is_dynamic:
        return []
    sides = _sides(shape)
    if len(sides) >= 3:
        sides[-2:] = [
            known if known > 0 else of for known, of in zip(sides[-2:], size, strict=True)
        ]
    return [1 if side < 0 or place == 0 else side for place, side in enumerate(sides)]


def _filled(shape: Any, wanted: tuple[int, int] | None, last: bool, model: ov.Model) -> list[int]:
    """The fixed shape of the image's input."""
    sides = _sides(shape)
    layout = _layout_of(sides, last)
    places = (1, 2) if layout == "NHWC" else (2, 3)
    size = (DEFAULT_SIDE, DEFAULT_SIDE)
    if any(sides[place] < 0 for place in places):
        size = wanted or _resizer_size(model) or size
    filled = [1, 3, 3, 3]
    for place, side, open_side in zip(places, size, (shape[p] for p in places), strict=True):
        if open_side.is_static:
            filled[place] = sides[place]
        else:
            longest = open_side.max_length if open_side.max_length > 0 else side
            filled[place] = max(_SMALLEST_SIDE, open_side.min_length, min(side, longest))
    return filled


def _resizer_size(model: ov.Model) -> tuple[int, int] | None:
    """Height and width that a resizer inside the graph brings every image to, if there is one.

    TensorFlow's detection models resize in the body of their first loop.
    """
    for op in model.get_ops():
        if op.get_type_name() != "Loop":
            continue
        for inner in op.get_function().get_ops():
            if inner.get_type_name() == "Interpolate":
                target = inner.input_value(1).get_node()
                if target.get_type_name() == "Constant":
                    size = [int(side) for side in np.ravel(target.get_data())]
                    if len(size) == 2 and min(size) >= _SMALLEST_SIDE:
                        return size[0], size[1]
    return None


def _four_dimensions(model: ov.Model, index: int) -> None:
    """Put a batch of one before an image that has none."""
    from openvino import opset8 as ops

    old = model.input(index).get_node()
    if len(old.get_partial_shape()) != 3:
        return
    sides = [1, *_sides(old.get_partial_shape())]
    new = ops.parameter(sides, old.get_element_type().to_dtype())
    _replace(model, old, new, ops.squeeze(new, ops.constant(np.array([0], np.int64))))


def _plain_type(model: ov.Model, index: int) -> None:
    """Let an image of any other element type in as f32."""
    from openvino import opset8 as ops

    old = model.input(index).get_node()
    if old.get_element_type().get_type_name() in _AS_THEY_ARE:
        return
    new = ops.parameter(old.get_partial_shape(), np.float32)
    _replace(model, old, new, ops.convert(new, old.get_element_type().get_type_name()))


def _replace(model: ov.Model, old: Any, new: Any, value: Any) -> None:
    names = old.output(0).get_names()
    new.set_friendly_name(old.get_friendly_name())
    for target in old.output(0).get_target_inputs():
        target.replace_source_output(value.output(0))
    model.replace_parameter(model.get_parameter_index(old), new)
    old.output(0).set_names(set())
    new.output(0).set_names(names)
    model.validate_nodes_and_infer_types()
