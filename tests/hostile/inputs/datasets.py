"""Datasets of every format that is read, with texts in their files that no program writes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.mutations import Random, changed_json
from tests.hostile.room import Room
from tests.hostile.running import Asked
from tests.support.datasets import (
    HEIGHT,
    NAMES,
    TRUTH,
    WIDTH,
    voc_xml,
    write_coco,
    write_open_images,
    write_sample_images,
    write_voc,
    write_yolo,
)
from tests.support.tar_shards import write_shards

RANDOM_CHANGES = 12


def _yolo_described(folder: Path) -> Path:
    write_yolo(folder / "images", folder / "labels")
    file = folder / "data.yaml"
    file.write_text("path: .\ntrain: images\nval: images\nnc: 2\nnames: [cat, dog]\n")
    return file


def _yolo(folder: Path) -> Path:
    write_yolo(folder / "images", folder / "labels")
    (folder / "classes.txt").write_text("cat\ndog\n")
    return sorted((folder / "labels").rglob("*.txt"))[0]


def _darknet(folder: Path) -> Path:
    write_yolo(folder / "data", folder / "data")
    (folder / "obj.names").write_text("cat\ndog\n")
    (folder / "val.txt").write_text("".join(f"data/{name}\n" for name in TRUTH), "utf-8")
    file = folder / "obj.data"
    file.write_text("classes = 2\nvalid = val.txt\nnames = obj.names\n")
    return file


def _coco(folder: Path) -> Path:
    write_coco(folder)
    return folder / "annotations" / "instances_val2017.json"


def _voc(folder: Path) -> Path:
    write_voc(folder, {"val": ["a b", "sub/c"]})
    return sorted((folder / "Annotations").rglob("*.xml"))[0]


def _open_images(folder: Path) -> Path:
    write_open_images(folder)
    return folder / "validation-annotations-bbox.csv"


def _createml(folder: Path) -> Path:
    write_sample_images(folder)
    file = folder / "_annotations.createml.json"
    said = [
        {
            "image": image,
            "annotations": [
                {
                    "label": name,
                    "coordinates": {"x": x2, "y": y2, "width": x2 - x1, "height": y2 - y1},
                }
                for name, x1, y1, x2, y2 in boxes
            ],
        }
        for image, boxes in TRUTH.items()
    ]
    file.write_text(json.dumps(said), "utf-8")
    return file


def _cvat(folder: Path) -> Path:
    write_sample_images(folder / "images")
    labels = "".join(f"<label><name>{name}</name></label>" for name in NAMES)
    images = "".join(
        f'<image id="{n}" name="{name}" width="{WIDTH}" height="{HEIGHT}">'
        + "".join(
            f'<box label="{label}" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}"></box>'
            for label, x1, y1, x2, y2 in boxes
        )
        + "</image>"
        for n, (name, boxes) in enumerate(TRUTH.items())
    )
    file = folder / "annotations.xml"
    file.write_text(
        f"<annotations><version>1.1</version><meta><task><labels>{labels}</labels></task></meta>"
        f"{images}</annotations>",
        "utf-8",
    )
    return file


def _table(folder: Path) -> Path:
    write_sample_images(folder)
    rows = [(image, *box) for image, boxes in TRUTH.items() for box in boxes]
    lines = [f"{i},{WIDTH},{HEIGHT},{c},{x1},{y1},{x2},{y2}" for i, c, x1, y1, x2, y2 in rows]
    file = folder / "labels.csv"
    file.write_text("\n".join(["filename,width,height,class,xmin,ymin,xmax,ymax", *lines]), "utf-8")
    return file


def _paired(folder: Path) -> Path:
    write_sample_images(folder / "pics")
    (folder / "boxes").mkdir()
    for name, boxes in TRUTH.items():
        file = (folder / "boxes" / Path(name).name).with_suffix(".xml")
        file.write_text(voc_xml(boxes), "utf-8")
    return folder / "boxes" / "a b.xml"


def _folder(folder: Path) -> Path:
    write_sample_images(folder)
    return folder / "a b.jpg"


def _shards(folder: Path) -> Path:
    sidecars = [[{"bbox": [1, 2, 30, 20], "category": "cat", "area": 9.5, "iscrowd": 0}]] * 3
    return sorted(write_shards(folder, sidecars).iterdir())[0]


FORMATS: dict[str, tuple[Callable[[Path], Path], ...]] = {
    "yolo_described": (_yolo_described, _darknet),
    "coco": (_coco,),
    "voc": (_voc,),
    "open_images": (_open_images,),
    "cvat": (_cvat,),
    "createml": (_createml,),
    "tables": (_table,),
    "yolo": (_yolo,),
    "paired": (_paired,),
    "webdataset": (_shards,),
    "folder": (_folder,),
}
"""By the reader's module: writes a dataset and gives the file that is changed."""

NASTY = (
    b"nan", b"-1", b"1e999", b"99999999999999999999999", b"9" * 5000, b"", b"\0", b"\x1b[31mx\x07",
    b"\xff\xfe\x80", b"../../../victim/photo.jpg", b"/etc/passwd", b"x" * 100_000, b"&lol;",
    b"*anchor", b"!!python/object/apply:os.system [x]", b'"', b"<", b"]]>", b"{", b"\r\n", b"=1+1",
    "\u202e".encode(), b"\xed\xa0\x80", b"0x7f", b"1:1:1:1:1:1", b"true", b"~",
)  # fmt: skip
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10)
)
YAML_BOMB = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "UTF-16": lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    "zeros": lambda data: bytes(len(data)),
    "deep JSON": lambda data: b"[" * 200_000 + b"]" * 200_000,
    "deep objects": lambda data: b'{"images":' * 100_000,
    "deep XML": lambda data: b"<annotation>" * 200_000 + b"</annotation>" * 200_000,
    "deep YAML": lambda data: b"names: " + b"[" * 100_000,
    "deep by indents": lambda data: b"".join(b" " * n + b"a:\n" for n in range(700)),
    "laughs": lambda data: b"<!DOCTYPE a [" + LAUGHS + b"]><annotation>&l9;</annotation>",
    "entity of a file": lambda data: (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "../../victim/secret.txt">]><annotation><object><name>&x;'
        b"</name></object></annotation>"
    ),
    "YAML bomb": lambda data: YAML_BOMB + b"names: *a11\ntrain: images\nval: images\n",
    "YAML sexagesimal": lambda data: b"names: [a]\nnc: 1" + b":1" * 100_000 + b"\nval: images\n",
    "one long line": lambda data: b"1 " * 2_000_000,
    "many lines": lambda data: b"0 0.5 0.5 0.1 0.1\n" * 400_000,
    "many columns": lambda data: b"a," * 500_000 + b"\n" + b"1," * 500_000,
    "quote that never ends": lambda data: data + b'\n"' + b"x,\n" * 300_000,
    "twice": lambda data: data + data,
    "numbers of a million digits": lambda data: re.sub(rb"\d+", b"9" * 300_000, data, count=1),
}


def cases() -> Iterator[Case]:
    """A token of a file replaced, the file replaced as a whole, and the file as a link."""
    for name, writers in FORMATS.items():
        for write in writers:
            kind = f"dataset {name}" + ("" if write is writers[0] else " 2")
            for number in range(RANDOM_CHANGES):
                yield Case(kind, f"changed {number}", _changed(write))
            for how in WHOLE:
                yield Case(kind, how, _whole(write, how))
            for how in LINKS:
                yield Case(kind, how, _linked(write, how))


def _ask(room: Room, base: Base, random: Random, dataset: Path) -> Asked:
    chosen = int(random.integers(4))
    if chosen == 0:
        out = room.out / "report"
        return typed("report", base.parent, base.optimized, dataset, "--output", out)
    if chosen == 1:
        return typed("check-dataset", dataset, base.images, "--json")
    return typed("check-dataset", dataset)


def _changed(write: Callable[[Path], Path]) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = write(room.work / "dataset")
        data = file.read_bytes()
        if file.suffix == ".json" and random.random() < 0.6:
            data, done = changed_json(data, random, room.secret)
        else:
            tokens = list(re.finditer(rb"[\w.+/-]+", data))
            token = tokens[int(random.integers(len(tokens)))]
            nasty = NASTY[int(random.integers(len(NASTY)))]
            done = f"{token[0][:40]!r} to {nasty[:40]!r}"
            data = data[: token.start()] + nasty + data[token.end() :]
        file.write_bytes(data)
        (room.root / "done.txt").write_text(done, "utf-8", "backslashreplace")
        return _ask(room, base, random, room.work / "dataset")

    return build


def _whole(write: Callable[[Path], Path], how: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = write(room.work / "dataset")
        file.write_bytes(WHOLE[how](file.read_bytes()))
        return _ask(room, base, random, room.work / "dataset")

    return build


def _to_zero(file: Path, room: Room) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _to_folder(file: Path, room: Room) -> None:
    file.unlink()
    file.mkdir()


def _folder_loop(file: Path, room: Room) -> None:
    (file.parent / "more").symlink_to(file.parent)


def _names(file: Path, room: Room) -> None:
    """Names that a terminal obeys, that are not UTF-8, and as long as a name may be."""
    for name in (
        b"\x1b[2J\x07.jpg",
        b"\xff\xfe.jpg",
        b"n" * 250 + b".jpg",
        b"=1+1.jpg",
        b"a\nb.jpg",
    ):
        place = bytes(file.parent) + b"/" + name
        shutil.copyfile(room.victim / "photo.jpg", place)
        with open(place, "rb+") as copied:  # noqa: PTH123  # a str, as the reader gets it
            copied.truncate(copied.seek(0, 2) - len(room.token))


LINKS: dict[str, Callable[[Path, Room], None]] = {
    "link to /dev/zero": _to_zero,
    "a folder": _to_folder,
    "folders in a circle": _folder_loop,
    "names of images": _names,
}


def _linked(write: Callable[[Path], Path], how: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        LINKS[how](write(room.work / "dataset"), room)
        return _ask(room, base, random, room.work / "dataset")

    return build
