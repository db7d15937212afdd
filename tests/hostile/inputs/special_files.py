"""Pipes, devices, links and folders where files are expected, and files where folders are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case, looked_at, typed
from tests.hostile.inputs.datasets import FORMATS
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked

Ask = Callable[[Room, Base, Path], Asked]


def _beside_model(base: Base, place: Path, suffix: str) -> Path:
    """The model with one of its files replaced by what lies at `place`."""
    folder = place.parent / "model"
    shutil.copytree(base.parent.parent, folder)
    model = folder / base.parent.name
    file = model.with_name(f"{model.stem}{suffix}")
    file.unlink(missing_ok=True)
    place.rename(file)
    return model


def _card(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", _beside_model(base, place, ".card.json"))


def _weights(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", _beside_model(base, place, ".bin"))


def _graph(room: Room, base: Base, place: Path) -> Asked:
    return typed(
        "predict",
        _beside_model(base, place, ".xml"),
        base.images,
        "--output",
        room.out / "found.json",
    )


def _labels(room: Room, base: Base, place: Path) -> Asked:
    return typed("import", base.model, "--output", room.out / "model", "--labels", place)


def _labels_beside(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", _beside_model(base, place, ".txt"))


def _image(room: Room, base: Base, place: Path) -> Asked:
    folder = place.parent / "photos"
    shutil.copytree(base.images, folder)
    place.rename(folder / "odd.jpg")
    return typed("predict", base.model, folder, "--output", room.out / "found.json")


def _preview_image(room: Room, base: Base, place: Path) -> Asked:
    return typed("import", "--preview", base.model, place, "--output", room.out / "preview.png")


def _annotation(room: Room, base: Base, place: Path) -> Asked:
    return _in_dataset("yolo", place)


def _description(room: Room, base: Base, place: Path) -> Asked:
    return _in_dataset("yolo_described", place)


def _in_dataset(form: str, place: Path) -> Asked:
    """In place of the file that is changed otherwise."""
    folder = place.parent / "dataset"
    file = FORMATS[form][0](folder)
    file.unlink()
    place.rename(file)
    return typed("check-dataset", folder)


def _dataset_file(room: Room, base: Base, place: Path) -> Asked:
    return typed("check-dataset", place.rename(place.with_name("instances.json")))


def _archive(room: Room, base: Base, place: Path) -> Asked:
    return typed("check-dataset", place.rename(place.with_name("images.zip")))


def _project_file(room: Room, base: Base, place: Path) -> Asked:
    return typed(
        "import-project",
        place.rename(place.with_suffix(".dwproject")),
        "--workspace",
        room.workspace,
    )


def _plan(room: Room, base: Base, place: Path) -> Asked:
    return typed("plan", "--plan", place.rename(place.with_suffix(".json")))


def _log(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", base.model, "--log", place.rename(room.out / "odd"))


def _output_file(room: Room, base: Base, place: Path) -> Asked:
    odd = place.rename(room.out / "odd")
    return typed("predict", base.model, base.images, "--output", odd)


def _output_folder(room: Room, base: Base, place: Path) -> Asked:
    return typed("create-dataset", base.images, "--output", place.rename(room.out / "odd"))


def _arrays(room: Room, base: Base, place: Path) -> Asked:
    base.workspace_in(room)
    folder = room.workspace / base.report.relative_to(base.workspace)
    (folder / "parent.npz").unlink()
    place.rename(folder / "parent.npz")
    return typed("export-report", folder, "--format", "csv", "--output", room.out / "tables")


def _result(room: Room, base: Base, place: Path) -> Asked:
    base.workspace_in(room)
    folder = room.workspace / base.report.relative_to(base.workspace)
    (folder / "result.json").unlink()
    place.rename(folder / "result.json")
    return typed("export-report", folder, "--format", "json", "--output", room.out / "report.json")


def _database(room: Room, base: Base, place: Path) -> Asked:
    base.workspace_in(room)
    (room.workspace / "workspace.sqlite3").unlink()
    place.rename(room.workspace / "workspace.sqlite3")
    return looked_at(room)


def _workspace(room: Room, base: Base, place: Path) -> Asked:
    return typed("compare-projects", "--workspace", place)


def _lock(room: Room, base: Base, place: Path) -> Asked:
    """The file that a job holds locked lies in the cache."""
    folder = room.root / "cache" / "detection-workbench"
    folder.mkdir()
    place.rename(folder / "job.lock")
    return typed("inspect", base.model)


def _model(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", place.rename(place.with_suffix(".onnx")))


def _model_folder(room: Room, base: Base, place: Path) -> Asked:
    return typed("inspect", place)


ASKS: dict[str, Ask] = {
    "card": _card,
    "weights": _weights,
    "graph": _graph,
    "labels": _labels,
    "labels beside a model": _labels_beside,
    "image": _image,
    "image of a preview": _preview_image,
    "annotation": _annotation,
    "data.yaml": _description,
    "COCO file": _dataset_file,
    "archive": _archive,
    "project file": _project_file,
    "plan": _plan,
    "log": _log,
    "output file": _output_file,
    "output folder": _output_folder,
    "arrays": _arrays,
    "result": _result,
    "database": _database,
    "workspace": _workspace,
    "lock": _lock,
    "model": _model,
    "model by its place": _model_folder,
}


def _pipe(place: Path, room: Room) -> None:
    os.mkfifo(place)


def _zeros(place: Path, room: Room) -> None:
    place.symlink_to("/dev/zero")


def _loop(place: Path, room: Room) -> None:
    place.symlink_to(place.name)


def _folder(place: Path, room: Room) -> None:
    place.mkdir()
    (place / "inside.txt").write_text("hello")


def _sparse(place: Path, room: Room) -> None:
    with place.open("wb") as file:
        file.truncate(6 * 2**30)


def _unreadable(place: Path, room: Room) -> None:
    place.write_text("hello")
    place.chmod(0)


def _nowhere(place: Path, room: Room) -> None:
    place.symlink_to("nothing/there")


SPECIAL: dict[str, Callable[[Path, Room], None]] = {
    "pipe": _pipe,
    "/dev/zero": _zeros,
    "link to itself": _loop,
    "folder": _folder,
    "6 GB of nothing": _sparse,
    "link to nowhere": _nowhere,
    "file that may not be read": _unreadable,
}


def cases() -> Iterator[Case]:
    """Every special file in every place where the program reads or writes one."""
    if sys.platform == "win32":
        return
    for what, ask in ASKS.items():
        for kind, make in SPECIAL.items():
            yield Case("special file", f"{what} is a {kind}", _made(ask, make))


def _made(ask: Ask, make: Callable[[Path, Room], None]) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        place = room.work / "odd"
        make(place, room)
        return ask(room, base, place)

    return build
