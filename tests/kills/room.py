"""A room for one kill: a workspace of its own, and every place where something could be left."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.catalogue.entries import CatalogueEntry
from core.jobs.planned import run_planned
from core.search.candidates import SearchState
from core.search.resuming import search_state
from core.transfer.service import plan_unpack
from core.values import read_json, write_json
from core.workspace.projects import model_of
from core.workspace.store import Artifact, Project, Workspace
from tests.support.catalogue_server import Server, serve
from tests.support.checkout import environment
from tests.support.images import write_images
from tests.support.packages import packaged

STORED = Path(__file__).parent.parent / "core" / "stored" / "0.2.0"
MARKER = "DETECTION_WORKBENCH_KILLED"  # in the environment of all that a case starts
_PLACES = ("workspace", "out", "tmp", "cache", "data", "config", "home", "cwd")


@dataclass(frozen=True)
class Room:
    """Folders below `root` that belong to one case alone; `shared` is only read.

    The workspace has what every job can begin from: a parent with its optimized project, a
    benchmark, a profile, a report of each kind and a search.
    """

    root: Path
    shared: Path

    @cached_property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @cached_property
    def out(self) -> Path:
        """Where a user wants files."""
        return self.root / "out"

    @cached_property
    def stderr(self) -> Path:
        """What the command or the window said."""
        return self.root / "stderr.txt"

    @property
    def calibration(self) -> Path:
        return self.shared / "calibration"

    @property
    def package(self) -> Path:
        """A deployment package."""
        return self.shared / "package" / "fox finder"

    @property
    def project_file(self) -> Path:
        return STORED / "project.dwproject"

    @property
    def entry(self) -> CatalogueEntry:
        """A model that the server of these tests has."""
        return read_json(self.shared / "entry.json", CatalogueEntry)

    @property
    def opened(self) -> Workspace:
        return Workspace(self.workspace)

    @property
    def parent(self) -> Project:
        return self.opened.projects()[0]

    @property
    def optimized(self) -> Project:
        return self.opened.projects()[1]

    @property
    def images(self) -> Path:
        """The dataset of the project, annotated."""
        return self.parent.dataset.parent / "files"

    @property
    def models(self) -> tuple[Path, Path]:
        return model_of(self.parent), model_of(self.optimized)

    @property
    def report(self) -> Path:
        """The folder of a report on predictions."""
        return self.opened.artifacts(self.optimized.id, "predictions")[0].folder

    @property
    def search(self) -> tuple[Artifact, SearchState]:
        (artifact,) = self.opened.artifacts(self.parent.id, "search")
        state = search_state(artifact.folder)
        assert state is not None
        return artifact, state

    def environment(self, marker: str) -> dict[str, str]:
        """Of what is started here: no place but those of the room."""
        return environment(
            **{MARKER: marker},
            TMPDIR=str(self.root / "tmp"),
            HOME=str(self.root / "home"),
            XDG_CACHE_HOME=str(self.root / "cache"),
            XDG_DATA_HOME=str(self.root / "data"),
            XDG_CONFIG_HOME=str(self.root / "config"),
            QT_QPA_PLATFORM="offscreen",
            no_proxy="127.0.0.1",
        )

    def files(self) -> frozenset[Path]:
        """All files and empty folders."""
        return frozenset(
            path.relative_to(self.root)
            for place in _PLACES
            for path in (self.root / place).rglob("*")
            if not path.is_dir() or not any(path.iterdir())
        )


def make_shared(folder: Path, server: Server) -> Path:
    """What all rooms share, and the workspace that each gets a copy of; gives the folder."""
    folder.mkdir(parents=True)
    write_images(folder / "calibration", 8)
    room = Room(folder / "first", folder)
    workspace = Workspace(room.workspace)
    end = run_planned(workspace, plan_unpack(workspace, room.project_file))
    assert end.project_id is not None, end.outcome.error
    with zipfile.ZipFile(STORED / "workspace.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("searches/")]
        archive.extractall(room.workspace, names)
    (search,) = (room.workspace / "searches").iterdir()
    workspace.add_artifact(end.project_id, "search", search)
    packaged(room.models[1], room.calibration, folder / "package")
    xml = room.models[0]
    served = {xml.name: xml.read_bytes(), f"{xml.stem}.bin": xml.with_suffix(".bin").read_bytes()}
    write_json(folder / "entry.json", serve(server, "net", served))
    shutil.rmtree(room.workspace / "logs", ignore_errors=True)
    return folder


def make_room(root: Path, shared: Path) -> Room:
    """A new room."""
    room = Room(root, shared)
    for place in _PLACES:
        (root / place).mkdir(parents=True)
    shutil.copytree(shared / "first" / "workspace", room.workspace, dirs_exist_ok=True)
    return room
