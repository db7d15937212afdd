"""What exporters write beside the graph: class names, input size, task, preprocessing."""

from __future__ import annotations

import ast
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.detection.label_forms import nested_deeply, parse_yaml
from core.detection.text import decode_text
from core.errors import InputError
from core.files import read_regular, sentence
from core.models.onnx_file import metadata_props
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

MAX_BYTES = 1_000_000
MAX_CLASSES = 100_000
_LONGEST_TASK = 100  # characters
_LITERAL = re.compile(r"\s{0,20}[\[{(\d]")
_WITHOUT = "Remove it, to import the model without."
_DETECTING = {"", "detect", "detection"}
_TRUE = {"true", "yes", "1"}


class Metadata(Value):
    """What is known about a model besides its network.

    Attributes:
        source: where it is from, for a sentence; "" where there is nothing.
        class_names: one for each class.
        image_size: height and width of the input.
        task: such as ``detect`` or ``segment``; "" if not stated.
        exporter: ``ultralytics``, or "".
        color_order, resize, mean, scale, pad_value: of the preprocessing, None if not stated.
    """

    source: str = ""
    class_names: tuple[str, ...] = ()
    image_size: tuple[int, int] | None = None
    task: str = ""
    exporter: str = ""
    color_order: str | None = None
    resize: str | None = None
    mean: tuple[float, float, float] | None = None
    scale: tuple[float, float, float] | None = None
    pad_value: int | None = None

    @property
    def detects(self) -> bool:
        """Whether the task is that of a detector, as far as is stated."""
        return self.task in _DETECTING


def file_metadata(path: Path) -> Metadata:
    """What lies in or beside the file at `path`; raises InputError where it cannot be read."""
    beside = (path if path.is_dir() else path.parent) / "metadata.yaml"
    found = _described(_yaml(beside), "metadata.yaml")
    if found.source:
        return found
    reader = _INSIDE.get(path.suffix.lower())
    return _described(reader(path), path.name) if reader else found


def graph_metadata(model: ov.Model) -> Metadata:
    """What an exporter wrote into the graph's ``rt_info``, under ``model_info``."""
    if not model.has_rt_info("model_info"):
        return Metadata()
    stated: dict[str, Any] = {}
    for key in model.get_rt_info("model_info").astype(dict):
        value = model.get_rt_info(["model_info", key])
        stated[str(key)] = value.astype(str) if hasattr(value, "astype") else str(value)
    names = stated.get("labels", "").split()
    reverse = stated.get("reverse_input_channels")
    return Metadata(
        source="the model's own model_info",
        class_names=tuple(name.replace("_", " ") for name in names),
        color_order=None if reverse is None else ("rgb" if _true(reverse) else "bgr"),
        resize=_RESIZES.get(stated.get("resize_type", "")),
        mean=_three(stated.get("mean_values")),
        scale=_three(stated.get("scale_values")),
        pad_value=_integer(stated.get("pad_value")),
        exporter="ultralytics" if "yolo" in stated.get("model_type", "").lower() else "",
        task="" if "detect" in stated.get("task_type", "detect") else stated["task_type"],
    )


_RESIZES = {
    "standard": "stretch",
    "fit_to_window": "letterbox_top_left",
    "fit_to_window_letterbox": "letterbox",
}


def _described(stated: Mapping[str, Any], source: str) -> Metadata:
    """Of the keys that Ultralytics writes: names, imgsz, task."""
    names, task = _names(stated.get("names")), stated.get("task")
    if not names and task is None:
        return Metadata()
    return Metadata(
        source=source,
        class_names=names,
        image_size=_size(stated.get("imgsz")),
        task=task[:_LONGEST_TASK] if isinstance(task, str) else "",
        exporter="ultralytics" if task is not None and "stride" in stated else "",
    )


def _names(names: Any) -> tuple[str, ...]:
    names = _literal(names)
    if isinstance(names, (list, tuple)):
        names = dict(enumerate(names[:MAX_CLASSES]))
    if not isinstance(names, dict):
        return ()
    numbered: dict[int, str] = {}
    for key, name in names.items():
        number = _integer(key)
        if number is not None and 0 <= number < MAX_CLASSES and isinstance(name, (str, int, float)):
            numbered[number] = str(name)
    return tuple(numbered.get(n, f"class {n}") for n in range(max(numbered, default=-1) + 1))


def _size(size: Any) -> tuple[int, int] | None:
    size = _literal(size)
    sides = [size, size] if isinstance(size, int) else size
    if isinstance(sides, (list, tuple)) and len(sides) == 2:
        height, width = (_integer(side) or 0 for side in sides)
        if 16 <= height <= 8192 and 16 <= width <= 8192:
            return height, width
    return None


def _literal(text: Any) -> Any:
    """A Python or JSON literal that was written as text: a list, a mapping or a number.

    Brackets are looked at before Python parses them: nested deeply, they can end the process.
    """
    if not isinstance(text, str) or not _LITERAL.match(text) or nested_deeply(text):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _integer(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError, OverflowError):
        return None


def _three(text: str | None) -> tuple[float, float, float] | None:
    try:
        numbers = [float(part) for part in (text or "").strip("[] ").replace(",", " ").split()]
    except ValueError:
        return None
    if len(numbers) == 1:
        numbers *= 3
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _true(text: str) -> bool:
    return text.strip().lower() in _TRUE


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        stated = parse_yaml(decode_text(read_regular(path, MAX_BYTES)).text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(sentence(path, error), _WITHOUT) from error
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {error}.", _WITHOUT) from error
    if not isinstance(stated, dict):
        raise InputError(f"{path} cannot be read: it has no keys and values.", _WITHOUT)
    return stated


def _appended_zip(path: Path) -> Mapping[str, Any]:
    """TFLite files may carry a zip archive at their end, with the metadata as one member."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith((".txt", ".json")) and member.file_size < MAX_BYTES:
                    stated = _literal(archive.read(member).decode("utf-8", "replace"))
                    if isinstance(stated, str):
                        stated = json.loads(stated)
                    if isinstance(stated, dict):
                        return stated
    except _UNREADABLE:
        return {}
    return {}


_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RecursionError),
    *(RuntimeError, NotImplementedError),  # it is encrypted, or packed in another way
)
_INSIDE: dict[str, Callable[[Path], Mapping[str, Any]]] = {
    ".tflite": _appended_zip,
    ".onnx": lambda path: dict(metadata_props(path)),
}
