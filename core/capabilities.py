"""The one table of jobs: what a job's process can do. The helper ``job FOLDER``."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from core.benchmark.job import BenchmarkJob
from core.catalogue.job import DownloadJob
from core.check.job import CheckJob
from core.dataset_making.job import CheckDatasetJob, CreateDatasetJob
from core.deployment.job import PackageJob
from core.importing.job import ImportJob
from core.importing.preview_job import LivePreviewJob, PreviewJob
from core.jobs import child
from core.optimize.job import OperationsJob, QuantizeJob
from core.predict.job import PredictJob
from core.profiling.job import ProfileJob
from core.reports.export import ExportJob
from core.reports.kinds import KINDS
from core.search.job import CopyModelJob, SearchJob
from core.transfer.job import PackProjectJob, UnpackProjectJob
from core.wording.in_words import in_words

JOBS: tuple[type, ...] = (
    ImportJob,
    PreviewJob,
    LivePreviewJob,
    PredictJob,
    QuantizeJob,
    OperationsJob,
    SearchJob,
    CopyModelJob,
    BenchmarkJob,
    ProfileJob,
    CheckJob,
    ExportJob,
    PackageJob,
    PackProjectJob,
    UnpackProjectJob,
    DownloadJob,
    CreateDatasetJob,
    CheckDatasetJob,
    *(kind.job for kind in KINDS),
)
AnyJob: Any = reduce(or_, JOBS)
"""What a request is decoded as."""


def main() -> None:
    """Run the job that standard input names; see `core.jobs.child`."""
    child.main(AnyJob, in_words)
