"""The terminal's look at a dataset: what it is, and what to know before relying on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.dataset_making.job import CheckDatasetJob, CheckDatasetResult
from core.datasets.source import DatasetSource
from core.jobs.job import RESULT_FILE, Job
from core.values import Plain, read_json, to_plain

RunJob = Callable[[Job, Path], Path]
OTHER = {"calibration": "validation", "validation": "calibration"}


def check_dataset(run: RunJob, dataset: Path, against: Path | None, role: str) -> Plain:
    """Figures and warnings of `dataset`; images that it shares with the dataset `against`."""
    other = None if against is None else DatasetSource(path=against, role=OTHER[role])
    request = CheckDatasetJob(dataset=DatasetSource(path=dataset, role=role), against=other)
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        folder = run(request, Path(temporary) / "check")
        result = read_json(folder / RESULT_FILE, CheckDatasetResult)
    plain: Plain = to_plain(result.facts)
    del plain["file"]
    return {**plain, "shared": list(result.shared)}


def render_check(result: Plain) -> str:
    """The dataset in a few lines."""
    boxes = f", {result['boxes']:,} boxes of {len(result['class_names'])} classes"
    title = f"{result['name']}: {result['images']:,} images ({result['kind']})"
    lines = [title + (boxes if result["annotated"] else ", not annotated"), f"  {result['root']}"]
    return "\n".join([*lines, *(f"  - {warning}" for warning in result["warnings"])])
