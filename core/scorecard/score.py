"""What is known of one model of a family, each figure with where it comes from."""

from __future__ import annotations

from typing import Literal

from core.inference.settings import Executed, PrecisionHint
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.accuracy.verdict import VerdictName
from core.metrics.matching.thresholds import VerdictLimits
from core.metrics.speed.figures import Interval, Positive, Spread, Verdict
from core.models.plan import QuantizationPlan, Target
from core.reports.wording import AsMade
from core.values import Value
from core.workspace.records import ProjectState

Apart = Literal["device", "precision", "benchmark"]
"""Why two speeds are not divided: they were measured on other devices or with another precision
asked for, or in two benchmarks."""


def counts_for(target: Target, machine: str) -> bool:
    """Whether what was measured on this host, "" for this machine, is about where a model is to
    run.

    Of a host alone it is where the model is to run elsewhere than on this machine: a target such as
    CPU with VNNI can be any machine.
    """
    return not machine or target != "this_machine"


class Source(Value):
    """Where a figure comes from: an artifact of a project; of a benchmark, the run in it."""

    project_id: int
    artifact_id: int
    run: int = 0


class ModelSpeed(Value):
    """One model in one benchmark.

    Attributes:
        fps: images per second with OpenVINO's hint ``throughput``, or in the benchmark's only mode.
        latency_ms: with the hint ``latency``, or in that mode.
        fps_spread, latency_spread_ms: medians and quartiles of all rounds. Where a ratio stands
            beside the figures, those are of the rounds that it belongs to.
        precision_hint, precision_executed: what was asked for, and what most layers ran in.
        device, device_name: as OpenVINO names it, and what it calls itself.
        mode: None where the two figures are those of OpenVINO's two hints.
        machine: what the user calls the host that measured it; empty for this machine.
        stopped: whether the benchmark was cut short.
    """

    source: Source
    latency_run: int
    fps: Positive
    latency_ms: Positive
    fps_spread: Spread
    latency_spread_ms: Spread
    precision_hint: PrecisionHint
    precision_executed: str
    device: str
    device_name: str
    mode: str | None
    started: str
    stopped: bool = False
    machine: str = ""


class SpeedUp(Value):
    """A model's speed over its parent's, of paired rounds: above 1, it is the better one."""

    throughput: Interval
    latency: Interval
    throughput_verdict: Verdict
    latency_verdict: Verdict


class Judged(Value):
    """What a report on predictions says: its verdict as the user last looked at it.

    `kept` decides; None where the parent finds nothing. `changed` is a share of the predictions,
    None without any; `score` the score threshold that it was made with, and `as_made` the verdict
    of then, where thresholds were moved since. `target` is what the verdict is for, `machine` where
    the models ran, if that is not this one; `limits` are those that the verdict went by.
    """

    source: Source
    verdict: VerdictName
    kept: AccuracyKept | None
    changed: float | None
    score: float
    executed: Executed
    dataset: str
    target: Target = "this_machine"
    as_made: AsMade | None = None
    machine: str = ""
    limits: VerdictLimits = VerdictLimits()


class MeasuredAp(Value):
    """COCO AP@[.50:.95] on annotated images; `machine` as in `Judged`."""

    source: Source
    ap: float
    executed: Executed
    dataset: str
    machine: str = ""


class ApPair(Value):
    """The AP of an optimized model and its parent's, of one report; None without ground truth."""

    optimized: MeasuredAp | None = None
    parent: MeasuredAp | None = None


class Score(Value):
    """What is known of one project's model; None where it was not measured.

    Attributes:
        title: the project's name, after its parent's.
        state, message: whether there is a model, and why not.
        size_bytes, precision: of the model as the user gave it, or as it was made here.
        framework: what that came in: a file of another format is not as large as the IR.
        plan: how it was optimized.
        target: where it is to run, as the project says.
        speed: in the newest benchmark that has its parent, too; else in the newest.
        parent_speed: its parent's in the same benchmark; else in the parent's newest.
        speed_up: the ratio of the two, where they may be divided.
        apart: why they may not.
        judged: the newest report on predictions; before it, those about where the model is to run.
        ap, parent_ap: the newest measurement on annotations, likewise, both of the same report.
        problems: a sentence for each result that cannot be read.
    """

    project_id: int
    parent_id: int | None
    name: str
    title: str
    state: ProjectState
    message: str = ""
    size_bytes: int | None = None
    precision: str = ""
    framework: str = ""
    plan: QuantizationPlan | None = None
    target: Target = "this_machine"
    speed: ModelSpeed | None = None
    parent_speed: ModelSpeed | None = None
    speed_up: SpeedUp | None = None
    apart: Apart | None = None
    judged: Judged | None = None
    ap: MeasuredAp | None = None
    parent_ap: MeasuredAp | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether there is a verdict, and for the target that the project has now."""
        judged = self.judged
        return judged is not None and judged.target == self.target and self.counts(judged.machine)

    def counts(self, machine: str) -> bool:
        """See `counts_for`."""
        return counts_for(self.target, machine)

    @property
    def kept(self) -> AccuracyKept | None:
        """Of the parent's accuracy."""
        return self.judged.kept if self.judged else None


class Scorecard(Value):
    """A parent and one of its optimized models side by side; None where it has none yet."""

    parent: Score
    optimized: Score | None = None
