"""A report of every kind, made once by its real job."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from core.datasets.source import DatasetSource
from core.jobs.runner import run_job
from core.metrics.comparison.comparison import Thresholds
from core.metrics.operating_point.enough import LEAST_IMAGES
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images


def annotate(images: Path, folder: Path) -> Path:
    """A dataset of these images and more, one box each, of the model's classes and one it does
    not know.
    """
    shutil.copytree(images, folder / "images" / "val")
    known = len(list(images.iterdir()))
    write_images(folder / "images" / "val", LEAST_IMAGES - known, first=known)
    for number, image in enumerate(sorted((folder / "images" / "val").iterdir())):
        label = folder / "labels" / "val" / f"{image.stem}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text(f"{number % 4} 0.5 0.5 0.6 0.6\n")
    names = "\n".join(f"  - {name}" for name in (*models.CLASSES, "walrus"))
    (folder / "data.yaml").write_text(f"val: images/val\nnames:\n{names}\n")
    return folder


@pytest.fixture
def annotated(made: Made, tmp_path: Path) -> Path:
    return annotate(made.images, tmp_path / "annotated")


@pytest.fixture(scope="session")
def first_reports(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of every kind, at a threshold so low that there is something."""
    folder = tmp_path_factory.mktemp("reports")
    dataset = annotate(first_made.images, folder / "annotated")
    parent, optimized = first_made.parent.model, first_made.optimized.model
    assert parent is not None
    assert optimized is not None
    for kind in KINDS:
        job = kind.job(
            parent=parent,
            optimized=optimized,
            dataset=DatasetSource(path=dataset),
            options=ReportOptions(thresholds=Thresholds(score=0.01), images=2),
            cache=folder / "cache",
        )
        outcome = run_job(job, folder / kind.id)
        assert outcome.folder is not None, outcome.error
    return folder


@pytest.fixture
def reports(first_reports: Path, tmp_path: Path) -> Path:
    """A copy of them, that a test may do with as it likes."""
    for kind in KINDS:
        shutil.copytree(first_reports / kind.id, tmp_path / kind.id)
    return tmp_path


@pytest.fixture
def called(capfd: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """What a command of the terminal prints with ``--json``."""

    def call(*parts: object) -> dict[str, Any]:
        status = main([str(part) for part in (*parts, "--json")])
        said = capfd.readouterr()
        assert status == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    return call
