"""What a killed process may not leave: everything in a room must be accounted for."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2

from core.benchmark.service import benchmark_result
from core.catalogue.service import downloaded_model
from core.dataset_making.service import own_dataset
from core.datasets.stored import load_dataset
from core.errors import WorkbenchError
from core.models.stored import load_stored
from core.profiling.service import profile_result
from core.reports.kinds import IDS, kind_of
from core.search.resuming import search_state
from core.workspace.projects import model_of
from core.workspace.store import Artifact, Project, Workspace
from tests.kills.cases import Case
from tests.kills.room import Room

# Of the workspace: what no row refers to, and is no rest.
_SHARED = ("logs", "detections", "class-mappings", "plans", "partial-downloads")
_DATABASE = "workspace.sqlite3"
_CACHE = frozenset(
    Path("cache/detection-workbench") / name
    for name in (
        "",
        "crashes",
        "failures",
        "job.lock",
        "quiet.lock",
        "door.lock",
        "jobs",
        "stage-times.json",
        "unfinished",
    )
)


def hashes(room: Room) -> dict[Path, str]:
    """Of every file of the workspace but its database and logs."""
    return {
        path.relative_to(room.root): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(room.workspace.rglob("*"))
        if path.is_file() and not path.name.startswith(_DATABASE) and "logs" not in path.parts
    }


def faults(room: Room, case: Case, before: dict[Path, str], whole: frozenset[Path]) -> list[str]:
    """Everything that is not as it must be, after the next start.

    `before` are the hashes of what was there; `whole` are the files outside the workspace that the
    job leaves when nobody kills it.
    """
    return [
        *_lost(room, before),
        *_rows(room),
        *_unreferenced(room),
        *_unreadable(room),
        *lying_about(room, case, whole),
    ]


def lying_about(room: Room, case: Case, whole: frozenset[Path]) -> Iterator[str]:
    """Rests: in the system's place for such, the caches, beside what the user wanted."""
    for path in sorted(room.files()):
        place = path.parts[0]
        if place == "workspace":
            if ".job-" in str(path) or path.suffix == ".tmp":
                yield f"{path} was left"
        elif place == "out":
            kept = bool(case.keeps) and case.keeps in path.parts
            if ".job-" in str(path) or path.suffix == ".tmp":
                yield f"{path} was left"
            elif not kept and path != Path("out") and path not in whole:
                yield f"{path} is no output"
        elif len(path.parts) > 1 and not _is_known(room, path) and path not in whole:
            yield f"{path} was left"
    yield from _half_outputs(room, case, whole)


def _is_known(room: Room, path: Path) -> bool:
    """Whether it is one of the caches; a killed window's trace is empty, and its next start's.

    How a job ended is known for some hours. A command whose process was killed keeps its log.
    """
    if path.parent == Path("data/detection-workbench/detections") and ".job-" not in path.name:
        return True  # which are found again
    if Path("cache/detection-workbench/models") in (path, *path.parents) and ".job-" not in str(
        path
    ):
        return True  # imported before
    if path.parent == Path("cache/detection-workbench/failures") and path.suffix == ".log":
        return True
    if path.parent == Path("cache/detection-workbench/jobs") and path.name.startswith("ended-"):
        return True
    trace = path.parent.name == "crashes" and path.name.startswith("running-")
    return path in _CACHE or (trace and not (room.root / path).read_bytes())


def _half_outputs(room: Room, case: Case, whole: frozenset[Path]) -> Iterator[str]:
    there = {path for path in room.files() if path.parts[0] == "out" and len(path.parts) > 1}
    wanted = {path for path in whole if path.parts[0] == "out"}
    if case.keeps or not there & wanted:
        return
    if missing := wanted - there:
        yield f"{sorted(map(str, missing))} is missing beside {sorted(map(str, there))}"
    for path in sorted(there):
        if problem := _damage(room.root / path):
            yield f"{path}: {problem}"


def _damage(path: Path) -> str:
    """Why a file is but a half, or nothing."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix in (".zip", ".npz", ".dwproject"):
            with zipfile.ZipFile(path) as archive:
                archive.testzip()
        elif path.suffix in (".png", ".jpg"):
            return "" if cv2.imread(str(path)) is not None else "cannot be decoded"
        elif path.suffix == ".html":
            return "" if "</html>" in path.read_text("utf-8") else "is cut short"
        elif path.suffix == ".pdf":
            return "" if path.read_bytes().rstrip().endswith(b"%%EOF") else "is cut short"
        elif path.with_suffix(".card.json").is_file():
            _require_whole(path.with_suffix(".xml"))
    except (ValueError, OSError, zipfile.BadZipFile, WorkbenchError) as error:
        return str(error)
    return ""


def _require_whole(xml: Path) -> None:
    """Raises WorkbenchError where a stored model is not what its card says."""
    from core.runtime import openvino_core

    card = load_stored(xml).card
    digest = hashlib.sha256(xml.with_suffix(".bin").read_bytes()).hexdigest()
    if card.weights_sha256 != digest:
        raise WorkbenchError(f"{xml.with_suffix('.bin')} is not the one of its card.", "")
    openvino_core().read_model(xml)


def _lost(room: Room, before: dict[Path, str]) -> Iterator[str]:
    now = hashes(room)
    for path, digest in before.items():
        if path not in now:
            yield f"{path} is gone"
        elif now[path] != digest:
            yield f"{path} was changed"


def _rows(room: Room) -> Iterator[str]:
    with closing(sqlite3.connect(room.workspace / _DATABASE)) as database:
        for (title,) in database.execute("SELECT title FROM jobs WHERE state = 'running'"):
            yield f"'{title}' is running for ever"
        for (name,) in database.execute("SELECT name FROM projects WHERE state = 'in_progress'"):
            yield f"the project {name} is in progress for ever"
        (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            yield f"the database: {verdict}"


def _unreferenced(room: Room) -> Iterator[str]:
    workspace = Workspace(room.workspace)
    known = {one.folder for project in workspace.projects() for one in _artifacts(room, project)}
    for project in workspace.projects():
        known |= {path for path in (project.model, project.dataset) if path is not None}
    for place in sorted(room.workspace.iterdir()):
        if not place.is_dir() or place.name in _SHARED:
            continue
        for folder in sorted(place.iterdir()):
            if any(path.is_relative_to(folder) for path in known) or ".job-" in folder.name:
                continue
            if place.name == "datasets":
                own_dataset(folder / "dataset.json")
            elif place.name == "downloads":
                if downloaded_model(workspace, room.entry) is None:
                    yield f"{folder.relative_to(room.root)} is half a download"
            else:
                yield f"{folder.relative_to(room.root)} is referred to by nothing"


def _artifacts(room: Room, project: Project) -> tuple[Artifact, ...]:
    return Workspace(room.workspace).artifacts(project.id)


def _unreadable(room: Room) -> Iterator[str]:
    for project in Workspace(room.workspace).projects():
        try:
            if project.state == "ready":
                _require_whole(model_of(project))
                load_dataset(project.dataset)
            for artifact in _artifacts(room, project):
                _read(artifact)
        except (WorkbenchError, OSError, RuntimeError) as error:
            yield f"project {project.name}: {error}"


def _read(artifact: Artifact) -> None:
    if artifact.kind in IDS:
        kind_of(artifact.folder).read(artifact.folder)
    elif artifact.kind == "search":
        if search_state(artifact.folder) is None:
            raise WorkbenchError(f"{artifact.folder.name} is a search that found nothing.", "")
    else:
        {"benchmark": benchmark_result, "profile": profile_result}[artifact.kind](artifact)
