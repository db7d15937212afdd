"""Reading a model file, refusing what cannot be used with its cause and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.models.onnx_file import check_external_data
from core.models.other_formats import HEAD_BYTES, recognised_by_content, recognised_by_name
from core.models.sources import (
    FRAMEWORKS,
    KNOWN,
    SAVED_MODEL,
    weights_of,
)
from core.models.unreadable import refusal
from core.refusals import require_regular, require_there
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

OLDEST_IR = 10
MAX_OPERATIONS = 50_000
LARGEST_BUFFER = 2**31  # bytes: neither protocol buffers nor TFLite's can be larger
_LARGEST = {".xml": 2**29, ".json": 2**29}  # graphs without their weights
_LFS_START = b"version https://git-lfs"


def read_model(path: Path) -> ov.Model:
    """The network at `path`; raises InputError with the cause where it is none."""
    _check_file(path)
    try:
        model = openvino_core().read_model(path)
    except Exception as error:  # OpenVINO raises RuntimeError for whatever it cannot read
        raise refusal(path, error) from error
    if not model.inputs or not model.outputs:
        raise InputError(f"{path} is empty: it has no input or no output.", "Export it again.")
    if len(model.get_ops()) > MAX_OPERATIONS:
        raise InputError(
            f"{path} has more than {MAX_OPERATIONS} operations; no detector needs as many.",
            "Export it again, with constant folding.",
        )
    return model


def _check_file(path: Path) -> None:
    require_there(path, "Check the path of the model.")
    graph = path / SAVED_MODEL if path.is_dir() else path
    recognised = None if path.is_dir() and graph.exists() else recognised_by_name(path)
    if recognised is None and not graph.is_file():
        raise InputError(f"{graph} is not a regular file.", "Choose the model file itself.")
    if graph.is_file():
        _refuse_pointer(graph)
    if recognised is None and not path.is_dir():
        if path.suffix.lower() not in FRAMEWORKS:
            raise InputError(f"{path} does not have the file name of a known model format.", KNOWN)
        recognised = recognised_by_content(path.suffix.lower(), _head(path, HEAD_BYTES))
    if recognised is not None:
        raise InputError(f"{path} is {recognised[0]}.", recognised[1])
    largest = _LARGEST.get(graph.suffix.lower(), LARGEST_BUFFER)
    if graph.stat().st_size > largest:
        raise InputError(
            f"{graph} is larger than {largest // 2**20} MiB, which no model of its kind is.",
            "Export it again, with its weights in a file beside it.",
        )
    check = _CHECKS.get(graph.suffix.lower())
    if check is not None:
        check(graph)
    weights = weights_of(path)
    if weights is not None:
        if not weights.exists():
            raise InputError(
                f"{path} needs its weights, {weights.name}, in the same folder.",
                "Copy that file there too.",
            )
        require_regular(weights, "Copy the weights of the model there.")
        _refuse_pointer(weights)


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


def _check_tflite(path: Path) -> None:
    if _head(path, 8)[4:] != b"TFL3":
        raise InputError(
            f"{path} is not a TFLite model: its file identifier is missing.",
            "It may be damaged or cut short: copy or download it again.",
        )


_CHECKS: dict[str, Callable[[Path], None]] = {
    ".xml": _check_ir,
    ".onnx": check_external_data,
    ".tflite": _check_tflite,
}


def _head(path: Path, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(length)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
