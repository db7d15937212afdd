"""Reading a model file, refusing what cannot be used with its cause and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.models.onnx_file import check_external_data
from core.models.sources import (
    FRAMEWORKS,
    KNOWN,
    SAVED_MODEL,
    export_hint,
    framework_of,
    weights_of,
)
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

OLDEST_IR = 10
MAX_OPERATIONS = 50_000
_LFS_START = b"version https://git-lfs"
_UNTRANSLATED = re.compile(
    r"no translator found for (?:operation\(s\): )?([\w:, ]+?)(?: node)?[.\n]", re.IGNORECASE
)
_TITLES = {"tflite": "TFLite", "tensorflow": "TensorFlow", "onnx": "ONNX", "paddle": "Paddle"}


def read_model(path: Path) -> ov.Model:
    """The network at `path`; raises InputError with the cause where it is none."""
    _check_file(path)
    try:
        model = openvino_core().read_model(path)
    except Exception as error:  # OpenVINO raises RuntimeError for whatever it cannot read
        raise _refusal(path, error) from error
    if not model.inputs or not model.outputs:
        raise InputError(f"{path} is empty: it has no input or no output.", "Export it again.")
    if len(model.get_ops()) > MAX_OPERATIONS:
        raise InputError(
            f"{path} has more than {MAX_OPERATIONS} operations; no detector needs as many.",
            "Export it again, with constant folding.",
        )
    return model


def _refusal(path: Path, error: Exception) -> InputError:
    untranslated = _UNTRANSLATED.search(str(error))
    if untranslated is not None:
        framework = _TITLES.get(framework_of(path), "the framework")
        return InputError(
            f"{path} uses {untranslated[1].strip()}, an operation of {framework} that OpenVINO "
            "cannot read.",
            "Export the model without its post-processing, or to ONNX or TensorFlow instead.",
        )
    cause = _cause(error)
    return InputError(
        f"{path} cannot be read as a model{': ' if cause else ''}{cause}.",
        "It may be damaged or cut short: copy or export it again.",
    )


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"There is no file {path}.", "Check the path of the model.")
    graph = path / SAVED_MODEL if path.is_dir() else path
    if not graph.is_file():
        raise InputError(f"{graph} is not a regular file.", "Choose the model file itself.")
    _refuse_pointer(graph)
    hint = export_hint(path)
    if hint is not None:
        raise InputError(f"{path} is {hint[0]}.", hint[1])
    if not path.is_dir() and path.suffix.lower() not in FRAMEWORKS:
        raise InputError(f"{path} is not a model file that is known by its name.", KNOWN)
    check = _CHECKS.get(graph.suffix.lower())
    if check is not None:
        check(graph)
    weights = weights_of(path)
    if weights is not None:
        if not weights.is_file():
            raise InputError(
                f"{path} needs its weights, {weights.name}, in the same folder.",
                "Copy that file there too.",
            )
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
            f"{path} is not a TFLite model: its mark is missing.",
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


def _cause(error: Exception) -> str:
    """What OpenVINO says beyond that it failed; "" where that is nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(_SAYS_NOTHING)]
    return told[0].rstrip(".:")[:300] if told else ""


_SAYS_NOTHING = ("Exception from", "Check '", "FrontEnd API failed", "Unable to read the model")
