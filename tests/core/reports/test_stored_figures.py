"""Figures of detections that did not change are taken from the run before, and are the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.arrays import load_arrays, save_arrays
from core.datasets.source import DatasetSource
from core.jobs.events import Event, LogLine
from core.jobs.job import read_result
from core.jobs.runner import run_job
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.predict.figures import About
from core.predict.store import FIGURES_SUFFIX
from core.reports.kind import ReportOptions
from core.reports.predictions.kind import PredictionsJob, PredictionsResult
from core.values import from_json, to_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.images import write_images

TAKEN = "Figures of the same detections are taken from an earlier run."
LOW = Thresholds(score=0.01)
IMAGES = 30


def report(
    made: Made, images: Path, output: Path, cache: Path | None, **options: object
) -> tuple[PredictionsResult, list[str]]:
    """What the report says, and what its job said."""
    job = PredictionsJob(
        parent=model_of(made.parent),
        optimized=model_of(made.optimized),
        dataset=DatasetSource(path=images),
        options=ReportOptions(**({"thresholds": LOW} | options)),  # type: ignore[arg-type]
        cache=cache,
    )
    events: list[Event] = []
    outcome = run_job(job, output, on_event=events.append)
    result = read_result(outcome.require(), PredictionsResult)
    return result, [one.text for one in events if isinstance(one, LogLine)]


@pytest.fixture(scope="module")
def filled(
    first_made: Made, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PredictionsResult, Path]:
    """A first report on such images, and the cache that it left, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    images = write_images(folder / "images", IMAGES)
    first, _ = report(first_made, images, folder / "first", folder / "cache")
    return first, folder / "cache"


@pytest.fixture
def first(filled: tuple[PredictionsResult, Path]) -> PredictionsResult:
    return filled[0]


@pytest.fixture
def cache(filled: tuple[PredictionsResult, Path], tmp_path: Path) -> Path:
    """With the figures of the first report, in a place of the test's own."""
    return shutil.copytree(filled[1], tmp_path / "cache")


def figures(result: PredictionsResult) -> object:
    return result.summary, result.grounds, result.agreement_interval, result.verdict


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", IMAGES)


def stored(cache: Path) -> list[Path]:
    return sorted(cache.glob(f"*{FIGURES_SUFFIX}"))


def test_the_same_detections_have_the_same_figures(
    made: Made, images: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    alone, said = report(made, images, tmp_path / "alone", None)
    assert TAKEN not in said
    first, said = report(made, images, tmp_path / "first", cache)
    assert TAKEN not in said
    assert first.summary.worst_images
    assert first.grounds.kept is not None
    assert len(stored(cache)) >= 2
    again, said = report(made, images, tmp_path / "again", cache)
    assert said.count(TAKEN) == 1
    assert figures(alone) == figures(first) == figures(again), "to the last bit"
    copied = tmp_path / "copied"
    shutil.copytree(images, copied)
    elsewhere, said = report(made, copied, tmp_path / "elsewhere", cache)
    assert TAKEN in said, "the same images, wherever they lie"
    assert figures(elsewhere) == figures(first)


def test_limits_decide_the_verdict_and_no_figure(
    made: Made, images: Path, cache: Path, tmp_path: Path
) -> None:
    before = stored(cache)
    strict = Thresholds(score=0.01, limits=VerdictLimits(safe_kept=1.5, not_safe_kept=1.4))
    result, said = report(made, images, tmp_path / "strict", cache, thresholds=strict)
    assert TAKEN in said
    assert stored(cache) == before
    assert result.verdict.name == "not_safe"


def test_what_decides_a_figure_is_in_its_name(
    made: Made, images: Path, cache: Path, tmp_path: Path
) -> None:
    before = stored(cache)
    moved = Thresholds(score=0.2)
    at_moved, _ = report(made, images, tmp_path / "moved", cache, thresholds=moved)
    alone, _ = report(made, images, tmp_path / "moved alone", None, thresholds=moved)
    assert figures(at_moved) == figures(alone)
    assert len(stored(cache)) == len(before) + 1, "the summary, but not what is kept"
    shutil.copyfile(images / "image 003.jpg", images / "image 011.jpg")
    changed, said = report(made, images, tmp_path / "changed", cache)
    assert TAKEN not in said
    alone, _ = report(made, images, tmp_path / "changed alone", None)
    assert figures(changed) == figures(alone)


def test_fresh_takes_no_figure(
    made: Made, images: Path, first: PredictionsResult, cache: Path, tmp_path: Path
) -> None:
    again, said = report(made, images, tmp_path / "again", cache, fresh=True)
    assert TAKEN not in said
    assert figures(first) == figures(again)


def test_damaged_figures_are_said_and_computed_again(
    made: Made, images: Path, first: PredictionsResult, cache: Path, tmp_path: Path
) -> None:
    report(made, images, tmp_path / "second", cache, thresholds=Thresholds(score=0.2))
    whole = {path: path.read_bytes() for path in stored(cache)}
    one, two, *others = whole
    flipped = bytearray(whole[one])
    flipped[len(flipped) // 2] ^= 1
    one.write_bytes(flipped)
    shutil.copyfile(one, two)
    for path in others:
        path.write_bytes(whole[path][:-50])
    again, said = report(made, images, tmp_path / "again", cache)
    told = " ".join(said)
    assert "with stored figures is damaged" in told
    assert TAKEN not in said
    assert figures(again) == figures(first)
    report(made, images, tmp_path / "last", cache, thresholds=Thresholds(score=0.2))
    assert {path: path.read_bytes() for path in stored(cache)} == whole, "the same, byte for byte"


@pytest.mark.parametrize("where", ["beyond", "other images", "of another"])
def test_figures_that_do_not_fit_are_not_used(
    made: Made,
    images: Path,
    first: PredictionsResult,
    cache: Path,
    tmp_path: Path,
    where: str,
) -> None:
    for path in stored(cache):
        about = from_json(load_arrays(path)["about"].tobytes(), About)
        key, forged = about.key, dict(about.figures)
        if where == "beyond" and "worst" in forged:
            forged["worst"] = [10**6]
        elif where == "other images" and "summary" in forged:
            forged["summary"] = forged["summary"] | {"images": 31}
        elif where == "of another":
            key = "0" * 64
        data = np.frombuffer(to_json(About(key=key, figures=forged)), np.uint8)
        save_arrays(path, {"about": data})
    again, said = report(made, images, tmp_path / "again", cache)
    assert "with stored figures is damaged" in " ".join(said)
    assert figures(again) == figures(first)


def test_a_folder_that_cannot_be_written_is_said(made: Made, images: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("a file lies where the folder should")
    result, said = report(made, images, tmp_path / "out", cache)
    assert sum("Figures cannot be stored" in one for one in said) == 1
    alone, _ = report(made, images, tmp_path / "alone", None)
    assert figures(result) == figures(alone)
