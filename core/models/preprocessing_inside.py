"""A network that takes images as they are decoded: conversion, colours, mean and scale inside.

Bringing an image to the input's size stays outside: OpenCV rounds the pixels of a resized image,
and OpenVINO's own resizing gives other ones (docs/decisions/0035).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.models.detector import Detector
from core.models.facts import NO_MEAN, NO_SCALE
from core.models.input_note import note_input
from core.models.preprocessing import Preprocessing
from core.models.resizing import image_index

if TYPE_CHECKING:
    import openvino as ov


def can_be_inside(wanted: Preprocessing) -> bool:
    """Whether anything is left to be done inside."""
    return wanted != outside(wanted)


def outside(wanted: Preprocessing) -> Preprocessing:
    """What is left to be done before the network: uint8, BGR, channels last."""
    return msgspec.structs.replace(
        wanted,
        color_order="bgr",
        mean=NO_MEAN,
        scale=NO_SCALE,
        layout="NHWC",
        element_type="u8",
    )


def with_preprocessing_inside(model: ov.Model, detector: Detector) -> tuple[ov.Model, Detector]:
    """The network with its preprocessing inside, and how it is then used.

    The same as `Preprocessing.apply` computes in float32, in the same order: mean first, then
    scale. The network gets it as a layer or two that OpenVINO may fuse into the first convolution.
    """
    wanted = detector.preprocessing
    if not can_be_inside(wanted):
        return model, detector
    import openvino as ov
    from openvino.preprocess import ColorFormat, PrePostProcessor

    note_input(model, wanted)
    steps = PrePostProcessor(model)
    image = steps.input(image_index(detector))
    image.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    image.tensor().set_color_format(ColorFormat.BGR)
    image.model().set_layout(ov.Layout(wanted.layout))
    made = image.preprocess()
    if wanted.color_order == "rgb":
        made.convert_color(ColorFormat.RGB)
    if wanted.element_type == "f32":
        made.convert_element_type(ov.Type.f32)
        if any(wanted.mean):
            made.mean(list(wanted.mean))
        if any(part != 1.0 for part in wanted.scale):
            made.scale(list(wanted.scale))
    changed = msgspec.structs.replace(detector, preprocessing=outside(wanted))
    return steps.build(), changed


def inside_code(detector: Detector) -> str:
    """Lines of a script that put the preprocessing into the network ``quantized``."""
    wanted = detector.preprocessing
    if not can_be_inside(wanted):
        return ""
    lines = [
        "from openvino.preprocess import ColorFormat, PrePostProcessor",
        "steps = PrePostProcessor(quantized)",
        f"image = steps.input({image_index(detector)})",
        'image.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))',
        "image.tensor().set_color_format(ColorFormat.BGR)",
        f'image.model().set_layout(ov.Layout("{wanted.layout}"))',
    ]
    if wanted.color_order == "rgb":
        lines.append("image.preprocess().convert_color(ColorFormat.RGB)")
    if wanted.element_type == "f32":
        lines.append("image.preprocess().convert_element_type(ov.Type.f32)")
        if any(wanted.mean):
            lines.append(f"image.preprocess().mean({list(wanted.mean)})")
        if any(part != 1.0 for part in wanted.scale):
            lines.append(f"image.preprocess().scale({list(wanted.scale)})")
    return "\n".join([*lines, "quantized = steps.build()", ""])
