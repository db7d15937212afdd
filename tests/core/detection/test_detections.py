from pathlib import Path

import numpy as np
import pytest

from core.detection.detections import Detections, DetectionTable
from core.errors import WorkbenchError
from tests.support.tables import detections, table


def test_shapes_are_checked_and_named() -> None:
    with pytest.raises(ValueError, match=r"boxes must be float32 \[2, 4\], not float32 \[2, 3\]"):
        Detections(np.zeros((2, 3), np.float32), np.zeros(2, np.float32), np.zeros(2, np.int32))
    with pytest.raises(ValueError, match=r"class_ids must be int32 \[2\], not int64 \[2\]"):
        Detections(
            np.zeros((2, 4), np.float32),
            np.zeros(2, np.float32),
            np.zeros(2, np.int64),
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_must_be_finite(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        detections([(0, 0, bad, 1, 0.5, 0)])
    with pytest.raises(ValueError, match="finite"):
        detections([(0, 0, 1, 1, bad, 0)])


def test_the_best_keep_their_order_where_scores_are_equal() -> None:
    found = detections([(n, 0, n + 1, 1, score, 0) for n, score in enumerate([0.5, 0.9, 0.5, 0.9])])
    assert found.best(3).boxes[:, 0].tolist() == [1, 3, 0]


def test_a_table_gives_back_each_image() -> None:
    first = [(0, 0, 1, 1, 0.5, 2)]
    third = [(0, 0, 2, 2, 0.6, 0), (0, 0, 3, 3, 0.7, 1)]
    whole = table(first, [], third)
    assert [len(found) for found in whole] == [1, 0, 2]
    assert whole[2].boxes.tolist() == [[0, 0, 2, 2], [0, 0, 3, 3]]
    assert whole[0].class_ids.tolist() == [2]
    assert whole.image_indices.tolist() == [0, 2, 2]


@pytest.mark.parametrize("offsets", [[0, 2, 1], [1, 1, 1], [0, 0, 0]])
def test_offsets_must_rise_to_the_number_of_rows(offsets: list[int]) -> None:
    good = table([(0, 0, 1, 1, 0.5, 0)], [])
    with pytest.raises(ValueError, match="offsets"):
        DetectionTable(
            good.image_names,
            good.image_sizes,
            np.array(offsets, np.int64),
            good.boxes,
            good.scores,
            good.class_ids,
            good.class_names,
        )


@pytest.mark.parametrize("class_id", [-1, 3])
def test_class_ids_must_have_names(class_id: int) -> None:
    with pytest.raises(ValueError, match="class ids"):
        table([(0, 0, 1, 1, 0.5, class_id)])


def test_it_is_stored_whole(tmp_path: Path) -> None:
    names = ["two words.jpg", "ünï/cödé 猫.png", "caf\udce9.jpg", "empty.jpg"]
    whole = DetectionTable.build(
        names,
        [(640, 480), (1, 1), (30, 20), (7, 7)],
        [
            detections([(0.25, 1, 2, 3, 0.5, 1)]),
            Detections.none(),
            detections([(1, 2, 3, 4, 0.25, 0), (5, 6, 7, 8, 0.125, 1)]),
            Detections.none(),
        ],
        ["traffic light", "猫"],
    )
    whole.save(tmp_path / "table.npz")
    read = DetectionTable.load(tmp_path / "table.npz")
    assert read.image_names == tuple(names)
    assert read.class_names == ("traffic light", "猫")
    for column in ("image_sizes", "offsets", "boxes", "scores", "class_ids"):
        stored, expected = getattr(read, column), getattr(whole, column)
        assert stored.dtype == expected.dtype
        assert stored.tolist() == expected.tolist()


@pytest.mark.parametrize("images", [0, 3])
def test_an_empty_table_is_stored(tmp_path: Path, images: int) -> None:
    empty = table(*[[] for _ in range(images)])
    empty.save(tmp_path / "table.npz")
    read = DetectionTable.load(tmp_path / "table.npz")
    assert (len(read), read.class_names, read.boxes.shape) == (images, empty.class_names, (0, 4))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    table([(0, 0, 1, 1, 0.5, 0)]).save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(WorkbenchError, match=r"table\.npz cannot be read"):
        DetectionTable.load(path)
    with pytest.raises(WorkbenchError, match=r"gone\.npz cannot be read"):
        DetectionTable.load(tmp_path / "gone.npz")
