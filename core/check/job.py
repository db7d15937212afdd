"""The job of a check: the figures that limits are set for, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.benchmark.result import BenchmarkResult
from core.benchmark.settings import (
    DEFAULT_SECONDS,
    LATENCY,
    THROUGHPUT,
    BenchmarkedModel,
    BenchmarkSettings,
)
from core.check.deciding import Decision, State, decide, overall
from core.check.limits import CheckLimits, LimitName
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled
from core.inference.machine import Machine
from core.inference.settings import DEFAULT_DEVICE, Executed, InferenceSettings, PrecisionHint
from core.jobs.context import JobContext
from core.metrics.comparison.bootstrap import Interval
from core.metrics.matching.thresholds import Thresholds
from core.metrics.speed.figures import Positive
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both, log_problems
from core.remarks.remark import Remark
from core.reports.kind import now
from core.values import Stored, Value
from core.workspace.projects import OPTIMIZED, PARENT

if TYPE_CHECKING:
    from core.check.measuring import Figures
    from core.datasets.annotations import Annotations
    from core.datasets.class_mapping import ClassMapping
    from core.datasets.dataset import Dataset

_UNANNOTATED: frozenset[LimitName] = frozenset({"accuracy_kept", "predictions_changed"})


class CheckSettings(Value):
    """How the figures are measured.

    Attributes:
        precision_hint: how the optimized model detects, and how fast both are; the parent, which
            is the reference, always detects in true f32 on the CPU.
        thresholds: what counts as a detection and as a match, for `predictions_changed`.
        mapping: the model's class for single classes of the dataset; None for none of them.
        device: that speed is measured on and the optimized model detects on, as OpenVINO names it.
        seconds: for all measuring of speed together.
        seed: decides the order of the rounds, and the random input.
    """

    precision_hint: PrecisionHint = "default"
    thresholds: Thresholds = Thresholds()
    mapping: dict[str, str | None] = msgspec.field(default_factory=dict)
    device: str = DEFAULT_DEVICE
    seconds: Positive = DEFAULT_SECONDS
    seed: int = 0


class CheckResult(Stored):
    """What a check found.

    Attributes:
        parent, optimized, dataset: what they are called; `dataset_root` is the folder.
        images: how many were looked at; 0 where no limit needs them.
        state: failed where one limit is missed, else undecided where one is, else passed.
        decisions: each limit's, in the order of `core.check.limits.KINDS`.
        parent_ap, optimized_ap: COCO AP by the ground truth, where a limit is set for its drop.
        machine: where it was measured.
        executions: how parent and optimized model ran when they detected; () where they did not.
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
    """What was found in the images."""

    figures: Figures
    images: int = 0
    aps: tuple[Interval | None, Interval | None] = (None, None)
    executions: tuple[Executed, ...] = ()
    problems: tuple[Remark, ...] = ()


class CheckJob(Value, tag="check"):
    """Whether an optimized model meets limits. What it detected is left beside the result."""

    parent: Path
    optimized: Path
    dataset: DatasetSource
    limits: CheckLimits
    settings: CheckSettings = CheckSettings()

    def run(self, context: JobContext) -> CheckResult:
        """See `core.jobs.job.Job`."""
        from core.check.measuring import sizes, speed
        from core.inference.machine import this_machine

        given, settings = self.limits.given, self.settings
        models = Both(
            load_stored(self.parent),
            load_stored(self.optimized),
            InferenceSettings(device=settings.device, precision_hint=settings.precision_hint),
        )
        dataset = context.open_dataset(self.dataset)
        accuracy = self._accuracy(models, dataset, context)
        benchmark = self._benchmark(context)
        figures = {
            **accuracy.figures,
            **(speed(benchmark, settings.precision_hint) if benchmark else {}),
            **sizes(models.parent.card.info.size_bytes, models.optimized.card.info.size_bytes),
        }
        decisions = tuple(decide(name, given[name], figures[name]) for name in given)
        return CheckResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            images=accuracy.images,
            settings=settings,
            state=overall(decisions),
            decisions=decisions,
            parent_ap=accuracy.aps[0],
            optimized_ap=accuracy.aps[1],
            machine=benchmark.machine if benchmark else this_machine(settings.device),
            executions=accuracy.executions,
            benchmark=benchmark,
            problems=accuracy.problems,
            used_differently=models.differences,
            created=now(),
        )

    def _accuracy(self, models: Both, dataset: Dataset, context: JobContext) -> _Accuracy:
        from core.check.measuring import drop, predictions

        given = self.limits.given
        if "ap_drop" not in given and not _UNANNOTATED & given.keys():
            return _Accuracy({})
        truth = self._annotations(models, dataset, context) if "ap_drop" in given else None
        found = detect_both(models, dataset, None, context)
        parent, optimized, problems = found.parent.table, found.optimized.table, found.problems
        thresholds = self.settings.thresholds
        figures = {**predictions(given.keys(), parent, optimized, thresholds, context.step)}
        aps: tuple[Interval | None, Interval | None] = (None, None)
        if truth is not None:
            from core.metrics.accuracy.annotated import accuracy
            from core.metrics.accuracy.truth import ground_truth_for

            annotations, mapping = truth
            context.step("Measuring the accuracy")
            ids = mapping.model_ids(annotations.class_names)
            boxes = ground_truth_for(parent, annotations, ids)
            measured = accuracy(boxes, parent, optimized, thresholds)
            aps = measured.parent.ap, measured.optimized.ap
            figures.update(drop(measured))
            problems = (*problems, *annotations.problems)
        ran = found.parent.executed, found.optimized.executed
        return _Accuracy(figures, len(parent), aps, ran, problems)

    def _annotations(
        self, models: Both, dataset: Dataset, context: JobContext
    ) -> tuple[Annotations, ClassMapping]:
        """Before any detection: a ground truth that measures nothing is told of at once."""
        from core.datasets.class_mapping import map_classes
        from core.datasets.registry import read_annotations
        from core.metrics.accuracy.truth import require_truth

        if not dataset.annotated:
            raise InputError(
                f"{dataset.name} has no annotations, by which ap_drop is measured.",
                "Use an annotated dataset, or set a limit for accuracy_kept instead.",
            )
        stage, total = "Reading the annotations", len(dataset.images)
        annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
        names = models.parent.card.detector.class_names
        mapping = map_classes(annotations.class_names, names).changed_by(self.settings.mapping)
        ids = mapping.model_ids(annotations.class_names)
        require_truth(annotations, ids, dataset.name, models.parent.card.name)
        log_problems(annotations.problems, context)
        return annotations, mapping

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
