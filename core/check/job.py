"""The job of a check: the figures that limits are set for, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.benchmark.result import BenchmarkResult
from core.benchmark.settings import (
    LATENCY,
    THROUGHPUT,
    BenchmarkedModel,
    BenchmarkSettings,
)
from core.check.deciding import (
    Computed,
    Decision,
    State,
    decide,
    others,
    overall,
    unjudged,
    worst,
)
from core.check.limits import CheckLimits, LimitName
from core.check.settings import CheckSettings
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled
from core.inference.machine import Machine
from core.inference.settings import Executed
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.metrics.accuracy.verdict import NotJudged
from core.metrics.comparison.bootstrap import Interval
from core.models.stored import load_stored
from core.predict.detecting import Both
from core.remarks.remark import Remark
from core.reports.kind import now
from core.values import Stored, Value
from core.workspace.projects import OPTIMIZED, PARENT

if TYPE_CHECKING:
    from core.check.measuring import Figures
    from core.datasets.dataset import Dataset
    from core.detection.detections import DetectionTable
    from core.metrics.accuracy.truth import GroundTruth
    from core.predict.found import Found
    from core.reports.ground_truth import MappedAnnotations

_UNANNOTATED: frozenset[LimitName] = frozenset({"accuracy_kept", "predictions_changed"})


class CheckResult(Stored):
    """What a check found.

    Attributes:
        parent, optimized, dataset: what they are called; `dataset_root` is the folder.
        images: how many were looked at; 0 where no limit needs them.
        state: failed where one limit is missed, else undecided where one is, else passed.
        decisions: each limit's, in the order of `core.check.limits.KINDS`; of what the target may
            compute in several ways, the worst.
        other_ways: what limits come to in the ways that do not decide.
        not_judged: what the target may be, and could not be tried: no limit of accuracy is passed.
        speed_on_target: whether speed is measured where the model is to run.
        parent_ap, optimized_ap: COCO AP by the ground truth, where a limit is set for its drop; of
            the way that decides.
        machine: where it was measured.
        executions: how the parent ran when it detected, then the optimized model, once for each way
            that is judged; () where they did not.
        benchmark: what the figures of speed are from; None without a limit for one.
        problems: images that were left out, and why.
        used_differently: how the two models are used differently, where they are.
        created: when, in ISO form.
    """

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    images: int
    settings: CheckSettings
    state: State
    decisions: tuple[Decision, ...]
    other_ways: tuple[Decision, ...]
    not_judged: tuple[NotJudged, ...]
    speed_on_target: bool
    parent_ap: Interval | None
    optimized_ap: Interval | None
    machine: Machine
    executions: tuple[Executed, ...]
    benchmark: BenchmarkResult | None
    problems: tuple[Remark, ...]
    used_differently: tuple[Remark, ...]
    created: str


@dataclass(frozen=True)
class _Accuracy:
    """What was found in the images: all decisions, in each way that is judged."""

    decisions: tuple[Decision, ...] = ()
    images: int = 0
    aps: Mapping[Computed, tuple[Interval | None, Interval | None]] = field(default_factory=dict)
    executions: tuple[Executed, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    problems: tuple[Remark, ...] = ()

    def aps_behind(
        self, decisions: tuple[Decision, ...]
    ) -> tuple[Interval | None, Interval | None]:
        """Both models' AP in the way that decides on its drop."""
        ways = [one.computed for one in decisions if one.limit == "ap_drop" and one.computed]
        return self.aps[ways[0]] if ways else (None, None)


class CheckJob(Value, tag="check"):
    """Whether an optimized model meets limits. What it detected is left beside the result."""

    weight: ClassVar[Weight] = "heavy"
    parent: Path
    optimized: Path
    dataset: DatasetSource
    limits: CheckLimits
    settings: CheckSettings = CheckSettings()

    def run(self, context: JobContext) -> CheckResult:
        """See `core.jobs.job.Job`."""
        from core.check.measuring import sizes, speed
        from core.inference.machine import this_machine
        from core.targets.elsewhere import on_target

        settings = self.settings
        models = Both(load_stored(self.parent), load_stored(self.optimized))
        dataset = context.open_dataset(self.dataset)
        found = self._accuracy(models, dataset, context)
        benchmark = self._benchmark(context)
        known = {
            **(speed(benchmark, settings.precision_hint) if benchmark else {}),
            **sizes(models.parent.card.info.size_bytes, models.optimized.card.info.size_bytes),
        }
        decisions = self._decided(found, known)
        parent_ap, optimized_ap = found.aps_behind(decisions)
        return CheckResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            images=found.images,
            settings=settings,
            state=overall(decisions),
            decisions=decisions,
            other_ways=others(found.decisions),
            not_judged=found.not_judged,
            speed_on_target=on_target(settings.target, settings.device),
            parent_ap=parent_ap,
            optimized_ap=optimized_ap,
            machine=benchmark.machine if benchmark else this_machine(settings.device),
            executions=found.executions,
            benchmark=benchmark,
            problems=found.problems,
            used_differently=models.differences,
            created=now(),
        )

    def _decided(self, found: _Accuracy, known: Figures) -> tuple[Decision, ...]:
        """Each limit's decision: of accuracy, that of the worst way."""
        decided = []
        for name, allowed in self.limits.given.items():
            ways = [one for one in found.decisions if one.limit == name]
            if ways:
                one = worst(ways)
                decided.append(unjudged(one) if found.not_judged else one)
            else:
                decided.append(decide(name, allowed, known[name]))
        return tuple(decided)

    def _accuracy(self, models: Both, dataset: Dataset, context: JobContext) -> _Accuracy:
        from core.check.runs import computed_as, judged_runs
        from core.targets.looking import look_for_run

        given = self.limits.given
        if "ap_drop" not in given and not _UNANNOTATED & given.keys():
            return _Accuracy()
        mapped = self._annotations(models, dataset, context)
        asked = self.settings
        models = replace(
            models,
            settings=look_for_run(asked.run, asked.target, asked.device, models.optimized, context),
        )
        runs = judged_runs(models, dataset, self.settings.target, context)
        decisions: list[Decision] = []
        aps = {}
        truth = None if mapped is None else mapped.truth(runs.parent.looked_at)
        for one in runs.optimized:
            computed = computed_as(one.executed)
            figures, aps[computed] = self._figures(runs.parent, one, truth, context)
            decisions += [decide(name, given[name], figures[name], computed) for name in figures]
        problems = (*runs.problems, *(mapped.annotations.problems if mapped else ()))
        images = runs.parent.images
        return _Accuracy(tuple(decisions), images, aps, runs.executions, runs.not_judged, problems)

    def _figures(
        self,
        parent: Found,
        optimized: Found,
        truth: GroundTruth | None,
        context: JobContext,
    ) -> tuple[Figures, tuple[Interval | None, Interval | None]]:
        """What the detections of one run say, and both models' AP where that is asked for."""
        from core.check.measuring import drop, predictions
        from core.predict.found import side_by_side

        def parts() -> Iterator[tuple[DetectionTable, DetectionTable]]:
            return side_by_side(parent, optimized)

        thresholds, given = self.settings.thresholds, self.limits.given
        figures = {**predictions(given, parts, parent.images, thresholds, context.step, truth)}
        if truth is None or "ap_drop" not in given:
            return figures, (None, None)
        from core.metrics.accuracy.annotated import accuracy_by_parts

        context.step("Measuring the accuracy")
        measured = accuracy_by_parts(truth, parts, thresholds, context.folder)
        figures.update(drop(measured))
        return figures, (measured.parent.ap, measured.optimized.ap)

    def _annotations(
        self, models: Both, dataset: Dataset, context: JobContext
    ) -> MappedAnnotations | None:
        """Before any detection: a ground truth that measures nothing is told of at once.

        None where no limit needs one, or the one that only needs it if it is there cannot use it.
        """
        from core.reports.ground_truth import mapped_annotations, usable_annotations

        names, model = models.parent.card.detector.class_names, models.parent.card.name
        mapping = self.settings.mapping
        if "ap_drop" not in self.limits.given:
            if "accuracy_kept" not in self.limits.given:
                return None
            return usable_annotations(dataset, names, mapping, context, model=model)
        if not dataset.annotated:
            raise InputError(
                f"{dataset.name} has no annotations, by which ap_drop is measured.",
                "Use an annotated dataset, or set a limit for accuracy_kept instead.",
            )
        mapped = mapped_annotations(dataset, names, mapping, context)
        mapped.require(model)
        return mapped

    def _benchmark(self, context: JobContext) -> BenchmarkResult | None:
        from core.benchmark.measuring import benchmark

        given = self.limits.given
        ratio, latency = "throughput_ratio" in given, "latency_ms" in given
        if not ratio and not latency:
            return None
        models = [BenchmarkedModel(name=OPTIMIZED, xml=self.optimized)]
        if ratio:
            models.insert(0, BenchmarkedModel(name=PARENT, xml=self.parent))
        settings = BenchmarkSettings(
            precision_hints=(self.settings.precision_hint,),
            modes=(*((THROUGHPUT,) if ratio else ()), *((LATENCY,) if latency else ())),
            seconds=self.settings.seconds,
            narrow=0.0,  # it is the limits that say how narrow is narrow enough
            device=self.settings.device,
            seed=self.settings.seed,
        )
        result, _ = benchmark(models, settings, context.step)
        if result.stopped:  # a part of the figures decides nothing
            raise JobCancelled
        return result
