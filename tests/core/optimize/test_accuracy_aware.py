"""Accuracy-aware: what may be lost is kept to, on images that did not calibrate, and told."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path

import openvino as ov
import pytest
from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.errors import InputError, JobCancelled
from core.inference.limited import LimitedDetector
from core.models.importing import Evidence, import_model
from core.models.plan import AccuracyTarget, QuantizationPlan
from core.models.stored import StoredModel
from core.optimize.accuracy_aware import Found, Subject, quantize_within
from core.optimize.evaluating import Evaluator, split
from core.optimize.nncf_control import AccuracyControl, OutOfTimeError, quantized_operations
from core.optimize.quantizing import quantize
from core.runtime import openvino_core
from core.sample import sample
from core.targets.target import judged
from core.wording.optimize import outcome_sentence
from tests.support import models
from tests.support.images import write_images

PLAN = QuantizationPlan(subset_size=4, preset="mixed")


@dataclass
class Said:
    """Stages and seconds left, as a job would hear of them."""

    stages: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def __call__(self, stage: str, done: int, total: int | None, left: float | None) -> None:
        self.stages.append(stage)
        if left is not None:
            self.left.append(left)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    """Random weights: every quantized layer changes what it finds."""
    folder = tmp_path_factory.mktemp("aware")
    write_images(folder / "images", 12)
    model = models.save(models.yolox(), folder / "model", "yolox", models.CLASSES)
    return import_model(model, folder, lambda *_: None, Evidence())


def images_of(stored: StoredModel) -> Dataset:
    return open_dataset(stored.xml.parent / "images", "calibration")


def evaluator_of(stored: StoredModel, target: AccuracyTarget) -> Evaluator:
    images = split(images_of(stored), PLAN, target, None).evaluated
    return Evaluator(stored.xml, stored.card.detector, images, target, lambda *_: None)


def run(stored: StoredModel, target: AccuracyTarget, said: Said | None = None) -> Found:
    images = split(images_of(stored), PLAN, target, None)
    subject = Subject(stored.xml, stored.card.detector, images)
    return quantize_within(subject, target, stored.xml.parent, said or Said())


def test_layers_are_put_back_until_the_drop_is_small_enough(stored: StoredModel) -> None:
    said = Said()
    found = run(stored, AccuracyTarget(max_drop=0.005, attempts=6), said)
    outcome = found.outcome
    assert outcome.parent == 1.0
    assert outcome.quantized < 0.995 <= outcome.optimized
    assert outcome.reached
    assert 0 < outcome.layers_in_float < outcome.layers
    assert (outcome.images, outcome.held_out) == (8, True)
    assert found.plan.accuracy is None
    assert any(stage.startswith("Attempt 2, drop 0.") for stage in said.stages)
    assert said.left == sorted(said.left, reverse=True)
    assert "8 held-out images of images" in outcome_sentence(outcome)
    assert list(stored.xml.parent.glob("tmp*")) == []


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_model_for_any_target_is_measured_with_vnni_and_without(stored: StoredModel) -> None:
    """Without overflow fix sums saturate: the worse of both is what counts."""
    target = AccuracyTarget(max_drop=0.005, attempts=1)
    plan = replace(PLAN, target="any", overflow_fix="off")
    images = split(images_of(stored), plan, target, None)
    subject = Subject(stored.xml, stored.card.detector, images)
    found = quantize_within(subject, target, stored.xml.parent, Said())
    assert found.outcome.arithmetics == ("exact", "saturating")
    assert "the worse of two" in outcome_sentence(found.outcome)
    with LimitedDetector() as limited:
        each = [
            Evaluator(
                stored.xml, stored.card.detector, images.evaluated, target, lambda *_: None,
                (how,), limited,
            ).measure(found.quantized.model)
            for how in judged("any", limited, lambda: None).runs
        ]  # fmt: skip
    assert found.outcome.optimized == min(each)
    assert each[0] != each[1], "so that it matters"


def test_what_ran_out_of_time_says_so_and_ranks_nothing(stored: StoredModel) -> None:
    said = Said()
    outcome = run(stored, AccuracyTarget(max_drop=0.0, minutes=1e-6), said).outcome
    assert (outcome.ended_early, outcome.attempts, outcome.layers_in_float) == ("time", 1, 0)
    assert not any("anking the layers" in stage for stage in said.stages)
    sentence = outcome_sentence(outcome)
    assert sentence.startswith("Not reached: ")
    assert "no layer was put back into float yet, after 1 attempt. It ended early, its time" in (
        sentence
    )
    assert "nothing had to be put back" not in sentence


def test_what_used_up_its_attempts_says_so(stored: StoredModel) -> None:
    outcome = run(stored, AccuracyTarget(max_drop=0.0, attempts=1)).outcome
    assert outcome.ended_early == "attempts"
    assert "More attempts may help" in outcome_sentence(outcome)


def test_the_plan_that_was_found_makes_the_same_weights_again(
    stored: StoredModel, tmp_path: Path
) -> None:
    found = run(stored, AccuracyTarget(max_drop=0.05, attempts=2))
    detector, images = stored.card.detector, images_of(stored)
    again = quantize(stored.xml, detector, images, found.plan, lambda *_: None).model
    weights = []
    for name, model in (("found", found.quantized.model), ("again", again)):
        ov.save_model(model, tmp_path / f"{name}.xml")
        weights.append((tmp_path / f"{name}.bin").read_bytes())
    assert weights[0] == weights[1]


def test_nncf_chooses_the_operations(stored: StoredModel) -> None:
    said = Said()
    found = run(stored, AccuracyTarget(max_drop=0.005, attempts=3, choosing="nncf"), said)
    outcome = found.outcome
    assert any("calculating ranking scores" in stage for stage in said.stages)
    assert outcome.attempts == 2
    assert outcome.nncf_stopped_after is None
    assert 1 <= outcome.layers_in_float < outcome.layers
    assert len(found.plan.ignored_names) == outcome.layers_in_float
    assert not set(found.plan.ignored_names) & set(quantized_operations(found.quantized.model))
    assert outcome.optimized >= outcome.quantized


def test_nncf_that_is_too_slow_is_stopped(stored: StoredModel) -> None:
    target = AccuracyTarget(max_drop=0.02, attempts=2, choosing="nncf")
    slow = AccuracyControl(evaluator_of(stored, target), target, lambda *_: None, lambda: True)
    model = openvino_core().read_model(stored.xml)
    with pytest.raises(OutOfTimeError):
        slow.put_back(model, model, stored.card.detector, images_of(stored), PLAN)


def test_what_cannot_be_reached_is_said(stored: StoredModel) -> None:
    found = run(stored, AccuracyTarget(max_drop=0.0, attempts=2))
    assert not found.outcome.reached
    assert found.outcome.attempts == 2
    assert found.outcome.optimized >= found.outcome.quantized
    assert outcome_sentence(found.outcome).startswith("Not reached: accuracy kept ")


def test_without_time_the_first_attempt_is_taken(stored: StoredModel) -> None:
    found = run(stored, AccuracyTarget(max_drop=0.0, minutes=1e-6))
    assert found.outcome.attempts == 1


def test_a_cancel_stops_in_the_middle(stored: StoredModel) -> None:
    def cancelled(stage: str, done: int, total: int | None, left: float | None) -> None:
        if stage.endswith("collecting statistics"):
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run(stored, AccuracyTarget(max_drop=0.0), cancelled)  # type: ignore[arg-type]


def test_images_that_calibrate_are_never_evaluated_on(tmp_path: Path) -> None:
    mine = open_dataset(write_images(tmp_path / "mine", 12), "calibration")
    plan = QuantizationPlan(seed=3)
    own = split(mine, plan, AccuracyTarget(images=5), None)
    used = {mine.images[place] for place in mine.subset(own.plan.subset_size, own.plan.seed)}
    assert (len(used), len(own.evaluated.images)) == (8, 4)
    assert not used & set(own.evaluated.images)
    small = split(mine, PLAN, AccuracyTarget(images=5), None)
    assert (small.plan, len(small.evaluated.images)) == (PLAN, 5)
    theirs = open_dataset(write_images(tmp_path / "theirs", 6, first=9), "calibration")
    others = split(mine, PLAN, AccuracyTarget(), theirs)
    assert others.evaluated.images == tuple(f"image {number:03}.jpg" for number in (12, 13, 14))
    assert others.calibration == mine
    with pytest.raises(InputError, match="All images of mine are calibration images"):
        split(mine, PLAN, AccuracyTarget(), mine)
    few = open_dataset(write_images(tmp_path / "few", 3), "calibration")
    with pytest.raises(InputError, match="too few images to hold some out"):
        split(few, PLAN, AccuracyTarget(), None)


def test_the_metrics_of_a_parent_and_of_itself(tmp_path: Path) -> None:
    """By the ground truth of the sample's images, which its detector was trained for."""
    validation = open_dataset(sample().validation)
    images = [validation.path(number) for number in range(4)]
    parent = import_model(sample().model, tmp_path, lambda *_: None, Evidence(images=images))
    calibration = open_dataset(sample().calibration, "calibration")
    for metric in ("accuracy_kept", "coco_ap", "voc_map"):
        target = AccuracyTarget(metric=metric, images=20)
        used = split(calibration, PLAN, target, validation).evaluated
        evaluator = Evaluator(parent.xml, parent.card.detector, used, target, lambda *_: None)
        again = evaluator.measure(ov.Core().read_model(parent.xml))
        assert again == pytest.approx(evaluator.parent)
        whole = pytest.approx(1.0) if metric == "accuracy_kept" else pytest.approx(0.6, abs=0.39)
        assert evaluator.parent == whole


def test_images_that_cannot_be_read_are_not_evaluated_on(
    stored: StoredModel, tmp_path: Path
) -> None:
    write_images(tmp_path, 3)
    (tmp_path / "broken.jpg").write_bytes(b"?")
    dataset, target = open_dataset(tmp_path), AccuracyTarget()
    evaluator = Evaluator(stored.xml, stored.card.detector, dataset, target, lambda *_: None)
    assert len(evaluator.dataset.images) == 3
    compiled = ov.Core().compile_model(stored.xml, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert evaluator.of_images(compiled, [0, 1, 2]) == (1.0, [1.0] * 3)
    assert evaluator.of_images(compiled, [1]) == (1.0, [1.0])


def test_ground_truth_that_is_not_there_is_asked_for(stored: StoredModel) -> None:
    with pytest.raises(InputError, match="images has no annotations to measure accuracy by"):
        run(stored, AccuracyTarget(metric="coco_ap"))
