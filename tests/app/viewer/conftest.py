"""A viewer with real pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from tests.app.viewer.making import write_picture


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[ComparisonViewer]:
    viewer = ComparisonViewer()
    qtbot.addWidget(viewer)
    viewer.resize(1000, 600)
    viewer.show()
    qtbot.waitExposed(viewer)
    yield viewer
    viewer.close_workers()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "picture.png")
