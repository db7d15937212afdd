"""What a kind of report is: the one small interface by which everything else goes.

A kind is a class with these members, one line in `core.reports.kinds` and one in the window's
`app.reports.pages`. Workspace, list, comparison of two, export and terminal ask the interface;
none of them knows which kinds there are.

Length: the interface and the values that go through it are read together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.datasets.source import DatasetSource
from core.documents.tables import AnyTable, Table
from core.inference.processor import Processor
from core.inference.processor_words import processor_sentence
from core.inference.settings import DEFAULT_DEVICE, TRUE_F32, Executed, InferenceSettings
from core.inference.words import executed_text, run_text
from core.jobs.job import Weight
from core.machines.machine import Machine
from core.metrics.matching.thresholds import Thresholds
from core.models.plan import Target
from core.remarks.remark import Remark
from core.reports.filters import AnyComparison, RowFilter
from core.reports.wording import Headline, headline_text
from core.targets.titles import judged_for
from core.values import Plain, Stored, Value, to_plain

if TYPE_CHECKING:
    from markupsafe import Markup

    from core.detection.detections import DetectionTable
    from core.jobs.context import JobContext
    from core.metrics.accuracy.image_truth import StoredTruth
    from core.metrics.accuracy.truth import GroundTruth
    from core.models.stored import StoredModel
    from core.predict.store import DetectionCache
    from core.reports.versus import Versus

Option = Literal["thresholds", "mapping", "images", "seed", "against", "fresh", "run_on"]
"""What can be asked of a report, besides models and dataset; see `ReportOptions`.

``run_on`` is that it can be made on a host.
"""


class ReportOptions(Value):
    """What is asked of a report; a kind uses those that it names in its `options`.

    Attributes:
        thresholds: what counts as a detection, a match, a difference.
        mapping: the model's class for single classes of the dataset; None for none of them.
        images, seed: how many images are looked at, and which.
        against: the second of two ways to run one model.
        fresh: whether all detections are computed again, though some are stored.
    """

    thresholds: Thresholds = Thresholds()
    mapping: dict[str, str | None] = msgspec.field(default_factory=dict)
    images: int = 32
    seed: int = 0
    against: InferenceSettings = TRUE_F32
    fresh: bool = False


class ReportJob(Value):
    """An optimized model beside its parent on a dataset; each kind is a subclass with a tag.

    `settings` are how the optimized model is to run, `target` where in the end; without settings it
    runs as its target computes, as far as this machine can, else on `device` by itself. The parent,
    as the reference, runs in true f32 on the CPU. `cache` is a folder of detections that are not
    inferred again; `mappings` one of class mappings that the user made. What is not in `cache` is
    inferred on a `machine`, if there is one.
    """

    weight: ClassVar[Weight] = "heavy"
    parent: Path
    optimized: Path
    dataset: DatasetSource
    settings: InferenceSettings | None = None
    device: str = DEFAULT_DEVICE
    target: Target = "this_machine"
    options: ReportOptions = ReportOptions()
    cache: Path | None = None
    mappings: Path | None = None
    machine: Machine | None = None

    def run(self, context: JobContext) -> ReportResult:
        """See `core.jobs.job.Job`."""
        raise NotImplementedError

    @property
    def detections(self) -> DetectionCache:
        """Where detections of earlier jobs are found."""
        from core.predict.store import DetectionCache

        return DetectionCache(self.cache, self.options.fresh, self.machine)

    def way(self, optimized: StoredModel, context: JobContext) -> InferenceSettings:
        """How the optimized model runs: as was asked for, else as its target computes."""
        from core.targets.looking import look_for_run

        return look_for_run(self.settings, self.target, self.device, optimized, context)


class ReportResult(Stored, kw_only=True, tag_field="kind"):
    """What is stored of every report; each kind is a subclass with its figures.

    Its tag, which ``result.json`` has as ``kind``, is the kind's id. `created` is when it was
    made, in ISO form; `problems` say which images were left out and why, `used_differently` how the
    two models are used differently, where they are. `parent_executed` and `optimized_executed` are
    how they ran, `processor` what the CPU of that machine is able to. `machine` is where that was,
    as the user and the host itself call it; empty for the machine that the program runs on.
    """

    parent: str
    optimized: str
    parent_executed: Executed
    optimized_executed: Executed
    dataset: str
    dataset_root: Path
    problems: tuple[Remark, ...]
    created: str
    used_differently: tuple[Remark, ...] = ()
    processor: Processor | None = None
    machine: str = ""

    @property
    def where(self) -> str:
        """The dataset, and the machine, if that is another one."""
        return f"{self.dataset}, run on {self.machine}" if self.machine else self.dataset

    def __post_init__(self) -> None:
        """Raises ValueError where the images would be looked for in the current folder."""
        if not self.dataset_root.is_absolute():
            raise ValueError("dataset_root does not begin at the top - at `$.dataset_root`")


class ViewState(Stored):
    """How the user looks at a report: thresholds other than those it was made with, the filter.

    `headline` is what a list says of it then; None where that is what it was made with.
    """

    thresholds: Thresholds | None = None
    chosen: RowFilter = RowFilter()
    headline: Headline | None = None


AS_MADE = ViewState()


class ReportHead(Value):
    """What a list says of a report."""

    kind: str
    parent: str
    optimized: str
    parent_executed: Executed
    optimized_executed: Executed
    dataset: str
    created: str
    headline: Headline
    used_differently: tuple[Remark, ...] = ()
    processor: Processor | None = None
    target: Target | None = None
    machine: str = ""


Ran = ReportResult | ReportHead


@dataclass(frozen=True)
class Called:
    """What the two that are compared, and their differences, are called where images are drawn."""

    reference: str = "Parent"
    other: str = "Optimized"
    missed: str = "missed"
    extra: str = "extra"
    alike: str = "The two models agree on every image."
    in_sentences: tuple[str, str] = ("the parent", "the optimized model")
    missed_hint: str = "missed: the optimized model has no such box"
    extra_hint: str = "extra: the parent has no such box"


BOTH_MODELS = Called()


@dataclass(frozen=True, eq=False)
class ReportImages:
    """What images of a report are drawn from: both models' boxes, and the ground truth.

    `root` is the dataset's folder; `chosen`, int64 ``[N]``, are the images that the filter leaves,
    worst first, and `filter` is that filter in words, empty for none.
    """

    comparison: AnyComparison
    root: Path
    truth: GroundTruth | StoredTruth | None = None
    chosen: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    filter: str = ""
    called: Called = BOTH_MODELS


class Report(Protocol):
    """A report that was read, at the thresholds and with the filter of a `ViewState`."""

    @property
    def result(self) -> ReportResult:
        """What is stored of it."""


@dataclass(frozen=True, eq=False)
class Detections:
    """Both models' detections: `parts` gives them anew each time, some images after the other."""

    image_names: tuple[str, ...]
    parts: Callable[[], Iterable[tuple[DetectionTable, DetectionTable]]]

    def of(self, side: int) -> Iterator[DetectionTable]:
        """Those of the parent (0) or of the optimized model (1) alone."""
        return (both[side] for both in self.parts())


R = TypeVar("R", bound=Report)


class ReportKind(ABC, Generic[R]):
    """A kind of report; `R` is what it reads from a report's folder.

    Attributes:
        id: in ``result.json``, the workspace and the terminal's ``--kind``.
        title: a noun, such as ``Tensor distance``.
        question: what the report answers, for whoever chooses a kind.
        details: what the details of a comparison of two reports are.
        job, result: what makes a report, and what is stored of it.
        options: what can be asked of it.
        needs_annotations: whether the dataset must be annotated.
        has_images: whether there are images with boxes to be looked at and exported.
        note: what explains the tables of the page.
        needs_parent: whether it compares a model with its parent; else it is of any one model.
        roles: what the two that are compared are called, the reference first.
        files: the same in names of files.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    details: ClassVar[str]
    job: ClassVar[type[ReportJob]]
    result: ClassVar[type[ReportResult]]
    options: ClassVar[frozenset[Option]] = frozenset()
    needs_annotations: ClassVar[bool] = False
    has_images: ClassVar[bool] = False
    note: ClassVar[str] = ""
    needs_parent: ClassVar[bool] = True
    roles: ClassVar[tuple[str, str]] = ("Parent", "Optimized model")
    files: ClassVar[tuple[str, str]] = ("parent", "optimized")

    @abstractmethod
    def read(self, folder: Path, view: ViewState = AS_MADE) -> R:
        """The report in `folder` as it is looked at; figures are computed when asked for.

        Raises WorkbenchError, which names the file, where it is damaged.
        """

    @abstractmethod
    def headline(self, result: Any) -> Headline:
        """The main figures of a stored result; see `core.reports.wording`."""

    def headline_at(self, report: R) -> Headline:
        """The same at the thresholds that the report is looked at with."""
        return self.headline(report.result)

    @abstractmethod
    def tables(self, report: R) -> Mapping[str, AnyTable]:
        """All tables, by the names of their CSV files."""

    @abstractmethod
    def versus(self, first: R, second: R) -> Versus:
        """Two reports beside each other."""

    def target(self, result: Any) -> Target | None:
        """What its verdict is for, where it has one."""
        return None

    def thresholds(self, result: Any) -> Thresholds | None:
        """Those that it was made with, where it has any."""
        return None

    def images(self, report: R) -> ReportImages:
        """What its images are drawn from, where it `has_images`."""
        raise NotImplementedError

    def detections(self, report: R) -> Detections:
        """What both found, where it `has_images`."""
        raise NotImplementedError

    def summary(self, report: R) -> tuple[str | Table, ...]:
        """The report in a few sentences and short tables, for the terminal."""
        return (headline_text(self.headline(report.result)),)

    def runs(self, ran: Ran) -> tuple[str, ...]:
        """How the two ran, a sentence each: what was asked for, and what was executed.

        A verdict says what it is for. Then what the processor is able to, and what follows.
        """
        parent, optimized = self.roles
        target = ran.target if isinstance(ran, ReportHead) else self.target(ran)
        judged = "" if target is None else f"; {judged_for(target, ran.machine)}"
        return (
            f"{parent}: {executed_text(ran.parent_executed)}.",
            f"{optimized}: {executed_text(ran.optimized_executed)}{judged}.",
            *((f"Run on {ran.machine}.",) if ran.machine else ()),
            *(() if ran.processor is None else (processor_sentence(ran.processor),)),
        )

    def runs_in_short(self, ran: Ran) -> str:
        """For a list: how the one ran, and what it was compared with."""
        where = f"on {ran.machine}: " if ran.machine else ""
        both = run_text(ran.optimized_executed), run_text(ran.parent_executed)
        return f"{where}{both[0]}; against {both[1]}"

    def plain(self, report: R) -> Plain:
        """The report as JSON, with every table; long ones are a `ListInPieces`."""
        records = {name: table.records() for name, table in self.tables(report).items()}
        return {**about(report.result), **records}

    def page(self, report: R) -> str:
        """The report as one HTML page that loads nothing."""
        from core.documents.html import render, typed

        result = report.result
        return render(
            "report.html.j2",
            f"{self.title} of {result.optimized} and {result.parent}",
            result=result,
            runs=self.runs(result),
            headline=headline_text(self.headline(result)),
            chart=self.chart(report),
            note=self.note,
            tables={
                name.replace("-", " ").capitalize(): typed(table, MOST_ROWS)
                for name, table in self.tables(report).items()
            },
        )

    def chart(self, report: R) -> Markup | None:
        """SVG above the tables of the page."""
        return None


MOST_ROWS = 100  # of a table on a page: nobody reads on, and the CSV file has all


def about(result: ReportResult, *without: str) -> Plain:
    """A result as JSON, `without` some of its fields; `dataset` is the folder."""
    plain: Plain = to_plain(result)
    plain["dataset"] = plain.pop("dataset_root")
    return {name: value for name, value in plain.items() if name not in without}


def now() -> str:
    """When a report is made."""
    return datetime.now(UTC).isoformat(timespec="seconds")
