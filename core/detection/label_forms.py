"""The forms in which programs write lists of class names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MAX_CLASSES = 100_000
MAX_YAML_CHARACTERS = 256 * 1024  # of what is parsed slowly, some seconds at most
# Every repetition has an end, so that no file of a stranger is searched for ever.
_SPACES = r"\s{0,20}"
_NUMBERED = re.compile(
    rf"\[?(\d{{1,6}})\]?(?:{_SPACES}[:.,;)=|\t]{_SPACES}|\s{{1,20}}-\s{{1,20}}|\s{{1,20}})(\S.*)"
)
_NUMBER_LAST = re.compile(rf"(\S.*?){_SPACES}[:,;=\t]{_SPACES}(\d{{1,6}})")
_PART_OF_CVAT = re.compile(r"([^:]+):(?:\d+,\d+,\d+)?:[^:]*:[^:]*")
_ITEM = re.compile(rf"\bitem{_SPACES}:?{_SPACES}\{{([^{{}}]{{0,2000}})\}}")
_FIELD = re.compile(
    rf"""\b(id|label|name|display_name){_SPACES}:{_SPACES}"""
    r"""("(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}'|-?\d{1,9})"""
)
_BRACKET = re.compile(r"[\[\]{}]")
_DEEPEST = 50
_LONG = 400  # characters of a line that is no class name
_BYTE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_HEADINGS = {"id", "index", "class", "class_id", "classid", "label", "number", "category_id", "#"}
_KEYS = ("names", "id2label", "label_names", "labels", "classes", "categories", "class_names")


def parse_yaml(text: str) -> Any:
    """What YAML says, every value the text that it is: a class may be called ``no`` or ``007``.

    Raises ValueError where it is none, too long, or nested deeply. The parser is Python's own: the
    one in C ends the program where brackets are nested a million times.
    """
    if len(text) > MAX_YAML_CHARACTERS:
        raise ValueError("it is too long")
    if nested_deeply(text):
        raise ValueError("it is nested too deeply")
    import yaml  # here: most lists are none, and it takes long

    try:
        return yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("it is not valid YAML") from error


def nested_deeply(text: str) -> bool:
    """Whether brackets in it are nested so deeply that no list of names is meant."""
    depth = 0
    for bracket in _BRACKET.findall(text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return False


def parse_labels(text: str) -> tuple[str, ...]:
    """Class names in the order of their ids; () where there are none."""
    for parse in _FORMS:
        names = parse(text)
        if names:
            return names
    return ()


def by_number(named: Mapping[int, str]) -> tuple[str, ...]:
    """Names in the order of their numbers, from 0 or, where none has that, from 1.

    Numbers without a name become ``class N``.
    """
    known = {number: name for number, name in named.items() if 0 <= number < MAX_CLASSES}
    first = 0 if 0 in known else 1
    return tuple(
        known.get(number, f"class {number}") for number in range(first, max(known, default=-1) + 1)
    )


def names_of(described: Any) -> tuple[str, ...]:
    """The names in a list, or in a mapping from numbers to names or from names to numbers.

    `described` is what JSON or YAML gave; entries may be ``{"id": 1, "name": "cat"}``.
    """
    if isinstance(described, Mapping):
        return by_number(_from_mapping(described))
    if not isinstance(described, (list, tuple)):
        return ()
    entries = list(described)[:MAX_CLASSES]
    if entries and all(isinstance(one, Mapping) and _name_in(one) for one in entries):
        return by_number({_number_in(one, n): _name_in(one) for n, one in enumerate(entries)})
    return tuple(
        str(name) if _is_name(name) else f"class {number}" for number, name in enumerate(entries)
    )


def _from_mapping(described: Mapping[Any, Any]) -> dict[int, str]:
    pairs = [(key, value) for key, value in described.items() if _is_name(value)]
    numbered = {n: str(name) for key, name in pairs if (n := _whole(key)) is not None}
    if numbered:
        return numbered
    turned = {n: str(name) for name, value in pairs if (n := _whole(value)) is not None}
    in_turn = turned and sorted(turned) == list(range(min(turned), min(turned) + len(pairs)))
    return turned if in_turn and min(turned) < 2 else {}


def _is_name(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _structured(text: str) -> tuple[str, ...]:
    """JSON, YAML or a list as Python prints it."""
    start = text.lstrip()[:1]
    keyed = re.search(
        rf"^[ \t]{{0,20}}[\"']?({'|'.join(_KEYS)})[\"']?[ \t]{{0,20}}:", text, re.MULTILINE
    )
    if start not in ("[", "{") and not keyed:
        return ()
    try:
        described = json.loads(text)
    except (ValueError, RecursionError):
        try:
            described = parse_yaml(text)
        except ValueError:
            return ()
    if isinstance(described, Mapping):
        inner = [described[key] for key in _KEYS if key in described]
        return next((names for one in inner if (names := names_of(one))), names_of(described))
    return names_of(described)


def _label_map(text: str) -> tuple[str, ...]:
    """``item { id: 1 name: "person" }`` of TensorFlow, ``label:`` for ``id:`` of Caffe."""
    named: dict[int, str] = {}
    for item in _ITEM.finditer(text):
        fields = {key: _unquoted(value) for key, value in _FIELD.findall(item[1])}
        name = fields.get("display_name") or fields.get("name")
        number = _whole(fields.get("id", fields.get("label")))
        if name and number is not None:
            named[number] = name
    return by_number(named)


def _lines(text: str) -> tuple[str, ...]:
    """One name a line, perhaps with numbers, quotes, or the colours of CVAT."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) == 1 and lines[0].count(",") > 0:
        lines = [part.strip() for part in lines[0].split(",") if part.strip()]
    for parts in (_numbered(lines), _numbered(lines[1:]) if _is_heading(lines) else ()):
        if parts:
            return parts
    coloured = [_PART_OF_CVAT.fullmatch(line) for line in lines]
    if lines and all(coloured):
        return tuple(found[1].strip() for found in coloured if found)
    return (
        tuple(line.rstrip(",").strip("\"'") for line in lines) if _quoted(lines) else tuple(lines)
    )


def _numbered(lines: list[str]) -> tuple[str, ...]:
    """Names with a number each, where these can be nothing but ids; else ()."""
    if any(len(line) > _LONG for line in lines):
        return ()
    for pattern, number, name in ((_NUMBERED, 1, 2), (_NUMBER_LAST, 2, 1)):
        found = [match for line in lines if (match := pattern.fullmatch(line))]
        numbers = [int(match[number]) for match in found]
        names = [match[name].strip().strip("\"'") for match in found]
        if (
            len(found) == len(lines) > 0
            and sorted(set(numbers)) == sorted(numbers)
            and (numbers[0] == 0 or (numbers[0] == 1 and len(lines) > 1) or 0 in numbers)
            and max(numbers) < 2 * len(lines) + 10
            and len(set(names)) == len(names)
        ):
            return by_number(dict(zip(numbers, names, strict=True)))
    return ()


def _is_heading(lines: list[str]) -> bool:
    """Whether the first line is that of a table: ``id,name``."""
    words = re.split(r"[,;\t ]+", lines[0].lower()) if lines else []
    return len(words) == 2 and bool(_HEADINGS & {word.strip("\"'") for word in words})


def _quoted(lines: Iterable[str]) -> bool:
    return all(
        len(line) > 2 and line[0] in "\"'" and line.rstrip(",").endswith(line[0]) for line in lines
    )


def _unquoted(value: str) -> str:
    """A string of a ``.pbtxt``, whose letters beyond ASCII are bytes in octal."""
    if value[0] not in "\"'":
        return value

    def byte(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 8) & 255])
        return bytes([int(match[2], 16)]) if match[2] else match[3]

    return _BYTE.sub(byte, value[1:-1].encode()).decode("utf-8", "replace")


def _name_in(described: Mapping[str, Any]) -> str:
    for key in ("display_name", "name", "label", "title"):
        if isinstance(described.get(key), str) and described[key]:
            return str(described[key])
    return ""


def _number_in(described: Mapping[str, Any], place: int) -> int:
    number = next((_whole(described[key]) for key in ("id", "index") if key in described), None)
    return place if number is None else number


def _whole(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


_FORMS: tuple[Callable[[str], tuple[str, ...]], ...] = (_label_map, _structured, _lines)
