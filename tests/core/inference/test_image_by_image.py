"""Detections image by image, of several models in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.detection.detections import Detections
from core.inference.compiling import optimal_requests
from core.inference.image_by_image import FoundInImage, Run, found_in_images, prepare
from core.inference.loading import LoadedImage, load_images
from core.inference.settings import TRUE_F32
from core.models.stored import load_stored
from core.workspace.projects import model_of
from tests.core import conftest
from tests.support.images import write_some_broken

WANTED = ((0, 1), (1,), (0,), ())  # the models of the first images, and so on
IMAGES = 60


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_some_broken(tmp_path_factory.mktemp("several") / "images", IMAGES)


def same(one: Detections, other: Detections) -> bool:
    columns = zip(vars(one).values(), vars(other).values(), strict=True)
    return all(np.array_equal(mine, others) for mine, others in columns)


def test_models_together_find_what_each_finds_alone_and_hold_few_images(
    first_made: conftest.Made, images: Path
) -> None:
    stored = [load_stored(model_of(one)) for one in (first_made.parent, first_made.optimized)]
    detector, dataset = stored[0].card.detector, open_dataset(images)
    models = prepare([Run(one.xml, TRUE_F32) for one in stored])
    held, most = 0, 0

    def load(indices: Iterator[int]) -> Iterator[LoadedImage]:
        nonlocal held, most
        for image in load_images(dataset, indices, detector):
            held += 1
            most = max(most, held)
            yield image

    def found(numbers: Sequence[Sequence[int]], some: Sequence[int]) -> Iterator[FoundInImage]:
        nonlocal held
        chosen = [models[number] for number in some]
        for one in found_in_images(chosen, detector, enumerate(numbers), load):
            held -= 1
            yield one

    together = list(found([WANTED[n % len(WANTED)] for n in range(IMAGES)], (0, 1)))
    in_flight = max(optimal_requests(one.compiled) for one in models) + 1
    assert most <= 4 * in_flight, "memory does not grow with the images"
    assert [one.image for one in together] == list(range(IMAGES)), "in their order"
    assert sum(one.problem is not None for one in together) == 2
    for number in (0, 1):
        alone = list(found([(0,)] * IMAGES, (number,)))
        for image, (mine, own) in enumerate(zip(together, alone, strict=True)):
            wanted = number in WANTED[image % len(WANTED)] and own.problem is None
            assert (number in mine.found) == wanted and mine.size == own.size
            assert not wanted or same(mine.found[number], own.found[0])
    assert any(len(one.found.get(0, ())) for one in together)
