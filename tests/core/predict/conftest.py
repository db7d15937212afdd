"""Images in so many parts that some of them can be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.images import write_images, write_some_broken

MANY, SLOW = 240, 300


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some parts of images, one of which is damaged and one is no image."""
    return write_some_broken(tmp_path_factory.mktemp("many") / "images", MANY)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images that take a while."""
    return write_images(tmp_path_factory.mktemp("large") / "images", SLOW, 1280, 960)
