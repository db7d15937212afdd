"""Two or more projects side by side: speed, size, accuracy, and where the time goes."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.settings import RunMode
from core.inference.settings import PrecisionHint
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.accuracy.verdict import VerdictName
from core.metrics.matching.thresholds import VerdictLimits
from core.metrics.speed.figures import Interval, Latency, Spread
from core.profiling.layer_groups import LayerGroup, group_layers
from core.profiling.profile import Profile
from core.profiling.sums import LayerSum, by_type
from core.values import Value


class Speed(Value):
    """What a benchmark measured of one model at one precision hint.

    Attributes:
        benchmark: its number; runs of one benchmark were measured in turns.
        mode: how it was run; None where throughput and latency are those of OpenVINO's two hints.
        throughput_rounds_fps, latency_rounds_ms: every round's, to pair with others of the
            benchmark.
        machine: what the user calls the machine that it was sent to; empty for this one.
    """

    benchmark: int
    started: str
    device_name: str
    precision_hint: PrecisionHint
    precision_executed: str
    mode: RunMode | None
    throughput_fps: Spread
    latency_ms: Latency
    throughput_rounds_fps: tuple[float, ...]
    latency_rounds_ms: tuple[float, ...]
    machine: str = ""


class Predicted(Value):
    """What the model's predictions come to beside its parent's.

    `kept` of the parent's accuracy; None where the parent finds nothing. `changed` is a share of
    the predictions, None without any; `agreement` COCO AP with the parent as ground truth;
    `limits` are those that the verdict went by.
    """

    dataset: str
    kept: AccuracyKept | None
    changed: float | None
    agreement: float | None
    verdict: VerdictName
    limits: VerdictLimits = VerdictLimits()


class Accuracy(Value):
    """COCO AP on annotated images, and its 95% interval."""

    dataset: str
    ap: float
    interval: tuple[float, float]
    ap50: float | None


class ComparedProject(Value):
    """One side of a comparison; what was not measured is None.

    Attributes:
        title: of the project; `notes` are what the user wrote about it.
        size_bytes, parameters, precision: of the stored model.
        profile_job: the number of the stored profiles; layers of one number were profiled in turns.
    """

    title: str
    size_bytes: int
    parameters: int
    precision: str
    notes: str = ""
    speed: Speed | None = None
    predictions: Predicted | None = None
    accuracy: Accuracy | None = None
    profile: Profile | None = None
    profile_job: int | None = None


class SpeedRatio(Value):
    """A project's speed over the first one's: above 1 it is better.

    `in_turns` is whether both were measured in one benchmark; the interval is None otherwise, for
    then the difference may be the machine's.
    """

    throughput: float
    latency: float
    throughput_interval: Interval | None
    latency_interval: Interval | None
    in_turns: bool


class TypeRow(Value):
    """Layers of one type in every project; None where one has no profile."""

    name: str
    sums: tuple[LayerSum | None, ...]


class Pair(Value):
    """The first project's layers beside another's: `place` is the other's."""

    place: int
    groups: tuple[LayerGroup, ...]
    in_turns: bool


class ProjectComparison(Value):
    """All of it; `ratios` and `pairs` are against the first project.

    Attributes:
        ratios: one for each project but the first; None where a speed is missing, or where both
            were measured on different machines.
        types: the largest time first.
        pairs: one for each project but the first that was profiled, if the first was.
    """

    projects: tuple[ComparedProject, ...]
    ratios: tuple[SpeedRatio | None, ...]
    types: tuple[TypeRow, ...]
    pairs: tuple[Pair, ...]


def compare_projects(projects: Sequence[ComparedProject]) -> ProjectComparison:
    """Compare at least two; the first is what the others are compared with."""
    first, others = projects[0], projects[1:]
    ratios = tuple(_ratio(first.speed, other.speed) for other in others)
    pairs = tuple(
        Pair(
            place=place,
            groups=group_layers(first.profile, other.profile),
            in_turns=first.profile_job == other.profile_job,
        )
        for place, other in enumerate(others, start=1)
        if first.profile is not None and other.profile is not None
    )
    return ProjectComparison(
        projects=tuple(projects),
        ratios=ratios,
        types=_types(projects),
        pairs=pairs,
    )


def _ratio(first: Speed | None, other: Speed | None) -> SpeedRatio | None:
    if first is None or other is None or first.machine != other.machine:
        return None
    in_turns = first.benchmark == other.benchmark
    throughput = latency = None
    if in_turns:
        throughput = _paired(other.throughput_rounds_fps, first.throughput_rounds_fps)
        latency = _paired(first.latency_rounds_ms, other.latency_rounds_ms)
    fps = (first.throughput_fps.median, other.throughput_fps.median)
    return SpeedRatio(
        throughput=throughput.value if throughput else fps[1] / fps[0],
        latency=latency.value if latency else first.latency_ms.p50 / other.latency_ms.p50,
        throughput_interval=throughput,
        latency_interval=latency,
        in_turns=in_turns,
    )


def _paired(numerator: Sequence[float], denominator: Sequence[float]) -> Interval | None:
    """The interval over the rounds that both have; None without any."""
    from core.metrics.speed.statistics import ratio_interval

    rounds = min(len(numerator), len(denominator))
    return ratio_interval(numerator[:rounds], denominator[:rounds]) if rounds else None


def _types(projects: Sequence[ComparedProject]) -> tuple[TypeRow, ...]:
    sums = [
        {one.name: one for one in by_type(project.profile)} if project.profile else None
        for project in projects
    ]
    names = {name for found in sums if found for name in found}
    rows = [
        TypeRow(name=name, sums=tuple(found.get(name) if found else None for found in sums))
        for name in names
    ]
    return tuple(
        sorted(rows, key=lambda row: (-max(one.time_ms for one in row.sums if one), row.name))
    )
