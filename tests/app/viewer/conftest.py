"""A viewer with real images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from tests.app.viewer.making import write_image_file


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
def image_path(tmp_path: Path) -> Path:
    return write_image_file(tmp_path / "image.png")
