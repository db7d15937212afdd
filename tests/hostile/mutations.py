"""What is done to good files: each change is a pure function of a generator of random numbers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator
Path_ = tuple[str | int, ...]
"""Where a value stands in a JSON document."""

LONG = 200_000  # characters or levels
NAN, INFINITY, MANY_DIGITS = "@NaN@", "@Infinity@", "@digits@"  # JSON's own writer refuses them


def nasty_values(outside: Path) -> list[Any]:
    """Values that no file of ours has."""
    return [
        None, True, -1, 0, 10**18, 2**63, -(2**64), 99999, 0.5, -0.0, 1e308, NAN, INFINITY,
        MANY_DIGITS, "", " ", "a\0b", "\x1b[31mred\x1b[0m\x07", "\ud800", "x" * LONG, "../../x",
        str(outside), f"../../../victim/{outside.name}", "<img src=x onerror=alert(1)><b>",
        "=cmd|'/c calc'!A0", "nan", "C:\\Windows\\x", "\u202egnp.exe", [], {}, [[]], [None],
        list(range(3000)), {"a": {"b": 1}}, [1e999 if False else 1.5] * 4, "/dev/zero", "..", ".",
    ]  # fmt: skip


def encoded(document: Any) -> bytes:
    """JSON, with what its writer refuses."""
    text = json.dumps(document)
    for sign, written in ((NAN, "NaN"), (INFINITY, "Infinity"), (MANY_DIGITS, "9" * 5000)):
        text = text.replace(f'"{sign}"', written)
    return text.encode("utf-8", "surrogatepass")


def places(document: Any, before: Path_ = ()) -> Iterator[Path_]:
    """Every value in a document, the document itself first; of long lists the first ones."""
    yield before
    if isinstance(document, dict):
        for key, value in document.items():
            yield from places(value, (*before, key))
    elif isinstance(document, list):
        for number, value in enumerate(document[:2]):
            yield from places(value, (*before, number))


def replaced(document: Any, place: Path_, value: Any) -> Any:
    """The document with another value there."""
    if not place:
        return value
    changed: Any = dict(document) if isinstance(document, dict) else list(document)
    changed[place[0]] = replaced(document[place[0]], place[1:], value)
    return changed


def without(document: Any, place: Path_) -> Any:
    """The document without that value."""
    head, last = place[:-1], place[-1]
    holder = at(document, head)
    if isinstance(holder, dict):
        rest: Any = {key: value for key, value in holder.items() if key != last}
    else:
        rest = [value for number, value in enumerate(holder) if number != last]
    return replaced(document, head, rest)


def at(document: Any, place: Path_) -> Any:
    """The value there."""
    for step in place:
        document = document[step]
    return document


def changed_json(data: bytes, random: Random, outside: Path) -> tuple[bytes, str]:
    """One to three values of a JSON document replaced or removed; and what was done."""
    document = json.loads(data)
    done = []
    for _ in range(int(random.integers(1, 4))):
        found = list(places(document))
        place = found[int(random.integers(len(found)))]
        name = ".".join(map(str, place)) or "(all)"
        if place and random.random() < 0.2:
            document = without(document, place)
            done.append(f"{name} removed")
        else:
            nasty = nasty_values(outside)
            value = nasty[int(random.integers(len(nasty)))]
            document = replaced(document, place, value)
            done.append(f"{name}={_short(value)}")
    return encoded(document), ", ".join(done)


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) < 30 else f"{text[:27]}..."


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "a bit": lambda data: _flipped(data, len(data) // 2),
    "zeros": lambda data: bytes(len(data)),
    "UTF-16": lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    "latin": lambda data: b"\xff\xfe\xe9" + data,
    "twice": lambda data: data + data,
    "deep": lambda data: b"[" * LONG + b"]" * LONG,
    "deep objects": lambda data: b'{"a":' * LONG + b"1" + b"}" * LONG,
    "long string": lambda data: b'{"name":"' + b"x" * (20 * 2**20) + b'"}',
    "doubled key": lambda data: b'{"name":1,' + data.lstrip()[1:],
}
"""Files that are no longer what they were."""


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


# Arrays


def arrays_of(path: Path) -> dict[str, Any]:
    """What lies in an .npz of ours."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def saved(arrays: dict[str, Any]) -> bytes:
    """An .npz of them, whatever they are."""
    target = BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()


def declared(path: Path, shape: tuple[int, ...], kind: str = "<f8") -> bytes:
    """The .npz with each array declared to be far larger than it is."""
    target = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
            header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
            size = len(header).to_bytes(2, "little")
            new.writestr(name, b"\x93NUMPY\x01\x00" + size + header + b"\0" * 64)
    return target.getvalue()


def array_changes(path: Path) -> dict[str, Callable[[], bytes]]:
    """An .npz in which nothing fits."""
    arrays = arrays_of(path)
    numbers = [name for name, one in arrays.items() if one.dtype.kind in "fiu" and one.ndim]
    changes: dict[str, Callable[[], bytes]] = {
        "declared 600 million": lambda: declared(path, (600_000_000,)),
        "declared 2**62": lambda: declared(path, (2**31, 2**31)),
        "declared negative": lambda: declared(path, (-5, 4)),
        "declared of objects": lambda: declared(path, (3,), "|O"),
        "no arrays": lambda: saved({}),
        "cut": lambda: saved(arrays)[:-200],
        "not a zip": lambda: b"PK\x03\x04" + bytes(4000),
        "compressed": lambda: _compressed(arrays),
        "bomb": lambda: _bomb(path),
    }
    for name in sorted(numbers)[:MOST_CHANGED]:
        for how, change in _CHANGES.items():
            changes[f"{name} {how}"] = partial(_saved_with, arrays, name, change)
    return changes


MOST_CHANGED = 8  # arrays of one file
Array = NDArray[Any]


def _limit(one: Array, name: str) -> Array:
    limits: Any = np.iinfo(one.dtype) if one.dtype.kind in "iu" else np.finfo(one.dtype)
    return np.full_like(one, getattr(limits, name))


_CHANGES: dict[str, Callable[[Array], Array | None]] = {
    "empty": lambda one: one[:0],
    "longer": lambda one: np.concatenate([one, one]),
    "of text": lambda one: one.astype(str),
    "flat": lambda one: one.reshape(-1)[:1],
    "largest": lambda one: _limit(one, "max"),
    "lowest": lambda one: _limit(one, "min"),
    "backwards": lambda one: one[::-1],
    "NaN": lambda one: np.full(one.shape, np.nan, one.dtype if one.dtype.kind == "f" else None),
    "infinite": lambda one: np.full(
        one.shape, np.inf, one.dtype if one.dtype.kind == "f" else None
    ),
    "missing": lambda one: None,
}


def _saved_with(
    arrays: dict[str, Any], name: str, change: Callable[[Array], Array | None]
) -> bytes:
    other = change(arrays[name])
    rest = {key: one for key, one in arrays.items() if key != name}
    return saved(rest if other is None else {**rest, name: other})


def _compressed(arrays: dict[str, Any]) -> bytes:
    target = BytesIO()
    np.savez_compressed(target, **arrays)
    return target.getvalue()


def _bomb(path: Path) -> bytes:
    """200 MB of zeros in 200 kB."""
    target = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        size = 200 * 2**20
        header = repr({"descr": "|u1", "fortran_order": False, "shape": (size,)}).encode()
        header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
        start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        new.writestr(old.namelist()[0], start + bytes(size))
    return target.getvalue()


# Archives


def rezipped(path: Path, changes: dict[str, bytes | None]) -> bytes:
    """The archive with other members; None leaves one out, new names are added."""
    target = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = changes.get(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in changes.items():
            if name not in old.namelist() and data is not None:
                new.writestr(name, data)
    return target.getvalue()


def with_link(path: Path, name: str, target_path: str) -> bytes:
    """The archive with a symbolic link of that name in it."""
    link = zipfile.ZipInfo(name)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    target = BytesIO(rezipped(path, {name: None}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(link, target_path)
    return target.getvalue()
