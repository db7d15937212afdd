"""Which files and folders are models, of which framework, and what belongs to them."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from core.images.listing import IMAGE_SUFFIXES
from core.models.other_formats import is_tensorflow_js, recognised_by_name

SAVED_MODEL = "saved_model.pb"
FRAMEWORKS = {
    ".xml": "openvino",
    ".onnx": "onnx",
    ".tflite": "tflite",
    ".pb": "tensorflow",
    ".pdmodel": "paddle",
    ".json": "paddle",
}
KNOWN = (
    "Choose an OpenVINO IR (.xml with its .bin), ONNX (.onnx), TensorFlow (.pb or a SavedModel "
    "folder), TFLite (.tflite) or Paddle model (.pdmodel or .json with its .pdiparams)."
)
# The file with the weights that a graph file cannot do without.
_WEIGHTS = {".xml": ".bin", ".pdmodel": ".pdiparams", ".json": ".pdiparams"}


def framework_of(path: Path) -> str:
    """The framework of a model file that `find_model_file` gave."""
    return "tensorflow" if path.is_dir() else FRAMEWORKS[path.suffix.lower()]


def weights_of(path: Path) -> Path | None:
    """Where the weights of this graph file belong; None where it holds them itself."""
    suffix = _WEIGHTS.get(path.suffix.lower())
    return path.with_suffix(suffix) if suffix else None


def find_model_file(path: Path) -> Path:
    """The model that `path` means: a file, a SavedModel folder, or a folder's only model."""
    if not path.is_dir():
        return path.parent if path.name == SAVED_MODEL else path
    if (path / SAVED_MODEL).exists() or recognised_by_name(path):
        return path  # of another kind, such as an .mlpackage: reading it tells how to convert it
    files = sorted(p for p in path.iterdir() if p.is_file())
    found = [p for p in files if _is_model(p)]
    others = [p for p in files if is_tensorflow_js(p)] or [
        p for p in files if recognised_by_name(p)
    ]
    one_kind = len({recognised_by_name(p) for p in others}) == 1  # such as ncnn's .param and .bin
    if len(found) == 1 or (not found and one_kind):
        return (found or others)[0]  # of another kind: reading it tells how to convert it
    if not found:
        raise InputError(f"There is no model in the folder {path}.", KNOWN)
    names = ", ".join(p.name for p in found)
    raise InputError(f"There are several models in {path}: {names}.", "Choose one of the files.")


def holds_model(path: Path) -> bool:
    """Whether a dropped file is a model, or a dropped folder holds one.

    One that must be exported first counts, unless there are images beside it.
    """
    if not path.is_dir():
        return _is_model(path)
    files = [file for file in path.iterdir() if file.is_file()]
    if (path / SAVED_MODEL).exists() or any(map(_is_model, files)):
        return True
    images = any(file.suffix.lower() in IMAGE_SUFFIXES for file in files)
    return not images and any(map(recognised_by_name, files))


def models_in(path: Path) -> tuple[Path, ...]:
    """The models of a folder that has several, each by itself; else `path` alone."""
    if not path.is_dir() or (path / SAVED_MODEL).exists() or recognised_by_name(path):
        return (path,)
    found = sorted(file for file in path.iterdir() if file.is_file() and _is_model(file))
    return tuple(found) if len(found) > 1 else (path,)


def model_size_bytes(path: Path) -> int:
    """Bytes on disk of the graph and its weights."""
    if path.is_dir():
        parts = [path / SAVED_MODEL, *(path / "variables").glob("*")]
        return sum(part.stat().st_size for part in parts if part.is_file())
    weights = weights_of(path)
    own = path.stat().st_size
    return own + (weights.stat().st_size if weights is not None and weights.is_file() else 0)


def model_name(path: Path) -> str:
    """What the user calls the model at `path`."""
    return path.name if path.is_dir() else path.stem


def safe_name(name: str) -> str:
    """`name` as a file name that every system takes, at most 80 characters."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return kept.strip(".")[:80] or "model"


def _is_model(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix == ".json":  # a Paddle graph, and not just any file of settings
        return path.with_suffix(".pdiparams").is_file()
    return suffix in FRAMEWORKS
