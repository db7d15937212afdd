"""The one table of the kinds of reports, and reading what any of them left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE
from core.metrics.matching.thresholds import Thresholds
from core.reports.annotations.kind import Annotations
from core.reports.kind import ReportHead, ReportJob, ReportKind, ReportResult, ViewState
from core.reports.operating.kind import OperatingPoints
from core.reports.predictions.kind import Predictions
from core.reports.tensors import Tensors
from core.reports.two_ways.kind import TwoWays
from core.values import Value, read_json, write_json

KINDS: tuple[ReportKind[Any], ...] = (
    Predictions(),
    Annotations(),
    Tensors(),
    TwoWays(),
    OperatingPoints(),
)
IDS = tuple(kind.id for kind in KINDS)
STATE_FILE = "view.json"


class _Named(Value):
    """As much of a report's result as says what kind it is."""

    kind: str | None = None


def kind_named(name: str) -> ReportKind[Any]:
    """The kind with this id; raises WorkbenchError where there is none."""
    for kind in KINDS:
        if kind.id == name:
            return kind
    raise WorkbenchError(
        f"This version of the program knows no kind of report called {name}.",
        f"It knows {', '.join(IDS)}.",
    )


def kind_of_job(job: ReportJob) -> ReportKind[Any]:
    """The kind that this job makes a report of."""
    return next(kind for kind in KINDS if isinstance(job, kind.job))


def kind_of(folder: Path) -> ReportKind[Any]:
    """What kind of report lies in `folder`.

    Raises InputError where there is none, WorkbenchError where it is damaged or unknown.
    """
    path = folder / RESULT_FILE
    name = read_json(path, _Named).kind if path.is_file() else None
    if name is None:
        raise InputError(f"There is no report in {folder}.", "Specify a folder that a report made.")
    if name not in IDS:
        raise WorkbenchError(
            f"{path} holds a report of the kind {name}, which this version does not know.",
            "Open it with the version that made it.",
        )
    return kind_named(name)


def result_of(folder: Path) -> tuple[ReportKind[Any], ReportResult]:
    """The kind and the stored figures of the report in `folder`; raises as `kind_of` does."""
    kind = kind_of(folder)
    return kind, read_json(folder / RESULT_FILE, kind.result)


def head_of(folder: Path) -> ReportHead:
    """What a list says of the report in `folder`; raises as `kind_of` does."""
    kind, result = result_of(folder)
    return ReportHead(
        kind=kind.id,
        parent=result.parent,
        optimized=result.optimized,
        parent_executed=result.parent_executed,
        optimized_executed=result.optimized_executed,
        dataset=result.dataset,
        created=result.created,
        headline=kind.headline(result),
        used_differently=result.used_differently,
        processor=result.processor,
        target=kind.target(result),
        machine=result.machine,
    )


def load_state(folder: Path) -> ViewState:
    """How the user last looked at the report; a damaged or missing state is the default one."""
    try:
        return read_json(folder / STATE_FILE, ViewState)
    except WorkbenchError:
        return ViewState()


def thresholds_seen(folder: Path) -> Thresholds | None:
    """Those at which the user last looked at the report: it is judged at them wherever it is shown.

    Those it was made with where none was moved; None where its kind has none.
    """
    kind, result = result_of(folder)
    made = kind.thresholds(result)
    return None if made is None else load_state(folder).thresholds or made


def save_state(folder: Path, state: ViewState) -> None:
    """Store how the user looks at the report, with the report."""
    write_json(folder / STATE_FILE, state)
