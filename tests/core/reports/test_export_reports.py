"""CSV, images, and the HTML pages: self-contained, escaped, well-formed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.datasets.class_mapping import map_classes
from core.detection.detections import DetectionTable
from core.images.decode import read_image
from core.images.opencv import cv2
from core.metrics.accuracy.annotated import accuracy
from core.metrics.accuracy.material import AccuracyMaterial
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.reports.annotations.kind import Annotations, AnnotationsResult
from core.reports.annotations.report import AnnotationsReport
from core.reports.drawing import write_images
from core.reports.filters import RowFilter
from core.reports.kind import ReportKind
from core.reports.predictions.kind import Predictions
from core.reports.predictions.report import PredictionsReport
from core.reports.predictions.tables import image_table, row_table
from core.reports.tensors import Tensors, TensorsReport, TensorsResult
from core.reports.wording import accuracy_sentence
from core.values import to_json
from tests.support.reports import predictions_report, whole
from tests.support.runs import IN_F32, IN_INT8
from tests.support.tables import Row, table

EVIL = "<script>alert(1)</script>&\"'"
NAMES = (f"{EVIL.replace('/', '')}.jpg", 'two, "2".jpg', "=cmd.jpg")
PREDICTIONS = Predictions()
CAT: Row = (10, 10, 60, 60, 0.9, 0)
DOG: Row = (20, 20, 50, 50, 0.8, 1)


def named(made: DetectionTable) -> DetectionTable:
    return replace(made, image_names=NAMES)


@pytest.fixture
def comparison() -> Comparison:
    classes = (EVIL, "dog", "bird")
    parent = named(table([CAT, DOG], [CAT], [DOG], classes=classes))
    optimized = named(table([CAT], [(12, 10, 60, 60, 0.9, 2)], [DOG, CAT], classes=classes))
    return compare(parent, optimized)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    pixels = np.full((480, 640, 3), 90, np.uint8)
    for name in NAMES[:2]:
        (folder / name).write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
    (folder / NAMES[2]).write_bytes(b"no image")
    return folder


class Strict(HTMLParser):
    """Notes the tags, and that each one is closed."""

    VOID = frozenset({"meta", "br", "image", "rect", "path", "polyline"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(document: str) -> Strict:
    parser = Strict()
    parser.feed(document)
    assert parser.open == []
    for tag, attributes in parser.seen:
        assert tag not in ("script", "link", "iframe", "object", "img")
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", document)
    return parser


def about(comparison: Comparison, root: Path) -> PredictionsReport:
    return predictions_report(comparison, root, parent=EVIL, dataset=EVIL)


def page(comparison: Comparison, root: Path) -> str:
    return PREDICTIONS.page(about(comparison, root))


def test_the_page_is_whole_and_nothing_in_it_runs(comparison: Comparison, root: Path) -> None:
    document = page(comparison, root)
    parser = checked(document)
    assert "alert(1)</script>" not in document
    assert "&lt;script&gt;alert(1)" in document
    images = [one for tag, one in parser.seen if tag == "image"]
    assert len(images) == 4  # two images that can be read, on two sides
    assert document.count("The image cannot be read.") == 2
    assert all((one["href"] or "").startswith("data:image/jpeg;base64,") for one in images)


def test_models_that_agree_have_no_worst_images(root: Path) -> None:
    same = named(table([CAT], [], []))
    document = page(compare(same, same), root)
    checked(document)
    assert "The two models agree on every image." in document


def test_a_comparison_of_nothing_has_a_page(root: Path) -> None:
    checked(page(compare(table(), table()), root))


def test_names_that_are_not_utf_8_can_be_shown(tmp_path: Path) -> None:
    bad = replace(table([CAT]), image_names=("caf\udce9.jpg",))
    found = compare(bad, replace(bad, scores=np.array([0.4], np.float32)))
    document = page(found, tmp_path)
    document.encode("utf-8")
    assert "caf\ufffd.jpg" in document
    whole(image_table(found)).csv()


def test_csv_of_images(comparison: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(whole(image_table(comparison)).csv().decode())))
    assert [row["image"] for row in rows] == [
        NAMES[image] if image < 2 else "'=cmd.jpg" for image in comparison.images.image
    ]
    assert [int(row["missed"]) for row in rows] == comparison.images.missed.tolist()
    missed = RowFilter(statuses=("missed",))
    filtered = list(
        csv.DictReader(io.StringIO(whole(image_table(comparison, missed)).csv().decode()))
    )
    assert [row["image"] for row in filtered] == [NAMES[0]]


def test_csv_of_classes(comparison: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(whole(row_table(comparison)).csv().decode())))
    assert len(rows) == len(comparison.classes.image)
    assert rows[0]["class"] == EVIL
    assert float(rows[0]["predicted_class_precision"]) == pytest.approx(1)


def test_the_json_has_what_the_tables_have(comparison: Comparison) -> None:
    rows = PREDICTIONS.plain(about(comparison, Path("/images")))
    to_json(rows)
    assert rows["thresholds"]["limits"]["safe_kept"] == 0.98
    assert rows["confusion"]["class_names"][-1] == "none"
    assert sum(map(sum, rows["confusion"]["counts"])) == 5
    assert [row["class_changed"] for row in rows["per_image"]].count(1) == 1
    assert rows["summary"]["worst_images"]


def test_images_with_both_models_boxes(comparison: Comparison, root: Path, tmp_path: Path) -> None:
    report = about(comparison, root)
    written, left_out = write_images(PREDICTIONS.images(report), tmp_path / "out", 3)
    assert len(written) == 2
    assert NAMES[2] in str(left_out[0].facts)  # it is no image
    assert len(left_out) == 1
    for path in written:
        assert read_image(path).shape == (480, 1280, 3)
    assert np.ptp(read_image(written[0])) > 50  # something was drawn on the grey


def test_the_page_of_accuracy(root: Path) -> None:
    parent = table([CAT, DOG], [CAT])
    nothing = table([], [])
    truth = GroundTruth(
        replace(parent, scores=np.ones(3, np.float32)),
        np.full(3, 1000.0),
        nothing,
        np.zeros(0),
        np.ones(3, bool),
    )
    for optimized in (table([CAT], [CAT]), nothing):
        found = accuracy(truth, parent, optimized)
        assert found.difference is not None
        assert found.difference.low <= found.difference.value <= found.difference.high
        assert "true f32" not in accuracy_sentence(found)
        assert "In true f32 the optimized model has 0.600" in accuracy_sentence(found, 0.6)
        same = found.optimized.ap
        assert same is not None
        assert "true f32" not in accuracy_sentence(found, same.value)
        result = AnnotationsResult(
            parent=EVIL,
            optimized="o",
            dataset=EVIL,
            dataset_root=root,
            parent_executed=IN_F32,
            optimized_executed=IN_INT8,
            mapping=map_classes((), ()),
            accuracy=found,
            problems=(),
            created="today",
        )
        report = AnnotationsReport(result, AccuracyMaterial(truth, parent, optimized))
        document = Annotations().page(report)
        checked(document)
        assert "AP50" in document


def test_the_page_of_tensors(root: Path) -> None:
    one = TensorDistance(
        name=EVIL, kind="Add", operations=("a",), output="", mse=0.0, snr_db=None, cosine=None,
        max_abs=0.0, relative_error=0.0, added_error=0.0,
    )  # fmt: skip
    for layers in ((one,), ()):
        result = TensorsResult(
            parent="p",
            optimized="o",
            parent_executed=IN_F32,
            optimized_executed=IN_INT8,
            dataset="d",
            dataset_root=root,
            seed=0,
            report=TensorReport(images=1, outputs=(), layers=layers),
            problems=(),
            created="today",
        )
        checked(Tensors().page(TensorsReport(result)))
        checked(ReportKind.page(Tensors(), TensorsReport(result)))  # as kinds have that make none
