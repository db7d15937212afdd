"""Files of other formats: what they are, told by their name or their first bytes, and the way out.

What is given is half a sentence, such as "a PyTorch file", and a next step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from core.files import open_regular

OtherFormat = tuple[str, str]

HEAD_BYTES = 65_536  # of a file, that its kind is told from
_TF_JS: OtherFormat = (
    "a TensorFlow.js model, which cannot be read",
    "Choose the SavedModel or the ONNX or TFLite export that it was made from.",
)
_PYTORCH: OtherFormat = (
    "a PyTorch file",
    "Export it to ONNX first, for example with torch.onnx.export or its project's exporter.",
)
_PICKLE: OtherFormat = (
    "a pickled Python object, which is never loaded: it could run any program",
    "Export the model to ONNX where it was made.",
)
_TENSORRT: OtherFormat = (
    "a TensorRT engine, which runs on one kind of NVIDIA processor only",
    "Choose the ONNX file that it was built from.",
)
_NCNN: OtherFormat = (
    "an ncnn model, which cannot be read",
    "Choose the ONNX file that it was made from, or export the original model to ONNX.",
)
_NO_NETWORK: OtherFormat = (
    "only the weights of a model: the file with the network (OpenVINO's .xml, ncnn's .param) is "
    "not beside it",
    "Choose an OpenVINO model's .xml with this file beside it. Of any other model choose the ONNX "
    "file that it was made from, or export the original model to ONNX.",
)
_OPENVINO: OtherFormat = ("only the weights of a model", "Choose the .xml file beside it.")
_TFLITE: OtherFormat = (
    "a TFLite model by its content",
    "Give it the ending .tflite and choose it again.",
)
_SAFETENSORS: OtherFormat = (
    "a file of weights without their network",
    "Load it in the project that made it, and export that to ONNX.",
)
_EXPORT_TOO = "Export the original model to ONNX as well."
_COMPILED = "Choose the ONNX or TFLite file that it was compiled from."
_BY_SUFFIX: dict[tuple[str, ...], OtherFormat] = {
    (".pt", ".pth", ".ckpt", ".torchscript", ".ptl", ".pte", ".mar"): _PYTORCH,
    (".safetensors",): _SAFETENSORS,
    (".pkl", ".pickle", ".joblib"): _PICKLE,
    (".h5", ".hdf5", ".keras"): (
        "a Keras file",
        "Export it first: model.export() writes a SavedModel, tf2onnx turns that into ONNX.",
    ),
    (".engine", ".plan", ".trt"): _TENSORRT,
    (".mlmodel", ".mlpackage", ".mlmodelc"): ("a Core ML model, which cannot be read", _EXPORT_TOO),
    (".param",): _NCNN,
    (".caffemodel", ".prototxt"): ("a Caffe model, which cannot be read", _EXPORT_TOO),
    (".weights",): ("a Darknet model, which cannot be read", _EXPORT_TOO),
    (".params",): ("an MXNet model, which cannot be read", _EXPORT_TOO),
    (".mnn",): ("an MNN model, which cannot be read", _EXPORT_TOO),
    (".nb",): ("a Paddle Lite model, which cannot be read", "Choose its .pdmodel or .json."),
    (".ort",): ("a model in ONNX Runtime's own format", "Choose the ONNX file it was made from."),
    (".rknn",): ("a model compiled for Rockchip's processors", _COMPILED),
    (".dlc",): ("a model compiled for Qualcomm's processors", _COMPILED),
    (".hef",): ("a model compiled for Hailo's processors", _COMPILED),
    (".om",): ("a model compiled for Huawei's processors", _COMPILED),
    (".blob",): ("a model compiled for one processor", _COMPILED),
    (".pdiparams",): (
        "only the weights of a Paddle model",
        "Choose the .pdmodel or .json that belongs to it, in the same folder.",
    ),
}
_NCNN_STARTS = (b"\x47\x6b\x30\x01", b"\x38\x4b\x0d\x00")  # weights as FP16, as INT8
_PICKLED = (b"\x80\x02", b"\x80\x04", b"\x80\x05")
_LONGEST_HEADER = 100_000_000  # bytes of a safetensors file
_TF_JS_SHARD = re.compile(r"shard\d+of\d+\.bin$", re.IGNORECASE)


def recognised_by_name(path: Path) -> OtherFormat | None:
    """What a file that cannot be read is, by its name; None where it may be a model."""
    if _TF_JS_SHARD.search(path.name):
        return _TF_JS
    suffix = path.suffix.lower()
    if suffix == ".bin":
        return _bin(path)
    return next((said for suffixes, said in _BY_SUFFIX.items() if suffix in suffixes), None)


def _bin(path: Path) -> OtherFormat:
    """What weights in a .bin file are of: many programs call them so."""
    name, head = path.name.lower(), read_head(path)
    ncnn = "ncnn" in name or name.endswith(".param.bin") or head.startswith(_NCNN_STARTS)
    length = int.from_bytes(head[:8], "little")
    kinds = (
        (path.with_suffix(".xml").is_file(), _OPENVINO),
        (ncnn or path.with_suffix(".param").is_file(), _NCNN),
        (head[4:8] == b"TFL3", _TFLITE),
        # As Hugging Face calls them.
        (name.startswith("pytorch_model") or head.startswith(_PICKLED), _PYTORCH),
        (head[8:10] == b'{"' and length < _LONGEST_HEADER, _SAFETENSORS),
    )
    recognised = next((said for found, said in kinds if found), None)
    return recognised or recognised_by_content(".bin", head) or _NO_NETWORK


def read_head(path: Path) -> bytes:
    """The first bytes of a file, that its kind is told from; none where it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def recognised_by_content(suffix: str, head: bytes) -> OtherFormat | None:
    """What a file that is named like a model is instead; None where it may be one.

    `suffix` is the name's, in lower case, `head` the file's first bytes, `HEAD_BYTES` at most.
    """
    for found, said in _BY_CONTENT:
        if found(head):
            return said
    return _json(head) if suffix == ".json" else None


def is_tensorflow_js(path: Path) -> bool:
    """Whether a .json file is the graph of a TensorFlow.js model."""
    return path.suffix.lower() == ".json" and _json(read_head(path)) == _TF_JS


def _json(head: bytes) -> OtherFormat | None:
    """A .json file may be a Paddle graph: those begin with their magic word, ``pir``."""
    if b'"pir"' in head[:4096]:
        return None
    if b'"modelTopology"' in head or b'"weightsManifest"' in head or b'"graph-model"' in head:
        return _TF_JS
    if b'"images"' in head or b'"annotations"' in head or b'"categories"' in head:
        return (
            "a JSON file of annotations, not a model",
            "Choose a model here, and the annotations as the dataset.",
        )
    return "a JSON file, but not a Paddle model", "Choose the model file itself."


_BY_CONTENT: tuple[tuple[Callable[[bytes], bool], OtherFormat], ...] = (
    (
        lambda head: head[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")),
        ("a web page, not a model", "Download the file itself: its page was saved instead."),
    ),
    (lambda head: head.startswith(b"PK\x03\x04") and b"data.pkl" in head[:256], _PYTORCH),
    (lambda head: head.startswith(_PICKLED), _PICKLE),
    (lambda head: head.startswith((b"ptrt", b"ftrt")), _TENSORRT),
    (
        lambda head: head.startswith(b"PK\x03\x04"),
        ("an archive, not a model", "Unpack it and choose the model inside, or export it to ONNX."),
    ),
    (
        lambda head: head.startswith((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!")),
        ("an archive, not a model", "Unpack it and choose the model inside."),
    ),
    (
        lambda head: head.startswith(b"\x89HDF\r\n"),
        _BY_SUFFIX[(".h5", ".hdf5", ".keras")],
    ),
)
