"""A process that detects for another machine goes through several parts in one stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.helpers import HelperProcess
from core.inference.limited import LimitedDetector
from core.inference.settings import TRUE_F32, InferenceSettings
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
from core.workspace.projects import model_of
from tests.core import conftest
from tests.support.models import CLASSES

KEYS = [f"{number:032x}" for number in range(8)]


@pytest.fixture(scope="module")
def run(first_made: conftest.Made) -> Run:
    return Run(load_stored(model_of(first_made.parent)), TRUE_F32, "the model")


@pytest.fixture(scope="module")
def saturating(first_made: conftest.Made) -> Run:
    """One that takes another process of its own."""
    settings = InferenceSettings(int8="saturating")
    return Run(load_stored(model_of(first_made.optimized)), settings, "the optimized model")


@pytest.fixture(scope="module")
def dataset(images: Path) -> Dataset:
    return open_dataset(images)


@pytest.fixture(scope="module")
def parts(dataset: Dataset) -> tuple[Part, ...]:
    return parts_of(dataset, None, lambda done: None)[: len(KEYS)]


@contextmanager
def detector(*runs: Run) -> Iterator[HelperProcess[Answer]]:
    """A process that is ready."""
    process: HelperProcess[Answer] = HelperProcess("detector", Answer)
    there = tuple(
        RunThere(
            stored=run.stored,
            settings=run.settings,
            role=run.role,
            xml=hash_of(run.stored.xml),
            weights=run.stored.card.weights_sha256,
        )
        for run in runs
    )
    try:
        process.send(Setup(runs=there))
        assert isinstance(process.answer(lambda: None), Ready)
        yield process
    finally:
        process.close()


def asked(dataset: Dataset, part: Part, keys: Mapping[int, str], folder: Path) -> DetectPart:
    """To detect in a part, by the runs of these numbers; what they make is called so."""
    return DetectPart(
        root=dataset.root,
        images=dataset.images[part.images.start : part.images.stop],
        hashes=image_hashes(dataset, part.images, None),
        content=part.content,
        wanted=tuple(keys),
        keys=tuple(keys.values()),
        folder=folder,
    )


def alone(
    run: Run, dataset: Dataset, parts: Sequence[Part], keys: Sequence[str], folder: Path
) -> list[bytes]:
    """The shards of the parts as this process makes them."""
    context = JobContext(folder, lambda message: None, threading.Event())
    made = Parts(run, keys, [None] * len(parts))
    PartByPart(parts, dataset, ShardStore(NO_CACHE, folder, context), context).complete([made], "")
    return [one.path.read_bytes() for one in made.shards if one is not None]


def answers_of(process: HelperProcess[Answer], questions: Sequence[DetectPart]) -> list[object]:
    """What it says to questions that are asked at once."""
    for one in questions:
        process.send(one)
    return [process.answer(lambda: None) for _ in questions]


def test_each_part_of_a_stream_is_answered_in_its_turn_and_as_if_it_were_alone(
    run: Run, dataset: Dataset, parts: Sequence[Part], tmp_path: Path
) -> None:
    other, unwritable, missing = 2, 4, 6
    (tmp_path / str(unwritable)).write_text("a file where the folder would be")
    questions = [
        asked(dataset, part, {0: KEYS[n]}, tmp_path / str(n)) for n, part in enumerate(parts)
    ]
    changed, gone = questions[other], questions[missing]
    questions[other] = replace(changed, hashes=(*changed.hashes[:-1], "0" * 64))
    without = {"images": ("nowhere.jpg", *gone.images[1:]), "hashes": ("", *gone.hashes[1:])}
    questions[missing] = replace(gone, **without)
    with detector(run) as process:
        answers = answers_of(process, questions)
    assert isinstance(answers[other], Differs), "nothing but the very bytes is used"
    assert isinstance(answers[unwritable], Refused)
    expected = alone(run, dataset, parts, KEYS, tmp_path / "alone")
    for number, answer in enumerate(answers):
        if number in (other, unwritable):
            continue
        assert isinstance(answer, Made)
        (path,) = answer.files
        if number == missing:
            shard = read_shard(path, KEYS[number], parts[number], CLASSES)
            assert shard.kept[0] == 1 and shard.left_out[0].image == 0
        else:
            assert path.read_bytes() == expected[number]


def test_a_run_in_another_process_is_made_between_parts_of_a_stream(
    run: Run, saturating: Run, dataset: Dataset, parts: Sequence[Part], tmp_path: Path
) -> None:
    with LimitedDetector() as limited:
        if not limited.saturates():
            pytest.skip("INT8 sums do not saturate on this machine, however it is limited")
    first, second, third = parts[:3]
    both = {0: KEYS[1], 1: KEYS[4]}
    questions = [
        asked(dataset, first, {0: KEYS[0]}, tmp_path / "0"),
        asked(dataset, second, both, tmp_path / "1"),
        replace(
            asked(dataset, second, both, tmp_path / "2"), hashes=("0" * 64,) * len(second.images)
        ),
        asked(dataset, third, {0: KEYS[2]}, tmp_path / "3"),
    ]
    with detector(run, saturating) as process:
        one, two, other, three = answers_of(process, questions)
    assert isinstance(other, Differs)
    assert isinstance(one, Made) and isinstance(two, Made) and isinstance(three, Made)
    usual, limited_one = two.files
    found = [path.read_bytes() for path in (*one.files, usual, *three.files)]
    assert found == alone(run, dataset, parts[:3], KEYS, tmp_path / "alone")
    (expected,) = alone(saturating, dataset, [second], [KEYS[4]], tmp_path / "limited")
    assert limited_one.read_bytes() == expected
