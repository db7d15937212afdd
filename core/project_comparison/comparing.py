"""Two or more projects side by side: speed, size, accuracy, and where the time goes."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.layer_groups import LayerGroup, group_layers
from core.benchmark.plan import Interval, Latency, Spread
from core.benchmark.profile import LayerSum, Profile, by_type
from core.inference.compiling import PrecisionHint
from core.metrics.comparison.comparison import VerdictName
from core.values import Value


class Speed(Value):
    """What a benchmark measured of one model at one precision hint.

    Attributes:
        session: of one benchmark; runs of one session were measured in turns.
        setting: how it was run, in words.
        throughput_rounds_fps, latency_rounds_ms: every round's, to pair with others of the session.
    """

    session: str
    started: str
    device_name: str
    precision_hint: PrecisionHint
    precision_executed: str
    setting: str
    throughput_fps: Spread
    latency_ms: Latency
    throughput_rounds_fps: tuple[float, ...]
    latency_rounds_ms: tuple[float, ...]


class Agreement(Value):
    """How far the model finds what its parent finds."""

    dataset: str
    agreement: float | None
    agreement_50: float | None
    interval: tuple[float, float] | None
    verdict: VerdictName


class Accuracy(Value):
    """COCO AP on annotated images, and its 95 % interval."""

    dataset: str
    ap: float
    interval: tuple[float, float]
    ap50: float | None


class ComparedProject(Value):
    """One side of a comparison; what was not measured is None.

    Attributes:
        title: of the project.
        run: which run of it, in words.
        size_bytes, parameters, precision: of the stored model.
        profile_session: of one profile job; layers of one session were timed in turns.
    """

    title: str
    run: str
    size_bytes: int
    parameters: int
    precision: str
    speed: Speed | None = None
    agreement: Agreement | None = None
    accuracy: Accuracy | None = None
    profile: Profile | None = None
    profile_session: str = ""


class SpeedRatio(Value):
    """A project's speed over the first one's: above 1 it is better.

    `in_turns` is whether both were measured in one session; the interval is None otherwise, for
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
        ratios: one for each project but the first; None where a speed is missing.
        types: the largest time first.
        pairs: one for each project but the first that was profiled, if the first was.
        sentences: what it comes to.
    """

    projects: tuple[ComparedProject, ...]
    ratios: tuple[SpeedRatio | None, ...]
    types: tuple[TypeRow, ...]
    pairs: tuple[Pair, ...]
    sentences: tuple[str, ...]


def compare_projects(projects: Sequence[ComparedProject]) -> ProjectComparison:
    """Compare at least two; the first is what the others are compared with."""
    first, others = projects[0], projects[1:]
    ratios = tuple(_ratio(first.speed, other.speed) for other in others)
    pairs = tuple(
        Pair(
            place=place,
            groups=group_layers(first.profile, other.profile),
            in_turns=first.profile_session == other.profile_session,
        )
        for place, other in enumerate(others, start=1)
        if first.profile is not None and other.profile is not None
    )
    return ProjectComparison(
        projects=tuple(projects),
        ratios=ratios,
        types=_types(projects),
        pairs=pairs,
        sentences=tuple(
            _sentence(first, other, ratio) for other, ratio in zip(others, ratios, strict=True)
        ),
    )


def _ratio(first: Speed | None, other: Speed | None) -> SpeedRatio | None:
    if first is None or other is None:
        return None
    in_turns = first.session == other.session
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
    from core.benchmark.statistics import ratio_interval

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


def _sentence(first: ComparedProject, other: ComparedProject, ratio: SpeedRatio | None) -> str:
    parts = []
    if ratio is not None:
        parts.append(_speed_words(ratio))
    size = other.size_bytes / first.size_bytes
    parts.append(f"{size:.2f} times its size")
    if other.agreement is not None and other.agreement.agreement is not None:
        parts.append(f"an agreement of {other.agreement.agreement:.3f} with its parent")
    before, after = first.accuracy, other.accuracy
    if before is not None and after is not None and before.dataset == after.dataset:
        parts.append(f"an AP of {after.ap:.3f} instead of {before.ap:.3f}")
    return f"{_name(other)} against {_name(first)}: {', '.join(parts)}."


def _speed_words(ratio: SpeedRatio) -> str:
    interval = ratio.throughput_interval
    if interval is None:
        return (
            f"{ratio.throughput:.2f} times its throughput, measured at different times, so that "
            "part of that may be the machine's"
        )
    sure = f"{interval.value:.2f} times its throughput ({interval.low:.2f} to {interval.high:.2f})"
    return sure if interval.differs_from_one else f"within the noise, {sure}"


def _name(project: ComparedProject) -> str:
    if project.speed is None:
        return project.title
    hint = project.speed.precision_hint
    return f"{project.title} ({'true f32' if hint == 'f32' else hint})"
