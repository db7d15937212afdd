"""A model that is taken out of a downloaded archive."""

import io
import tarfile
from pathlib import Path

import pytest

from core.catalogue import unpacking
from core.catalogue.entries import CatalogueEntry
from core.errors import WorkbenchError
from core.jobs.job import RESULT_FILE
from core.workspace.store import Workspace
from tests.core.catalogue.downloads import (
    DATA,
    OTHER,
    downloaded,
    planned,
    require_failed,
    require_whole,
)
from tests.support.catalogue_server import Server, serve

MEMBER = "net_2018/frozen_inference_graph.pb"


def archive(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def packed_entry(server: Server, data: bytes) -> CatalogueEntry:
    return serve(server, "net", {"net.tar.gz": data}, member=MEMBER)


def test_the_graph_is_taken_out_of_its_archive(server: Server, workspace: Workspace) -> None:
    others = [("../../evil", OTHER), ("/etc/evil", OTHER), ("net_2018/checkpoint", OTHER)]
    entry = packed_entry(server, archive(*others, (f"./{MEMBER}", DATA)))
    require_whole(workspace, entry, downloaded(workspace, entry))
    folder = planned(workspace, entry).destination
    assert {path.name for path in folder.iterdir()} == {"net.pb", "net.txt", RESULT_FILE}


def test_a_link_is_no_graph(server: Server, workspace: Workspace) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        link = tarfile.TarInfo(MEMBER)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    entry = packed_entry(server, out.getvalue())
    require_failed(workspace, entry, downloaded(workspace, entry), f"There is no {MEMBER}")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (DATA, "is damaged"),
        (archive((MEMBER, DATA))[:-1000], "is damaged"),
        (archive(("other", DATA)), f"There is no {MEMBER}"),
    ],
    ids=["no archive", "cut", "without it"],
)
def test_an_archive_that_is_none(
    server: Server, workspace: Workspace, data: bytes, said: str
) -> None:
    entry = packed_entry(server, data)
    require_failed(workspace, entry, downloaded(workspace, entry), said)


def test_an_archive_that_swells_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 2**20)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(archive(("zeros", bytes(2**23)), (MEMBER, DATA)))
    with pytest.raises(WorkbenchError, match="larger than any detector needs"):
        unpacking.unpack_member(path, MEMBER, tmp_path / "out", lambda: None)
    assert not (tmp_path / "out").exists()
