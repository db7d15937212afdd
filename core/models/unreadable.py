"""Why OpenVINO could not read a model, and the way out: the refusal of a file."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import InputError
from core.models.foreign_operations import foreign_operations, is_whole
from core.models.sources import framework_of

_TITLES = {
    "openvino": "OpenVINO",
    "tflite": "TFLite",
    "tensorflow": "TensorFlow",
    "onnx": "ONNX",
    "paddle": "Paddle",
}
# How OpenVINO's readers name the operations that they do not know.
_UNKNOWN = (
    re.compile(r"No translator found for (?:operation\(s\): )?(.+?)(?: node)?\.?$", re.I | re.M),
    re.compile(r"No conversion rule found for operations?: (.+?)\.?$", re.I | re.M),
    re.compile(r"does not support the following ONNX operations: (.+?)\.?$", re.I | re.M),
    re.compile(r"Cannot create (\S+) layer .*from unsupported opset", re.I),
    re.compile(r"^-- (com\.microsoft\.\S+) with a message", re.M),
)
# Part of the name, whose operation that is, and the way out; the first one that fits.
_OWNERS = (
    (
        re.compile(r"_TRT$|^TRT\b", re.I),
        "an operation of TensorRT",
        "Export the model without TensorRT's NMS (YOLOv7 and related models: without --end2end, "
        "or with "
        "--max-wh 640 as well).",
    ),
    (
        re.compile(r"edgetpu", re.I),
        "the operation of a model compiled for Coral's Edge TPU",
        "Choose the .tflite file that it was compiled from, without _edgetpu in its name.",
    ),
    (
        re.compile(r"^TFLite_Detection_PostProcess$"),
        "the post-processing of TFLite",
        "Export the model without its post-processing, or to ONNX or TensorFlow instead.",
    ),
    (
        re.compile(r"^Flex"),
        "an operation of TensorFlow inside a TFLite file",
        "Choose the SavedModel that it was converted from, or export the model to ONNX.",
    ),
    (
        re.compile(r"^QLinear|^QAttention|^QGemm|^DynamicQuantize|^MatMulInteger|^Fused"),
        "an operation of ONNX Runtime's own, as its quantizer and optimizer write them",
        "Choose the float model, or quantize it in QDQ format, without ONNX Runtime's optimizer.",
    ),
    (
        re.compile(r"NMS|NonMax|PostProcess", re.I),
        "an operation that chooses among boxes",
        "Export the model without its post-processing.",
    ),
)
_DAMAGED = re.compile(
    r"can't be parsed|corrupted|malformed|Incorrect weights|Error parsing|unexpected end|"
    r"Unable to read the model|out of (?:the )?(?:range|bounds) of (?:the )?(?:weights|bin)",
    re.I,
)
_SAYS_NOTHING = (
    "Exception from",
    "Check '",
    "FrontEnd API failed",
    "Unable to read the model",
    "Model wasn't fully converted",
    "Summary:",
    "Loading input model",
    "While validating",
    "-- ",
)
_MOST_NAMED = 5


def refusal(path: Path, error: Exception) -> InputError:
    """The error for the user: which operation, what OpenVINO says, or that the file is damaged."""
    text = str(error)
    unknown = [match[1] for pattern in _UNKNOWN if (match := pattern.search(text))]
    names = re.split(r",\s*", unknown[0].strip()) if unknown else list(foreign_operations(path))
    names = [re.sub(r"-\d+$", "", name) for name in names]  # the opset that was looked in
    if names:
        return _of_operations(path, names)
    cause = _cause(text)
    if not _DAMAGED.search(text) or is_whole(path):
        return InputError(
            f"OpenVINO cannot convert {path}{': ' if cause else ''}{cause}.",
            "Export it again with fixed input shapes, or to another format such as ONNX.",
        )
    return InputError(
        f"{path} cannot be read as a model{': ' if cause else ''}{cause}.",
        "It may be damaged or cut short: copy or export it again.",
    )


def _of_operations(path: Path, names: list[str]) -> InputError:
    plain = [name.rsplit(".", 1)[-1].strip() for name in names]
    for pattern, whose, way_out in _OWNERS:
        known = [name for name in plain if pattern.search(name)]
        if known:
            said = f"{path} uses {_listed(known)}, {whose}: OpenVINO cannot read it."
            return InputError(said, way_out)
    framework = _TITLES.get(framework_of(path), "its framework")
    which = "operations" if len(plain) > 1 else "an operation"
    return InputError(
        f"{path} uses {_listed(names)}, {which} of {framework} that OpenVINO cannot read.",
        "Export the model without its post-processing and with standard operations only, or to "
        "another format.",
    )


def _listed(names: list[str]) -> str:
    shown = [name.strip()[:80] for name in names[:_MOST_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _cause(text: str) -> str:
    """What OpenVINO says beyond that it failed; "" where that is nothing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    messages = [line for line in lines if not line.startswith(_SAYS_NOTHING)]
    return messages[0].rstrip(".:")[:300] if messages else ""
