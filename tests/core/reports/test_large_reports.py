"""Reports whose detections stay in their files: what they show and write is that of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from core.arrays import load_arrays, save_arrays
from core.detection.detections import as_text, from_text
from core.errors import WorkbenchError
from core.metrics.accuracy.error_costs import KINDS as ERRORS
from core.metrics.comparison.stored_pair import Unwanted
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.reports.annotations.kind import open_annotations
from core.reports.export import formats_of, write_report
from core.reports.filters import RowFilter
from core.reports.kind import AS_MADE, ReportKind, ViewState
from core.reports.kinds import KINDS, kind_named
from core.reports.service import compare_reports
from core.values import from_json, to_json

Kind = ReportKind[Any]
Within = Callable[[], AbstractContextManager[None]]
WITH_IMAGES = [kind for kind in KINDS if kind.has_images]
with_images = pytest.mark.parametrize("kind", WITH_IMAGES, ids=[kind.id for kind in WITH_IMAGES])
MOVED = Thresholds(score=0.3, iou=0.4, shifted_iou=0.9)
OTHER_SCORE = Thresholds(score=0.05, optimized_scores=ScoreThresholds(score=0.2))
VIEWS = {
    "as made": AS_MADE,
    "moved": ViewState(thresholds=MOVED),
    "two scores": ViewState(thresholds=OTHER_SCORE),
    "by name": ViewState(chosen=RowFilter(name="00")),
    "by status": ViewState(chosen=RowFilter(statuses=("missed", "extra"))),
    "by class": ViewState(chosen=RowFilter(classes=("cat", "dog"), statuses=("matches",))),
    "by range": ViewState(
        chosen=RowFilter(ranges={"optimized": (1, None), "precision": (0.2, 0.9)})
    ),
    "nothing": ViewState(chosen=RowFilter(name="no such image")),
}


@pytest.fixture
def as_large(monkeypatch: pytest.MonkeyPatch) -> Within:
    """Within it, reports count as large, and come some images at a time."""

    @contextmanager
    def large() -> Iterator[None]:
        with monkeypatch.context() as changed:
            changed.setattr("core.reports.detections.LARGE_BYTES", 0)
            changed.setattr("core.metrics.comparison.stored_pair._ROWS", 40)
            changed.setattr("core.metrics.comparison.stored_pair._TOGETHER", 2)
            changed.setattr("core.documents.tables._TOGETHER", 3)
            changed.setattr("core.predict.coco_results._TOGETHER", 7)
            yield

    return large


def written(kind: Kind, folder: Path, view: ViewState, into: Path) -> dict[str, bytes]:
    """Every format, by the names of files."""
    into.mkdir()
    report = kind.read(folder, view)
    for wanted in formats_of(kind):
        if wanted != "images" or len(kind.images(report).chosen):
            write_report(kind, report, wanted, into, images=3)
    files = (path for path in sorted(into.rglob("*")) if path.is_file())
    return {str(path.relative_to(into)): path.read_bytes() for path in files}


@with_images
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_all_formats_have_the_same_bytes(
    kind: Kind, view: ViewState, reports: Path, as_large: Within, tmp_path: Path
) -> None:
    before = written(kind, reports / kind.id, view, tmp_path / "before")
    with as_large():
        after = written(kind, reports / kind.id, view, tmp_path / "after")
    assert list(after) == list(before)
    for name, data in before.items():
        assert after[name] == data, name


@with_images
def test_names_that_are_not_utf_8_are_written_the_same(
    kind: Kind, reports: Path, as_large: Within, tmp_path: Path
) -> None:
    folder = reports / kind.id
    for file in folder.glob("*.npz"):
        columns = load_arrays(file)
        for column in [one for one in columns if one.endswith("image_names")]:
            first, *others = from_text(columns[column])
            columns[column] = as_text([f"caf\udce9 {first}", *others])
        save_arrays(file, columns)
    before = written(kind, folder, AS_MADE, tmp_path / "before")
    assert b"caf\\udce9" in before[f"{kind.files[0]}-detections.json"]
    with as_large():
        assert written(kind, folder, AS_MADE, tmp_path / "after") == before


@with_images
def test_what_the_terminal_and_lists_say_is_the_same(
    kind: Kind, reports: Path, as_large: Within
) -> None:
    def said(view: ViewState) -> object:
        report = kind.read(reports / kind.id, view)
        texts = [one if isinstance(one, str) else one.texts() for one in kind.summary(report)]
        return texts, kind.headline_at(report)

    for view in (VIEWS["as made"], VIEWS["moved"]):
        before = said(view)
        with as_large():
            assert said(view) == before


@with_images
def test_two_reports_are_compared_the_same(kind: Kind, reports: Path, as_large: Within) -> None:
    def compared() -> object:
        _, versus = compare_reports(reports / kind.id, reports / kind.id)
        plain = versus.plain()
        if versus.images is not None:
            rows = versus.images.rows().records()
            plain["per_image"] = rows if isinstance(rows, list) else [*chain(*rows.pieces())]
        return from_json(to_json(plain), dict)

    before = compared()
    with as_large():
        assert compared() == before


@with_images
def test_the_terminal_prints_the_same(
    kind: Kind, reports: Path, as_large: Within, called: Callable[..., dict[str, Any]]
) -> None:
    both = "compare-reports", reports / kind.id, reports / kind.id
    before = called(*both)
    with as_large():
        assert called(*both) == before


def test_images_with_errors_are_the_same(reports: Path, as_large: Within) -> None:
    def found() -> list[list[int]]:
        report = open_annotations(reports / "annotations", VIEWS["two scores"])
        return [
            sorted(report.error_images(role, kind).tolist()) for role in (0, 1) for kind in ERRORS
        ]

    before = found()
    assert any(before)
    with as_large():
        assert found() == before


@pytest.mark.parametrize("view", ["as made", "moved", "two scores"])
def test_annotations_are_estimated_by_some_images_first(
    view: str, reports: Path, as_large: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_large():
        monkeypatch.setattr("core.metrics.comparison.large.sample", every_other)
        report = open_annotations(reports / "annotations", VIEWS[view])
        first, exact = report.first_look(), report.look()
    assert first.partial
    assert not exact.partial
    whole = open_annotations(reports / "annotations", VIEWS[view])
    assert exact.accuracy == whole.accuracy == whole.look().accuracy
    assert (first.counted is None) == (view == "as made"), "those were counted by the job"
    if first.counted is None:
        assert first.accuracy == exact.accuracy
        return
    assert 0 < first.counted < first.accuracy.images
    assert first.accuracy.parent.statistics == exact.accuracy.parent.statistics
    for role in ("parent", "optimized"):
        some, all_of_them = (getattr(one.accuracy, role).errors for one in (first, exact))
        total = sum(one.count for one in all_of_them.values())
        assert sum(one.count for one in some.values()) == pytest.approx(total, rel=0.5)


def every_other(rows: Sequence[int]) -> list[int]:
    return list(range(0, len(rows), 2))


def test_what_nobody_waits_for_is_given_up(reports: Path, as_large: Within) -> None:
    with as_large():
        report = open_annotations(reports / "annotations", VIEWS["moved"])
        with pytest.raises(Unwanted):
            report.look(lambda: False)


def test_a_damaged_truth_is_named(reports: Path, as_large: Within) -> None:
    kind, truth = kind_named("annotations"), reports / "annotations" / "truth.npz"
    whole = truth.read_bytes()
    for damage in (whole[: len(whole) // 2], whole.replace(b"areas", b"arena"), b""):
        truth.write_bytes(damage)
        with as_large(), pytest.raises(WorkbenchError, match=r"truth\.npz cannot be read"):
            kind.read(reports / kind.id)
    truth.unlink()
    with as_large(), pytest.raises(WorkbenchError, match="is missing"):
        kind.read(reports / kind.id)


def test_json_is_that_of_all_rows(reports: Path, as_large: Within) -> None:
    kind = kind_named("predictions")
    with as_large():
        write_report(kind, kind.read(reports / kind.id), "json", reports)
    plain = json.loads((reports / "report.json").read_text("utf-8"))
    assert len(plain["per_image"]) == plain["summary"]["images"] > 3
