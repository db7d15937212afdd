"""Pairs of a parent and an INT8 model of it, from lossless to ruined: what a verdict is fitted on.

    python -m tests.benchmarks.verdict_pairs make DIR [MODEL...]
    python -m tests.benchmarks.verdict_pairs show DIR

Each detector of the field is quantized on 64 photos of coco128's train2017 by a dozen plans, and
both models detect on the 128 photos of val2017: as this processor computes, and with the
instructions of another one (with ``ONEDNN_MAX_CPU_ISA=AVX2`` sums saturate as without VNNI). Leaves
a table of detections for each, in true f32, and the parent's in its default precision too; what
lies in DIR already is not made again. ``show`` prints for each pair the share of the parent's mAP
that is kept by the ground truth, with its bootstrap interval, and the estimate of it that needs no
annotations; how well the two agree; the verdicts, and the limits that are fitted with one model
left out each time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.datasets.open import open_dataset
from core.detection.boxes import area
from core.detection.detections import Detections, DetectionTable
from core.inference.arithmetic import int8_arithmetic
from core.inference.predicting import predict
from core.inference.settings import AS_IT_RUNS, TRUE_F32, InferenceSettings
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.kept import AccuracyKept, estimated_kept_by_parts
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds, VerdictName, verdict_on
from core.metrics.comparison.bootstrap import Interval, draw_images, drawn_map, interval
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import VerdictLimits
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored, store_model
from core.optimize.quantizing import quantize
from core.runtime import LIMIT
from tests.benchmarks.search_field_models import FIELD, PHOTOS, imported, truth_for
from tests.support.unwinding import unwind_when_ended

MODELS = {
    name: FIELD / "models" / name
    for name in (
        "yolox_nano_onnx",
        "deimv2_femto",
        "aiy_ssd_person_cat_dog_tf",
        "yolov5n_fp16_tflite",
        "yolov8n_int8_tflite",
        "person-vehicle-bike-detection-2001",
    )
}
_USUAL = QuantizationPlan(subset_size=64, target="cpu_vnni")
PLANS = {
    "default": _USUAL,
    "mixed": QuantizationPlan(subset_size=64, target="cpu_vnni", preset="mixed"),
    "all-fixed": QuantizationPlan(subset_size=64, target="any"),
    "none-fixed": QuantizationPlan(subset_size=64, target="cpu_vnni", overflow_fix="off"),
    "elementwise": QuantizationPlan(
        subset_size=64, target="cpu_vnni", ignored_parts=("elementwise",)
    ),
    "elementwise-mixed": QuantizationPlan(
        subset_size=64, target="cpu_vnni", preset="mixed", ignored_parts=("elementwise",)
    ),
    "elementwise-mixed-fixed": QuantizationPlan(
        subset_size=64, target="any", preset="mixed", ignored_parts=("elementwise",)
    ),
    "head-elementwise": QuantizationPlan(
        subset_size=64,
        target="any",
        preset="mixed",
        ignored_parts=("elementwise", "head", "depthwise"),
    ),
    "biased": QuantizationPlan(subset_size=64, target="cpu_vnni", bias_correction="off"),
    "cut-off": QuantizationPlan(
        subset_size=64, target="cpu_vnni", activation_range="mean_no_outliers_min_max"
    ),
    "few-images": QuantizationPlan(subset_size=2, seed=1, target="any", preset="mixed"),
}
ARITHMETICS = ("exact", "saturating")
LOST, KEPT = 0.98, 0.99  # shares between which either verdict is right


def make(folder: Path, chosen: list[str]) -> None:
    """All that is missing in `folder`."""
    for name in chosen or MODELS:
        home = folder / name
        parent = home / "parent"
        if not parent.is_dir():
            imported(str(MODELS[name]), parent)
        (xml,) = parent.glob("*.xml")
        _detect(xml, home / "parent.npz", TRUE_F32)
        _detect(xml, home / "parent-default.npz", AS_IT_RUNS)
        for plan_name, plan in PLANS.items():
            _pair(name, xml, home, plan_name, plan)


def _pair(name: str, xml: Path, home: Path, plan_name: str, plan: QuantizationPlan) -> None:
    model = home / plan_name / "model.xml"
    stored = load_stored(xml)
    detector = stored.card.detector
    if not model.is_file():
        images = open_dataset(PHOTOS / "images" / "train2017")
        made = quantize(xml, detector, images, plan, lambda *_: None)
        model.parent.mkdir(parents=True, exist_ok=True)
        store_model(
            made.model, model, name=plan_name, source=xml, framework="openvino", detector=detector
        )
    for arithmetic in ARITHMETICS:
        table = home / f"{plan_name}-{arithmetic}.npz"
        if table.is_file():
            continue
        limit = "" if arithmetic == "exact" else "AVX2"
        subprocess.run(
            [sys.executable, "-m", __spec__.name, "detect", model, table, arithmetic],
            env={**os.environ, LIMIT: limit} if limit else None,
            check=False,
        )
        print(f"{name} {plan_name} {arithmetic}: {'made' if table.is_file() else 'not here'}")


def _detect(xml: Path, table: Path, settings: InferenceSettings) -> None:
    if not table.is_file():
        detector = load_stored(xml).card.detector
        dataset = open_dataset(PHOTOS / "images" / "val2017")
        predict(xml, detector, dataset, settings).table.save(table)


@dataclass(frozen=True)
class Shown:
    """A pair: the share of its parent's mAP that it keeps, what is estimated, and what changed."""

    model: str
    pair: str
    true: Interval
    estimated: AccuracyKept
    changed: float | None

    def __str__(self) -> str:
        true, share = self.true, self.estimated.share
        changed = "-" if self.changed is None else f"{self.changed:.3f}"
        return (
            f"{self.model:<36} {self.pair:<36} {true.value:.3f} ({true.low:.3f} to "
            f"{true.high:.3f}) estimated {share.value:.3f} ({share.low:.3f} to {share.high:.3f}) "
            f"changed {changed} {self.verdict(VerdictLimits())}"
        )

    def verdict(self, limits: VerdictLimits) -> VerdictName:
        """Without annotations."""
        return verdict_on(Grounds(kept=self.estimated), self.changed, limits).name


def show(folder: Path) -> None:
    """Every pair in `folder`, how well the estimate does, and what the verdict makes of it."""
    found: list[Shown] = []
    for home in sorted(one for one in folder.iterdir() if (one / "parent.npz").is_file()):
        for one in _pairs_of(home):
            print(one, flush=True)
            found.append(one)
    models = sorted({one.model for one in found})
    print(f"all {len(found)}: {_agreement(found)}")
    for model in models:
        print(f"{model}: {_agreement([one for one in found if one.model == model])}")
    print(f"verdicts: {_verdicts(found, VerdictLimits())}")
    for model in models:
        others = [one for one in found if one.model != model]
        mine = [one for one in found if one.model == model]
        limits = fitted(others)
        print(f"without {model}: {_limits(limits)}; it: {_verdicts(mine, limits)}")
    print(f"of all: {_limits(fitted(found))}")


def _pairs_of(home: Path) -> Iterator[Shown]:
    parent = DetectionTable.load(home / "parent.npz")
    truth = _truth(home.name, parent)
    draws = draw_images(len(parent))
    whole = drawn_map(judge(truth, parent).rankings(), draws)
    for path in sorted(home.glob("*.npz")):
        if path.stem == "parent":
            continue
        other = DetectionTable.load(path)
        share = drawn_map(judge(truth, other).rankings(), draws) / whole
        estimated = estimated_kept_by_parts([(parent, other)])
        assert estimated is not None
        changed = compare(parent, other).summary.changed
        true = interval(float(share[0]), share)
        yield Shown(home.name, path.stem, true, estimated, changed)


def _agreement(found: Sequence[Shown]) -> str:
    true = np.array([one.true.value for one in found])
    estimated = np.array([one.estimated.share.value for one in found])
    error = estimated - true
    return (
        f"rank correlation {np.corrcoef(_ranks(true), _ranks(estimated))[0, 1]:.3f}, mean error "
        f"{error.mean():+.3f}, root mean square {np.sqrt((error**2).mean()):.3f}"
    )


def _ranks(values: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def _verdicts(found: Sequence[Shown], limits: VerdictLimits) -> str:
    """How many of each, and those that the interval of their true share contradicts."""
    said = [one.verdict(limits) for one in found]
    counts = ", ".join(f"{said.count(name)} {name}" for name in ("safe", "check", "not_safe"))
    unsafe = [one.pair for one in _of(found, limits, "safe") if one.true.high < LOST]
    slandered = [one.pair for one in _of(found, limits, "not_safe") if one.true.low > KEPT]
    return f"{counts}; safe, but below {LOST}: {unsafe}; not safe, but above {KEPT}: {slandered}"


def _of(found: Sequence[Shown], limits: VerdictLimits, name: VerdictName) -> list[Shown]:
    return [one for one in found if one.verdict(limits) == name]


def fitted(found: Sequence[Shown]) -> VerdictLimits:
    """The limits with the fewest false verdicts to be expected, at most a third of them *check*.

    A false verdict is *safe* of a pair that keeps less than `LOST`, or *not safe* of one that keeps
    more than `KEPT`; how probable that is, its bootstrap interval tells. A *check* counts as a
    twentieth of one.
    """
    tried = [
        VerdictLimits(safe_kept=safe, not_safe_kept=not_safe, most_changed=1.0)
        for safe in (0.96, 0.965, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995)
        for not_safe in (0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97)
        if not_safe < safe
    ]
    return min(tried, key=lambda limits: _cost(found, limits))


def _cost(found: Sequence[Shown], limits: VerdictLimits) -> tuple[bool, float]:
    checks = len(_of(found, limits, "check"))
    unsafe = sum(_below(LOST, one.true) for one in _of(found, limits, "safe"))
    slandered = sum(1 - _below(KEPT, one.true) for one in _of(found, limits, "not_safe"))
    return 3 * checks > len(found), unsafe + slandered + checks / 20


def _below(limit: float, share: Interval) -> float:
    """How probable it is that the true share lies below."""
    deviation = max((share.high - share.low) / (2 * 1.96), 1e-4)
    return NormalDist(share.value, deviation).cdf(limit)


def _limits(limits: VerdictLimits) -> str:
    return f"safe from {limits.safe_kept}, not safe below {limits.not_safe_kept}"


def _truth(name: str, parent: DetectionTable) -> GroundTruth:
    """The ground truth of val2017 in the parent's classes, image for image."""
    data = truth_for(name, parent.class_names)
    ids = {one: place for place, one in enumerate(parent.class_names)}
    classes = {one["id"]: ids[one["name"]] for one in data["categories"]}
    places = {str(int(Path(one).stem)): place for place, one in enumerate(parent.image_names)}
    rows: list[list[tuple[list[float], int]]] = [[] for _ in parent.image_names]
    for one in data["annotations"]:
        x, y, width, height = one["bbox"]
        box = [x, y, x + width, y + height]
        rows[places[str(one["image_id"])]].append((box, classes[one["category_id"]]))
    table = _table(parent, rows)
    nothing = _table(parent, [[] for _ in rows])
    known = np.ones(len(parent.class_names), bool)
    return GroundTruth(table, area(table.boxes), nothing, np.zeros(0), known)


def _table(
    parent: DetectionTable, rows: Sequence[Sequence[tuple[list[float], int]]]
) -> DetectionTable:
    made = [
        Detections(
            np.array([box for box, _ in of_image], np.float32).reshape(-1, 4),
            np.ones(len(of_image), np.float32),
            np.array([number for _, number in of_image], np.int32),
        )
        for of_image in rows
    ]
    sizes = [(int(width), int(height)) for width, height in parent.image_sizes]
    return DetectionTable.build(parent.image_names, sizes, made, parent.class_names)


def main() -> int:
    """Make the tables, or show what they say."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(MODELS))
    detecting = commands.add_parser("detect")
    detecting.add_argument("model", type=Path)
    detecting.add_argument("table", type=Path)
    detecting.add_argument("arithmetic", choices=ARITHMETICS)
    showing = commands.add_parser("show")
    showing.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.command == "show":
        show(options.folder)
    elif options.command == "make":
        make(options.folder, options.models)
    elif int8_arithmetic() == options.arithmetic:
        _detect(options.model, options.table, TRUE_F32)
    return 0


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
