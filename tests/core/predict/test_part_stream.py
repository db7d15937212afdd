"""A process that detects for another machine goes through several parts in one stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.helpers import HelperProcess
from core.inference.settings import TRUE_F32
from core.jobs.context import JobContext
from core.machines.cache import hash_of
from core.models.stored import load_stored
from core.predict.machine_conversation import (
    Answer,
    DetectPart,
    Differs,
    Made,
    Ready,
    Refused,
    RunThere,
    Setup,
)
from core.predict.part_by_part import PartByPart, Parts, Run
from core.predict.parts import Part, image_hashes, parts_of
from core.predict.shards import read_shard
from core.predict.store import NO_CACHE, ShardStore
from core.values import Value
from core.workspace.projects import model_of
from tests.core import conftest
from tests.support.models import CLASSES

KEYS = [f"{number:032x}" for number in range(8)]


@pytest.fixture(scope="module")
def run(first_made: conftest.Made) -> Run:
    return Run(load_stored(model_of(first_made.parent)), TRUE_F32, "the model")


@pytest.fixture(scope="module")
def dataset(images: Path) -> Dataset:
    return open_dataset(images)


@pytest.fixture(scope="module")
def parts(dataset: Dataset) -> tuple[Part, ...]:
    return parts_of(dataset, None, lambda done: None)[: len(KEYS)]


@pytest.fixture(scope="module")
def alone(
    run: Run,
    dataset: Dataset,
    parts: tuple[Part, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[bytes]:
    """The shards of the parts as this process makes them."""
    folder = tmp_path_factory.mktemp("alone")
    context = JobContext(folder, lambda message: None, threading.Event())
    made = Parts(run, KEYS, [None] * len(parts))
    PartByPart(parts, dataset, ShardStore(NO_CACHE, folder, context), context).complete([made], "")
    return [one.path.read_bytes() for one in made.shards if one is not None]


@contextmanager
def detector(run: Run) -> Iterator[HelperProcess[Answer]]:
    """A process that is ready."""
    process: HelperProcess[Answer] = HelperProcess("detector", Answer)
    xml, card = run.stored.xml, run.stored.card
    there = RunThere(
        stored=run.stored,
        settings=run.settings,
        role=run.role,
        xml=hash_of(xml),
        weights=card.weights_sha256,
    )
    try:
        process.send(Setup(runs=(there,)))
        assert isinstance(process.answer(lambda: None), Ready)
        yield process
    finally:
        process.close()


def test_each_part_of_a_stream_is_answered_in_its_turn_and_as_if_it_were_alone(
    run: Run, dataset: Dataset, parts: tuple[Part, ...], alone: list[bytes], tmp_path: Path
) -> None:
    other, unwritable, missing = 2, 4, 6
    (tmp_path / str(unwritable)).write_text("a file where the folder would be")
    with detector(run) as process:
        for number, part in enumerate(parts):
            names = dataset.images[part.images.start : part.images.stop]
            asked = DetectPart(
                root=dataset.root,
                images=names,
                hashes=image_hashes(dataset, part.images, None),
                content=part.content,
                wanted=(0,),
                keys=(KEYS[number],),
                folder=tmp_path / str(number),
            )
            if number == other:
                asked = replace(asked, hashes=(*asked.hashes[:-1], "0" * 64))
            if number == missing:
                asked = replace(asked, images=("nowhere.jpg", *names[1:]))
                asked = replace(asked, hashes=("", *asked.hashes[1:]))
            process.send(asked)
        answers: list[Value | None] = [process.answer(lambda: None) for _ in parts]
    for number, answer in enumerate(answers):
        if number == other:
            assert isinstance(answer, Differs), "nothing but the very bytes is used"
        elif number == unwritable:
            assert isinstance(answer, Refused)
        else:
            assert isinstance(answer, Made)
            (path,) = answer.files
            if number == missing:
                shard = read_shard(path, KEYS[number], parts[number], CLASSES)
                assert shard.kept[0] == 1 and shard.left_out[0].image == 0
            else:
                assert path.read_bytes() == alone[number]
