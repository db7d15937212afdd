"""Reading a model file, refusing what cannot be used with its cause and a way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

FRAMEWORKS = {".xml": "openvino", ".onnx": "onnx"}
OLDEST_IR = 10
MAX_OPERATIONS = 50_000
_LFS_START = b"version https://git-lfs"
_EXPORT_HINTS = {
    (".pt", ".pth", ".ckpt", ".safetensors"): (
        "a PyTorch file",
        "Export it to ONNX first, for example with torch.onnx.export or its project's exporter.",
    ),
    (".h5", ".keras"): (
        "a Keras file",
        "Export it first: model.export() writes a SavedModel, tf2onnx turns that into ONNX.",
    ),
    (".tflite", ".pb", ".pdmodel"): (
        "of a framework that this version does not import yet",
        "Convert it to OpenVINO IR with ovc, or export it to ONNX.",
    ),
    (".bin",): ("only the weights of a model", "Choose the .xml file beside it."),
}


def find_model_file(path: Path) -> Path:
    """The model file that `path` means: itself, or the only model in the folder."""
    if not path.is_dir():
        return path
    files = sorted(p for p in path.iterdir() if p.is_file())
    found = [p for p in files if p.suffix.lower() in FRAMEWORKS]
    others = [p for p in files if any(p.suffix.lower() in s for s in _EXPORT_HINTS)]
    if len(found or others) == 1:
        return (found or others)[0]  # of another kind: reading it tells how to convert it
    if not found:
        raise InputError(
            f"There is no model in the folder {path}.",
            "Choose an OpenVINO IR (.xml with its .bin) or an ONNX file.",
        )
    names = ", ".join(p.name for p in found)
    raise InputError(f"There are several models in {path}: {names}.", "Choose one of the files.")


def read_model(path: Path) -> ov.Model:
    """The network in an IR or ONNX file; raises InputError with the cause where it is none."""
    _check_file(path)
    if path.suffix.lower() == ".xml":
        _check_ir(path)
    try:
        model = openvino_core().read_model(path)
    except Exception as error:  # OpenVINO raises RuntimeError for whatever it cannot read
        raise InputError(
            f"{path} cannot be read as a model: {_first_line(error)}.",
            "It may be damaged or cut short: copy or export it again.",
        ) from error
    if not model.inputs or not model.outputs:
        raise InputError(f"{path} is empty: it has no input or no output.", "Export it again.")
    if len(model.get_ops()) > MAX_OPERATIONS:
        raise InputError(
            f"{path} has more than {MAX_OPERATIONS} operations; no detector needs as many.",
            "Export it again, with constant folding.",
        )
    return model


def model_size_bytes(path: Path) -> int:
    """Bytes on disk of the graph and its weights."""
    weights = path.with_suffix(".bin")
    paired = path.suffix.lower() == ".xml" and weights.is_file()
    return path.stat().st_size + (weights.stat().st_size if paired else 0)


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"There is no file {path}.", "Check the path of the model.")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file.", "Choose the model file itself.")
    _refuse_pointer(path)
    suffix = path.suffix.lower()
    for suffixes, (what, way_out) in _EXPORT_HINTS.items():
        if suffix in suffixes:
            raise InputError(f"{path} is {what}.", way_out)
    if suffix not in FRAMEWORKS:
        raise InputError(
            f"{path} is not a model file that is known by its name.",
            "Choose an OpenVINO IR (.xml with its .bin) or an ONNX file (.onnx).",
        )


def _refuse_pointer(path: Path) -> None:
    if _head(path, len(_LFS_START)) == _LFS_START:
        raise InputError(
            f"{path} is a Git LFS pointer, not the model itself.",
            "Run 'git lfs pull' in its repository, or download the file.",
        )


def _check_ir(path: Path) -> None:
    version = re.search(rb"<net\b[^>]*\bversion\s*=\s*[\"'](\d+)[\"']", _head(path, 4096))
    if version is None:
        raise InputError(
            f"{path} is an XML file, but not an OpenVINO model.",
            "Choose the .xml file that OpenVINO's converter wrote.",
        )
    if int(version[1]) < OLDEST_IR:
        raise InputError(
            f"{path} is OpenVINO IR version {int(version[1])}; only version {OLDEST_IR} "
            "and newer can be read.",
            "Convert the original model again with a current OpenVINO.",
        )
    weights = path.with_suffix(".bin")
    if not weights.is_file():
        raise InputError(
            f"{path} needs its weights, {weights.name}, in the same folder.",
            "Copy that file there too.",
        )
    _refuse_pointer(weights)


def _head(path: Path, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(length)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (told or lines or [type(error).__name__])[0].rstrip(".")[:300]
