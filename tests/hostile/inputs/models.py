"""Models of every framework that is read, and the files beside them."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.inputs.datasets import LAUGHS, NASTY, YAML_BOMB
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked
from tests.support.flatbuffer import tflite_with_operation
from tests.support.protobuf import (
    Message,
    number,
    onnx_model,
    onnx_with_operation,
    onnx_with_weights_in,
    paddle_program,
    text,
)

CHANGES = 24
Place = Callable[[Room, Base], Path]


def _onnx(data: Message) -> Place:
    def place(room: Room, base: Base) -> Path:
        file = room.work / "model.onnx"
        file.write_bytes(data)
        return file

    return place


def _props(**said: str) -> Message:
    return b"".join(text(14, text(1, key) + text(2, value)) for key, value in said.items())


def _deep_sum() -> str:
    return "+".join("1" * 100_000)


_DETECTOR = onnx_model(np.full((1, 7, 10), 0.5, np.float32), 64)
NAMES_TOLD = {
    "sum": _deep_sum(),
    "signs": "-" * 400_000 + "1",
    "brackets": "[" * 300_000,
    "calls": "a" + ".b" * 200_000,
    "powers": "9**9**9**9",
    "nots": "not " * 200_000 + "1",
    "huge number": "9" * 800_000,
    "huge key": "{" + "9" * 5000 + ": 'x'}",
    "many": "{99999: 'x'}",
    "controls": "{0: 'a\\x1b[31m', 1: 'b\\ud800', 2: 'c\\x00'}",
    "formula": "{0: '=1+1', 1: '<script>', 2: '\\u202egnp'}",
    "no text": "{0: [[[]]], 1: {}, 2: None}",
    "bytes": "b'" + "x" * 100_000 + "'",
}
SIZES_TOLD = ("[640]", "[1e999, 5]", "[-5, -5]", "[99999999999999999999, 1]", "'x'", "[[640, 640]]")


def _beside(name: str, data: bytes) -> Place:
    """The good model with such a file beside it."""

    def place(room: Room, base: Base) -> Path:
        shutil.copytree(base.model.parent, room.work / "model")
        (room.work / "model" / "labels.txt").unlink()
        (room.work / "model" / name).write_bytes(data)
        return room.work / "model" / base.model.name

    return place


def _graph(change: Callable[[bytes], bytes]) -> Place:
    """The good model with its graph changed."""

    def place(room: Room, base: Base) -> Path:
        shutil.copytree(base.model.parent, room.work / "model")
        file = room.work / "model" / base.model.name
        file.write_bytes(change(file.read_bytes()))
        return file

    return place


def _tflite_with(data: bytes) -> Place:
    def place(room: Room, base: Base) -> Path:
        file = room.work / "model.tflite"
        file.write_bytes(tflite_with_operation("x"))
        with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", data)
        return file

    return place


def _file(name: str, data: bytes) -> Place:
    def place(room: Room, base: Base) -> Path:
        file = room.work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if file.suffix in (".json", ".pdmodel"):
            file.with_suffix(".pdiparams").write_bytes(bytes(64))
        return file.parent if file.name == "saved_model.pb" else file

    return place


def _entities(data: bytes) -> bytes:
    return b'<!DOCTYPE net [<!ENTITY x SYSTEM "../../victim/secret.txt">]>' + data.replace(
        b'name="image"', b'name="&x;"', 1
    )


def _version(said: bytes) -> Callable[[bytes], bytes]:
    return lambda data: re.sub(rb'version="\d+"', b'version="' + said + b'"', data, count=1)


def _offset(said: bytes) -> Callable[[bytes], bytes]:
    return lambda data: re.sub(rb'offset="\d+"', b'offset="' + said + b'"', data)


def _dims(said: bytes) -> Callable[[bytes], bytes]:
    return lambda data: re.sub(rb"<dim>64</dim>", b"<dim>" + said + b"</dim>", data)


def _info(said: str) -> Callable[[bytes], bytes]:
    """A model_info of ModelAPI at the end of the graph."""
    info = f"<rt_info><model_info>{said}</model_info></rt_info></net>".encode()
    return lambda data: re.sub(
        rb"<rt_info>.*</rt_info>\s*</net>|</net>", lambda _: info, data, flags=re.S
    )


_TASK = b"task: detect\nstride: 32\n"
MADE: dict[str, Place] = {
    **{f"names in ONNX, {how}": _onnx(_DETECTOR + _props(names=said, task="detect", stride="32"))
       for how, said in NAMES_TOLD.items()},
    **{f"size in ONNX, {said}": _onnx(_DETECTOR + _props(imgsz=said, task="detect"))
       for said in SIZES_TOLD},
    "weights outside": _onnx(onnx_with_weights_in("../victim/secret.txt")),
    "weights far outside": _onnx(onnx_with_weights_in("/etc/passwd")),
    "weights with NUL": _onnx(onnx_with_weights_in("a\0b")),
    "weights of a long name": _onnx(onnx_with_weights_in("n" * 5000)),
    "weights with controls": _onnx(onnx_with_weights_in("\x1b[2J")),
    "operation with controls": _onnx(onnx_with_operation("\x1b[31mNMS", "a\x07")),
    "operation of a long name": _onnx(onnx_with_operation("x" * 100_000, "")),
    "lengths that lie": _onnx(b"\x3a\xff\xff\xff\xff\x0f" + bytes(100)),
    "endless varints": _onnx(b"\xff" * 100_000),
    "nested messages": _onnx(text(7, text(1, text(5, text(6, b"\x32\x00" * 1000))) * 2000)),
    "many fields": _onnx(number(1, 8) + number(3, 1) * 1_000_000),
    "empty ONNX": _onnx(b""),
    **{f"metadata.yaml, {how}": _beside("metadata.yaml", _TASK + b"names: " + said.encode())
       for how, said in NAMES_TOLD.items()},
    "metadata.yaml bomb": _beside("metadata.yaml", YAML_BOMB + b"names: *a11\ntask: detect\n"),
    "metadata.yaml bomb as task": _beside("metadata.yaml", YAML_BOMB + b"task: *a11\n"),
    "metadata.yaml sexagesimal": _beside("metadata.yaml", _TASK + b"imgsz: 1" + b":59" * 300_000),
    "metadata.yaml deep": _beside("metadata.yaml", b"names: " + b"[" * 100_000),
    "metadata.yaml deep in blocks": _beside(
        "metadata.yaml", b"".join(b" " * n + b"a:\n" for n in range(1300))
    ),
    "metadata.yaml of many": _beside("metadata.yaml", b"names:\n" + b"- a\n" * 240_000),
    "metadata.yaml of dates": _beside("metadata.yaml", b"task: 2001-99-99\nnames: [2001-13-41]"),
    "metadata.yaml of objects": _beside(
        "metadata.yaml", b"task: !!python/object/apply:os.system ['touch hacked']\nnames: [a]"
    ),
    "metadata.yaml merged": _beside("metadata.yaml", _TASK + b"<<: [[[]]]\nnames: {<<: {0: a}}\n"),
    "labels of a megabyte": _beside("labels.txt", b"x" * 999_999),
    "labels with controls": _beside("labels.txt", b"a\x1b[31m\n\xff\xfe\nb\n"),
    "labels of markup": _beside("labels.txt", b"<img src=x>\n=1+1\n\xe2\x80\xaegnp\n"),
    "labels in YAML deep": _beside("labels.txt", b"names: " + b"{a: " * 60_000),
    "labels in YAML bomb": _beside("data.yaml", YAML_BOMB + b"names: *a11\n"),
    "labels of brackets": _beside("labels.pbtxt", b"item { " * 100_000),
    "labels of spaces": _beside("labels.txt", b"0" + b" " * 500_000 + b"a\n1 b\n2 c\n"),
    "graph with an entity": _graph(_entities),
    "graph cut": _graph(lambda data: data[: len(data) // 2]),
    "graph of version 10**400": _graph(_version(b"9" * 400)),
    "graph of version 10**5000": _graph(_version(b"9" * 4000)),
    "graph of no version": _graph(_version(b"x")),
    "offsets outside": _graph(_offset(b"99999999")),
    "offsets negative": _graph(_offset(b"-8")),
    "offsets of 2**64": _graph(_offset(b"18446744073709551615")),
    "input of 2**31": _graph(_dims(b"2147483647")),
    "input of 60000": _graph(_dims(b"60000")),
    "input of 0": _graph(_dims(b"0")),
    "input of -7": _graph(_dims(b"-7")),
    "deep graph": _graph(lambda data: b'<net version="11">' + b"<a>" * 300_000),
    "model_info of controls": _graph(_info('<labels value="a&#9;&#27;[31m b c"/>')),
    "model_info of many": _graph(_info('<labels value="' + "a " * 200_000 + '"/>')),
    "model_info of numbers": _graph(
        _info('<mean_values value="nan 1e999 -1"/><scale_values value="0 0 0"/>')
    ),
    "plan in the graph": _graph(_info('<detection_workbench value="{&quot;version&quot;:1}"/>')),
    "TFLite with metadata": _tflite_with(b'{"names": {"0": "a\\u001b"}, "task": "detect"}'),
    "TFLite with a bomb": _tflite_with(bytes(900_000)),
    "TFLite with deep metadata": _tflite_with(b"[" * 900_000),
    "TFLite of random bytes": _file("model.tflite", bytes(range(256)) * 40),
    "TFLite mark alone": _file("model.tflite", b"\x1c\0\0\0TFL3" + b"\xff" * 4000),
    "TensorFlow of random bytes": _file("model.pb", bytes(range(256)) * 40),
    "SavedModel of random bytes": _file("saved/saved_model.pb", bytes(range(256)) * 40),
    "SavedModel that is empty": _file("saved/saved_model.pb", b""),
    "Paddle": _file("model.pdmodel", paddle_program(3, 4, 64)[:-20]),
    "Paddle of random bytes": _file("model.pdmodel", bytes(range(256)) * 40),
    "Paddle of JSON, deep": _file("model.json", b"[" * 200_000),
    "Paddle of JSON, none": _file("model.json", b'{"program": {"regions": "x"}, "base_code": 5}'),
    "XML of laughs": _file(
        "model.xml", b"<!DOCTYPE a [" + LAUGHS + b']><net version="11">&l9;</net>'
    ),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Tokens and bytes of graphs changed, and what a stranger thinks of."""
    for number_of in range(CHANGES):
        yield Case("model", f"graph changed {number_of}", _changed)
    for name, place in MADE.items():
        yield Case("model", name, _asked(place))


def _asked(place: Place) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        model = place(room, base)
        if random.random() < 0.4:
            return typed("import", model, "--output", room.out / "model", "--json")
        return typed("inspect", model)

    return build


def _changed(room: Room, base: Base, random: Random) -> Asked:
    def change(data: bytes) -> bytes:
        tokens = list(re.finditer(rb'(?<=")[^"]+(?=")', data))
        token = tokens[int(random.integers(len(tokens)))]
        nasty = NASTY[int(random.integers(len(NASTY)))]
        (room.root / "done.txt").write_text(f"{token[0][:40]!r} to {nasty[:40]!r}")
        return data[: token.start()] + nasty + data[token.end() :]

    model = _graph(change)(room, base)
    return typed("predict", model, base.images, "--output", room.out / "found.json")
