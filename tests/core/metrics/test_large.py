"""A comparison whose detections stay in their files shows what one in memory shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.detection.stored_table import StoredTable
from core.errors import WorkbenchError
from core.metrics.comparison.bands import score_bands
from core.metrics.comparison.bootstrap import agreement_interval
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.comparison.confusion import confusion_matrix, images_in_cell
from core.metrics.comparison.large import (
    MARKS,
    compare_stored,
    estimate_stored,
    sample_of,
)
from core.metrics.comparison.stored_pair import StoredPair, Unwanted
from core.metrics.matching.thresholds import Thresholds
from tests.benchmarks.accuracy_speed import made

AT = Thresholds(score=0.35)


@pytest.fixture(scope="module")
def tables() -> tuple[DetectionTable, DetectionTable]:
    return made(3000, seed=11)


@pytest.fixture(scope="module")
def whole(tables: tuple[DetectionTable, DetectionTable]) -> Comparison:
    return compare(*tables, AT)


@pytest.fixture(scope="module")
def pair(
    tables: tuple[DetectionTable, DetectionTable], tmp_path_factory: pytest.TempPathFactory
) -> StoredPair:
    folder = tmp_path_factory.mktemp("tables")
    for table, name in zip(tables, ("a", "b"), strict=True):
        table.save(folder / name)
    parent = StoredTable.open(folder / "a")
    return StoredPair(parent, StoredTable.open(folder / "b", alike=parent))


def test_a_table_that_stays_in_its_file(
    tables: tuple[DetectionTable, DetectionTable], pair: StoredPair
) -> None:
    assert pair.optimized.image_names is pair.parent.image_names
    for images in (range(3000), range(5), range(17, 18), range(2999, 3000), range(4, 4)):
        for stored, table in zip((pair.parent, pair.optimized), tables, strict=True):
            for name, column in table.part(images).columns().items():
                assert stored.part(images).columns()[name].tobytes() == column.tobytes(), name


def test_everything_is_as_in_memory(whole: Comparison, pair: StoredPair) -> None:
    large = compare_stored(pair, AT)
    assert len(pair.blocks) > 4
    assert [one for block in pair.blocks for one in block] == list(range(3000))
    assert large.summary == whole.summary, "to the last bit"
    assert large.per_class == whole.per_class
    assert large.bands == score_bands(whole)
    assert large.interval() == agreement_interval(whole)
    confusion = confusion_matrix(whole).shown()
    assert large.confusion.shown().class_names == confusion.class_names
    assert (large.confusion.shown().counts == confusion.counts).all()
    for name in ("image", "damage", "missed", "parent"):
        assert (getattr(large.images, name) == getattr(whole.images, name)).all()
    assert (large.classes.image == whole.classes.image).all()
    assert (large.classes.class_id == whole.classes.class_id).all()
    for name in (*MARKS, "different"):
        there = getattr(large.classes, name) > 0
        assert (there == (getattr(whole.classes, name) > 0)).all(), name
    cell = confusion.class_names[0], None
    assert (large.in_cell(*cell) == images_in_cell(whole, *cell)).all()


def test_one_image_and_the_worst_ones(whole: Comparison, pair: StoredPair) -> None:
    large = compare_stored(pair, AT)
    image = int(large.images.image[0])
    one = pair.compared(image, AT)
    assert one.summary.missed == whole.images.missed[0]
    chosen = np.arange(3000) < 7
    detailed, images = large.detailed(chosen)
    assert sorted(images.tolist()) == sorted(whole.images.image[:7].tolist())
    rows = np.isin(whole.classes.image, images)
    assert (images[detailed.classes.image] == whole.classes.image[rows]).all()
    assert (detailed.classes.precision == whole.classes.precision[rows]).all()
    nothing, images = large.detailed(np.zeros(3000, bool))
    assert len(nothing.classes.image) == len(images) == 0


def test_an_estimate_comes_first(tmp_path: Path) -> None:
    tables = made(60_000, seed=1)
    for table, name in zip(tables, ("a", "b"), strict=True):
        table.save(tmp_path / name)
    pair = StoredPair(StoredTable.open(tmp_path / "a"), StoredTable.open(tmp_path / "b"))
    some = sample_of(pair)
    assert some is not None
    first = estimate_stored(pair, some, AT)
    assert first.estimate is not None
    exact = compare(*tables, AT).summary
    low, high = first.estimate.intervals["changed"]
    assert exact.changed is not None
    assert low < exact.changed < high
    assert first.summary.images == 60_000
    assert len(first.images.image) == first.estimate.images < 40_000
    assert set(first.classes.image.tolist()) <= set(first.images.image.tolist())
    worst = first.images.image[0]
    assert tables[0].image_names[worst] == first.summary.worst_images[0]


def test_few_are_not_estimated(pair: StoredPair) -> None:
    assert sample_of(pair) is None


def test_it_ends_where_nobody_waits(pair: StoredPair) -> None:
    asked: list[int] = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) < 2

    with pytest.raises(Unwanted):
        compare_stored(pair, AT, wanted)
    assert len(asked) == 2


@pytest.mark.parametrize("wrong", ["short", "no number", "other", "gone", "version", "class"])
def test_a_damaged_file_is_a_sentence(
    tables: tuple[DetectionTable, DetectionTable], tmp_path: Path, wrong: str
) -> None:
    path = tmp_path / "table.npz"
    tables[0].save(path)
    data = path.read_bytes()
    if wrong == "gone":
        path.unlink()
    elif wrong == "short":
        path.write_bytes(data[: len(data) // 2])
    elif wrong == "other":
        path.write_bytes(b"nothing of ours")
    elif wrong == "version":
        path.write_bytes(data.replace(np.array(1).tobytes(), np.array(9).tobytes(), 1))
    else:
        stored = StoredTable.open(path)
        name, value = ("boxes", np.float32(np.nan)) if wrong == "no number" else (
            "class_ids", np.int32(99))  # fmt: skip
        place = stored.columns[name].place
        path.write_bytes(data[:place] + value.tobytes() + data[place + 4 :])
        with pytest.raises(WorkbenchError, match=r"table\.npz cannot be read"):
            StoredTable.open(path).part(range(3))
        return
    with pytest.raises(WorkbenchError, match=r"table\.npz cannot be read"):
        StoredTable.open(path)
