"""Images that are loaded for several models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.images.decode import read_file
from core.inference.loading import KeptImages, load_images
from core.models.stored import load_stored
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.images import write_images


def test_images_are_decoded_once_as_far_as_they_have_room(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "images"
    write_images(folder, 4)
    dataset, (broken, *_) = open_dataset(folder), sorted(folder.iterdir())
    broken.write_bytes(b"no image")
    detector = load_stored(model_of(made.parent)).card.detector
    expected = list(load_images(dataset, range(4), detector))
    size = sum(one.nbytes for one in expected[1].tensors or ())
    read: list[str] = []

    def counted(path: Path) -> object:
        read.append(path.name)
        return read_file(path)

    monkeypatch.setattr("core.inference.loading.read_file", counted)
    load = KeptImages(2 * size)
    for wanted, decoded in ((range(4), 4), ([3, 2, 1, 0], 1), ([0, 2], 0)):
        read.clear()
        found = list(load(dataset, wanted, detector))
        assert len(read) == decoded
        assert [one.index for one in found] == list(wanted)
        for one in found:
            same = expected[one.index]
            assert (one.problem, one.placement) == (same.problem, same.placement)
            pairs = zip(one.tensors or (), same.tensors or (), strict=True)
            assert all(np.array_equal(a, b) for a, b in pairs)
