"""Detections lie in shards named by content, and are taken where they are."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from core.arrays import load_arrays, save_arrays
from core.datasets.open import open_dataset
from core.detection.detections import DetectionTable
from core.jobs.context import JobContext
from core.jobs.job import read_result
from core.models.stored import load_stored
from core.predict.job import COCO_RESULTS_FILE, DETECTIONS_FILE, PredictResult
from core.predict.parts import Part, parts_of
from core.predict.shards import About, read_shard
from core.predict.store import DetectionCache, ShardStore
from core.reports.kind import ReportOptions
from core.reports.service import plan_report
from core.values import from_json, to_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.core.predict.conftest import MANY
from tests.support.jobs import run
from tests.support.models import CLASSES
from tests.support.shards import inferred, predicted, require_same, said, shards


@pytest.fixture(scope="module")
def filled(first_made: Made, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with all shards of the images, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    predicted(first_made, images, folder / "first", folder / "cache")[0].require()
    return folder / "cache"


def test_detections_by_parts_are_those_of_the_whole(
    made: Made, images: Path, tmp_path: Path
) -> None:
    first, _ = predicted(made, images, tmp_path / "first", tmp_path / "cache")
    require_same(made, images, first.require())
    result = read_result(first.require(), PredictResult)
    assert (result.images, len(result.problems)) == (MANY - 2, 2)
    again, events = predicted(made, images, tmp_path / "again", tmp_path / "cache")
    require_same(made, images, again.require())
    assert read_result(again.require(), PredictResult) == result
    assert inferred(events) == 0
    assert "Detections taken from an earlier run: all of the model." in said(events)
    assert any("broken.jpg" in text for text in said(events)), "said again to who asks again"
    alone, events = predicted(made, images, tmp_path / "alone", None)
    require_same(made, images, alone.require())
    assert inferred(events) == MANY


def test_no_shard_is_left_where_there_is_no_cache(made: Made, images: Path, tmp_path: Path) -> None:
    outcome, _ = predicted(made, images, tmp_path / "out", None)
    names = sorted(path.name for path in outcome.require().iterdir())
    assert names == [COCO_RESULTS_FILE, DETECTIONS_FILE, "result.json"]


def test_a_damaged_shard_is_computed_again_and_said(
    made: Made, images: Path, filled: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(filled, tmp_path / "cache")
    whole = {path: path.read_bytes() for path in shards(cache)}
    flipped, cut_short, swapped, emptied, *_ = whole
    data = bytearray(whole[flipped])
    data[len(data) // 2] ^= 1
    flipped.write_bytes(data)
    cut_short.write_bytes(whole[cut_short][:-100])
    shutil.copyfile(list(whole)[-1], swapped)
    emptied.write_bytes(b"")
    outcome, events = predicted(made, images, tmp_path / "again", cache)
    told = " ".join(said(events))
    for path in (flipped, cut_short, swapped, emptied):
        assert f"{path} with stored detections is damaged" in told
    assert f"{len(whole) - 4} of {len(whole)} parts" in told
    assert {path: path.read_bytes() for path in shards(cache)} == whole, "the same, byte for byte"
    require_same(made, images, outcome.require())


def test_any_flipped_bit_is_found_or_changes_nothing(made: Made, tmp_path: Path) -> None:
    cache, dataset = tmp_path / "cache", open_dataset(made.images)
    predicted(made, made.images, tmp_path / "first", cache)
    (path,) = shards(cache)
    (part,) = parts_of(dataset, None, lambda done: None)
    names = load_stored(model_of(made.parent)).card.detector.class_names
    data, random = path.read_bytes(), np.random.default_rng(3)
    right = read_shard(path, path.stem, part, names)
    whole, refused = right.table(dataset, names), 0
    for place in random.integers(0, len(data), 400).tolist():
        changed = bytearray(data)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        try:
            read = read_shard(path, path.stem, part, names)
        except ValueError:
            refused += 1
            continue
        assert (read.executed, read.left_out) == (right.executed, right.left_out)
        same(read.table(dataset, names), whole)
    assert refused > 200
    with pytest.raises(ValueError, match="something else"):
        path.write_bytes(data)
        read_shard(path, "0" * 64, part, names)


def same(table: DetectionTable, other: DetectionTable) -> None:
    for name, column in table.columns().items():
        assert column.tobytes() == other.columns()[name].tobytes(), name


def test_fresh_takes_nothing_and_leaves_the_same(
    made: Made, images: Path, filled: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(filled, tmp_path / "cache")
    before = {path: path.read_bytes() for path in shards(cache)}
    outcome, events = predicted(made, images, tmp_path / "again", cache, fresh=True)
    assert inferred(events) == MANY
    assert not any("earlier run" in text for text in said(events))
    assert {path: path.read_bytes() for path in shards(cache)} == before
    require_same(made, images, outcome.require())


def test_what_is_stored_goes_by_content_and_not_by_place(
    made: Made, images: Path, filled: Path, tmp_path: Path
) -> None:
    cache, copied = shutil.copytree(filled, tmp_path / "cache"), tmp_path / "elsewhere"
    shutil.copytree(images, copied)
    outcome, events = predicted(made, copied, tmp_path / "copied", cache)
    assert inferred(events) == 0
    require_same(made, copied, outcome.require())
    problems = read_result(outcome.require(), PredictResult).problems
    assert all(str(one.facts["image"]).startswith(str(copied)) for one in problems)
    shutil.copyfile(copied / "image 003.jpg", copied / "image 200.jpg")
    (copied / "image 050.jpg").unlink()
    outcome, events = predicted(made, copied, tmp_path / "changed", cache)
    assert 0 < inferred(events) < MANY / 2, "the parts of two images"
    require_same(made, copied, outcome.require())


def test_a_folder_that_cannot_be_written_is_said_and_does_without(
    made: Made, images: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file lies where the folder should")
    outcome, events = predicted(made, images, tmp_path / "out", tmp_path / "cache")
    told = [one for one in said(events) if "cannot be stored" in one]
    assert len(told) == 1
    require_same(made, images, outcome.require())


def test_what_was_received_is_adopted_as_it_came_or_leaves_nothing(
    filled: Path, tmp_path: Path
) -> None:
    came = shards(filled)[0]
    (tmp_path / "no folder").write_text("a file lies where the folder should")
    for cache in (tmp_path / "cache", tmp_path / "no folder"):
        store = ShardStore(DetectionCache(cache), tmp_path / "spare", quiet(tmp_path))
        place = store.received(came.stem, came.read_bytes())
        part = Part(range(MANY), "")
        shard = store.adopt(came.stem, read_shard(place, came.stem, part, CLASSES))
        assert shard.path.name == came.name and shard.path.read_bytes() == came.read_bytes()
        assert not place.exists()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [came.name]
    assert [path.name for path in (tmp_path / "spare").iterdir()] == [came.name]


def test_the_longest_unused_go_when_there_is_too_much(
    made: Made, images: Path, filled: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(filled, tmp_path / "cache")
    files = sorted(cache.iterdir())
    for age, path in enumerate(files):
        os.utime(path, (10**9 - age, 10**9 - age))
    (cache / "mine.txt").write_bytes(bytes(10**6))
    limit = sum(path.stat().st_size for path in files[:4])
    store = ShardStore(DetectionCache(cache), tmp_path / "spare", quiet(tmp_path), limit)
    store.trim()
    left = sorted(path for path in cache.iterdir() if path.name != "mine.txt")
    assert sum(path.stat().st_size for path in left) <= limit
    assert left == files[: len(left)], "the newest"
    assert len(left) >= 3
    assert (cache / "mine.txt").exists(), "it is not ours"


def quiet(folder: Path) -> JobContext:
    return JobContext(folder, lambda message: None, threading.Event())


def test_shards_that_were_computed_otherwise_are_not_in_one_report(
    made: Made, images: Path, filled: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(filled, tmp_path / "cache")
    whole = {path: path.read_bytes() for path in shards(cache)}
    for path in list(whole)[::2]:
        arrays = load_arrays(path)
        told = from_json(arrays["about"].tobytes(), About)
        other = replace(told.executed, threads=told.executed.threads + 1)
        about = np.frombuffer(to_json(replace(told, executed=other)), np.uint8)
        save_arrays(path, {**arrays, "about": about})
    outcome, events = predicted(made, images, tmp_path / "again", cache)
    assert 0 < inferred(events) <= MANY
    assert {path: path.read_bytes() for path in shards(cache)} == whole
    require_same(made, images, outcome.require())


def test_reports_and_predictions_share_what_is_found(made: Made, tmp_path: Path) -> None:
    workspace = made.workspace
    run(workspace, plan_report(workspace, made.optimized.id))
    outcome, events = predicted(made, made.images, tmp_path / "out", workspace.detections_cache)
    assert inferred(events) == 0
    require_same(made, made.images, outcome.require())
    told = run(workspace, plan_report(workspace, made.optimized.id)).events
    sentence = next(one for one in said(told) if "earlier run" in one)
    assert sentence.startswith("Detections taken from an earlier run: all of the parent model")
    fresh = plan_report(workspace, made.optimized.id, options=ReportOptions(fresh=True))
    assert "Detecting with both models" in run(workspace, fresh).stages
