"""A host for jobs that are sent, which is this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.machines import sending
from tests.support.hosts import LocalHost


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LocalHost]:
    made = LocalHost(tmp_path / "there")
    yield made
    for process in made.processes():
        process.kill()


@pytest.fixture
def way(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that run in this process find the host without SSH."""
    monkeypatch.setattr(sending, "way_to", lambda machine, step: host.argv)
