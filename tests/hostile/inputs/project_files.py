"""Project files (.dwproject) of strangers."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.mutations import BROKEN, Random, changed_json, rezipped, with_link
from tests.hostile.room import Room
from tests.hostile.running import Asked

RANDOM_CHANGES = 24
Make = Callable[[Room, Base], bytes]


def cases() -> Iterator[Case]:
    """Every member changed, names that lead out, and archives that are none."""
    for number in range(RANDOM_CHANGES):
        yield Case("project file", f"member changed {number}", _member)
    for name, make in MADE.items():
        refused = name not in NOT_REFUSED
        yield Case("project file", name, _made(make), refused)


def _ask(room: Room, data: bytes) -> Asked:
    file = room.work / "foreign.dwproject"
    file.write_bytes(data)
    return typed("import-project", file, "--workspace", room.workspace)


def _member(room: Room, base: Base, random: Random) -> Asked:
    with zipfile.ZipFile(base.project_file) as archive:
        names = sorted(one for one in archive.namelist() if one.endswith(".json"))
        name = names[int(random.integers(len(names)))]
        data, done = changed_json(archive.read(name), random, room.secret)
    (room.root / "done.txt").write_text(f"{name}: {done}", "utf-8", "backslashreplace")
    return _ask(room, rezipped(base.project_file, {name: data}))


def _made(make: Make) -> Callable[[Room, Base, Random], Asked]:
    return lambda room, base, random: _ask(room, make(room, base))


def _changed(base: Base, name: str, change: Callable[[dict[str, Any]], Any]) -> bytes:
    with zipfile.ZipFile(base.project_file) as archive:
        document = json.loads(archive.read(name))
    document = change(document) or document
    return rezipped(base.project_file, {name: json.dumps(document).encode()})


def _manifest(**changes: Any) -> Make:
    return lambda room, base: _changed(base, "project.json", lambda old: {**old, **changes})


def _first_project(**changes: Any) -> Make:
    def make(room: Room, base: Base) -> bytes:
        def change(old: dict[str, Any]) -> None:
            old["projects"][0] |= {key: _said(value, room) for key, value in changes.items()}

        return _changed(base, "project.json", change)

    return make


def _dataset(**changes: Any) -> Make:
    def make(room: Room, base: Base) -> bytes:
        said = {key: _said(value, room) for key, value in changes.items()}
        return _changed(base, "dataset/dataset.json", lambda old: {**old, **said})

    return make


def _said(value: Any, room: Room) -> Any:
    if isinstance(value, str):
        return value.replace("{victim}", str(room.victim))
    if isinstance(value, list):
        return [_said(one, room) for one in value]
    return value


def _added(name: str, data: bytes = b"hello") -> Make:
    return lambda room, base: rezipped(base.project_file, {name: data})


def _left_out(suffix: str) -> Make:
    def make(room: Room, base: Base) -> bytes:
        with zipfile.ZipFile(base.project_file) as archive:
            doomed: dict[str, bytes | None] = {
                name: None for name in archive.namelist() if name.endswith(suffix)
            }
        return rezipped(base.project_file, doomed)

    return make


def _link(name: str, target: str) -> Make:
    return lambda room, base: with_link(base.project_file, name, target.format(victim=room.victim))


def _first_image(base: Base) -> str:
    with zipfile.ZipFile(base.project_file) as archive:
        return sorted(name for name in archive.namelist() if name.endswith(".jpg"))[0]


def _not_an_image(room: Room, base: Base) -> bytes:
    return rezipped(base.project_file, {_first_image(base): b"#!/bin/sh\necho no image\n"})


def _image_link(room: Room, base: Base) -> bytes:
    return with_link(base.project_file, _first_image(base), str(room.victim / "photo.jpg"))


def _recipe(room: Room, base: Base) -> bytes:
    with zipfile.ZipFile(base.project_file) as archive:
        names = [name for name in archive.namelist() if name.endswith("recipe.py")]
    return rezipped(base.project_file, dict.fromkeys(names, b"import os; os.system('x')\n"))


def _other_weights(room: Room, base: Base) -> bytes:
    with zipfile.ZipFile(base.project_file) as archive:
        (name, *_) = (one for one in archive.namelist() if one.endswith(".bin"))
        data = bytearray(archive.read(name))
    data[len(data) // 2] ^= 0x40
    return rezipped(base.project_file, {name: bytes(data)})


def _hidden_weights(room: Room, base: Base) -> bytes:
    """The checksum is right, the graph is none."""
    with zipfile.ZipFile(base.project_file) as archive:
        (xml, *_) = (one for one in archive.namelist() if one.endswith(".xml"))
        binary = xml.replace(".xml", ".bin")
        card = xml.replace(".xml", ".card.json")
        document = json.loads(archive.read(card))
    weights = b"\0" * 64
    document["weights_sha256"] = hashlib.sha256(weights).hexdigest()
    changes = {xml: b"<net></net>", binary: weights, card: json.dumps(document).encode()}
    return rezipped(base.project_file, dict(changes))


def _bomb(room: Room, base: Base) -> bytes:
    return rezipped(base.project_file, {"dataset/files/images/zeros.jpg": bytes(300 * 2**20)})


def _many(room: Room, base: Base) -> bytes:
    return rezipped(
        base.project_file, {f"dataset/files/images/n{n}.jpg": b"" for n in range(30_000)}
    )


def _twice(room: Room, base: Base) -> bytes:
    file = room.work / "twice.zip"
    file.write_bytes(base.project_file.read_bytes())
    with zipfile.ZipFile(file, "a") as archive, _quiet():
        archive.writestr("project.json", b'{"version":1}')
    data = file.read_bytes()
    file.unlink()
    return data


def _quiet() -> Any:
    import warnings

    context = warnings.catch_warnings()
    warnings.simplefilter("ignore")
    return context


def _encrypted(room: Room, base: Base) -> bytes:
    data = bytearray(base.project_file.read_bytes())
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


def _many_projects(room: Room, base: Base) -> bytes:
    def change(old: dict[str, Any]) -> None:
        old["projects"] = [old["projects"][0]] * 20_000

    return _changed(base, "project.json", change)


def _as_file(how: str) -> Make:
    return lambda room, base: BROKEN[how](base.project_file.read_bytes())


MADE: dict[str, Make] = {
    "images of /etc": _dataset(root="/etc", images=["passwd", "shadow"]),
    "images of the victim": _dataset(root="{victim}", images=["photo.jpg"]),
    "images by dots": _dataset(images=["../../../../victim/photo.jpg"]),
    "root by dots": _dataset(root="../../../victim"),
    "annotations of the victim": _dataset(annotations=["{victim}/secret.txt"]),
    "annotations by dots": _dataset(annotations=["files/../../../../victim/folder"]),
    "empty names of images": _dataset(images=["", ".", ".."]),
    "names with NUL": _dataset(images=["a\0.jpg"]),
    "a million images": _dataset(images=["x.jpg"] * 1_000_000),
    "kind of dataset unknown": _dataset(kind="nothing"),
    "no projects": _manifest(projects=[]),
    "another dataset": _manifest(dataset="/etc/passwd"),
    "dataset by dots": _manifest(dataset="../../victim/dataset.json"),
    "newer": _manifest(version=99),
    "no version": _manifest(version=None),
    "model outside": _first_project(model="../../victim/m.xml"),
    "absolute model": _first_project(model="{victim}/secret.txt"),
    "model that is a folder": _first_project(model="models"),
    "parent of itself": _first_project(parent=0),
    "parent far away": _first_project(parent=10**12),
    "device of markup": _first_project(device="<b>\x1b[31m"),
    "name of markup": _first_project(name="<img src=x onerror=alert(1)>\x1b[2J"),
    "name of a megabyte": _first_project(name="n" * 2**20),
    "artifact outside": _first_project(
        artifacts=[{"kind": "predictions", "folder": "../../victim"}]
    ),
    "absolute artifact": _first_project(artifacts=[{"kind": "predictions", "folder": "{victim}"}]),
    "artifact of unknown kind": _first_project(
        artifacts=[{"kind": "everything", "folder": "models/0"}]
    ),
    "artifact that is the model": _first_project(
        artifacts=[{"kind": "predictions", "folder": "models/0"}]
    ),
    "20000 projects": _many_projects,
    "member above": _added("../escaped.txt"),
    "member far above": _added("../" * 12 + "tmp/escaped.txt"),
    "absolute member": _added("/tmp/escaped.txt"),
    "member of Windows": _added("..\\..\\escaped.txt"),
    "member on drive C": _added("C:\\escaped.txt"),
    "member with NUL": _added("models/0/a\0b.txt"),
    "member of 300 letters": _added("models/0/" + "x" * 300 + ".txt"),
    "member 200 deep": _added("a/" * 200 + "x.txt"),
    "member called like the work folder": _added(".job-1-00000000/x.txt"),
    "link to the secret": _link("models/0/notes.txt", "{victim}/secret.txt"),
    "link to the victim": _link("dataset/files/more", "{victim}"),
    "image that is a link": _image_link,
    "link to itself": _link("models/0/loop.txt", "loop.txt"),
    "image that is none": _not_an_image,
    "recipe that does more": _recipe,
    "weights of another": _other_weights,
    "graph that is none": _hidden_weights,
    "300 MB of zeros": _bomb,
    "30000 members": _many,
    "manifest twice": _twice,
    "encrypted": _encrypted,
    "no manifest": _left_out("project.json"),
    "no weights": _left_out(".bin"),
    "no cards": _left_out(".card.json"),
    "no dataset": _left_out("dataset.json"),
    "no images": _left_out(".jpg"),
    "no results": _left_out("result.json"),
    "no arrays": _left_out(".npz"),
    **{f"file: {how}": _as_file(how) for how in ("empty", "cut", "a bit", "zeros", "deep")},
}
NOT_REFUSED = (
    "name of markup", "name of a megabyte", "device of markup", "recipe that does more",
    "no images", "no arrays", "image that is none", "300 MB of zeros", "30000 members",
    "member above", "member far above", "absolute member", "member of Windows",
    "member on drive C", "member with NUL", "member of 300 letters", "member 200 deep",
    "member called like the work folder", "link to itself", "manifest twice", "file: a bit",
    "image that is a link", "link to the secret", "link to the victim",
    "artifact that is the model", "a million images",
)  # fmt: skip
