"""A server of one file, and a workspace to download it into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalogue.entries import CatalogueEntry
from core.workspace.store import Workspace
from tests.core.catalogue.downloads import DATA
from tests.support.catalogue_server import Server, running, serve


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    with running() as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def entry(server: Server) -> CatalogueEntry:
    return serve(server, "net", {"model.onnx": DATA})
