"""From an encoded image to boxes: what is measured, in which parts, and what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.arrays import load_arrays, save_arrays
from core.benchmark import to_boxes
from core.benchmark.conversation import TakeTurn
from core.benchmark.measuring import benchmark
from core.benchmark.no_gain import no_gain
from core.benchmark.parts import PARTS, Parts, typical
from core.benchmark.runs import Earlier
from core.benchmark.samples import Samples, Turn, load_samples, save_samples
from core.benchmark.service import benchmark_job
from core.benchmark.settings import (
    HINTED,
    LATENCY,
    BenchmarkedModel,
    BenchmarkSettings,
    RunMode,
    Start,
    and_to_boxes,
    grid,
)
from core.benchmark.to_boxes import ToBoxes
from core.datasets.open import open_dataset
from core.detection.detections import Detections
from core.errors import InputError, WorkbenchError
from core.inference.predicting import predict
from core.models.decoders.registry import decoder_of
from core.models.detector import Detector
from core.models.stored import load_stored
from core.runtime import openvino_core
from core.wording.benchmark import speed_sentence
from core.wording.to_boxes import to_boxes_sentences
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.benchmarks import MACHINE, ratio_of, result_of, run_of

PARTS_MS = Parts(decode=2.0, prepare=1.0, infer=6.0, boxes=1.0)
FILE = msgspec.structs.replace(LATENCY, start="file")


def nothing(stage: str, done: int, total: int | None) -> None:
    """A step that goes on."""


def images_of(made: Made) -> tuple[Path, ...]:
    return tuple(sorted(made.images.iterdir()))


def measured_by(made: Made, requests: int, start: Start = "file", *more: Path) -> ToBoxes:
    xml = model_of(made.parent)
    in_f32 = {"INFERENCE_PRECISION_HINT": "f32"}  # as `predict` runs it, also where bf16 is usual
    compiled = openvino_core().compile_model(str(xml), "CPU", in_f32)
    detector = load_stored(xml).card.detector
    mode = RunMode(start=start)
    return ToBoxes(compiled, requests, detector, [*images_of(made), *more], mode)


def test_modes_of_one_image_are_measured_to_boxes_as_well() -> None:
    assert and_to_boxes(HINTED, "input") == HINTED
    labels = [mode.label for mode in and_to_boxes(grid([1], [1, 2]), "memory")]
    assert labels == [
        "1 stream x batch 1",
        "1 stream x batch 2",
        "1 stream x batch 1, memory to boxes",
    ]


@pytest.mark.parametrize("start", ["file", "memory"])
@pytest.mark.parametrize("requests", [1, 3])
def test_what_is_timed_finds_what_the_program_finds(
    made: Made, monkeypatch: pytest.MonkeyPatch, requests: int, start: Start
) -> None:
    found: list[Detections] = []

    class Recording:
        def __init__(self, detector: Detector) -> None:
            self._decoder = decoder_of(detector)

        def decode(self, *given: Any) -> Detections:
            found.append(self._decoder.decode(*given))
            return found[-1]

    monkeypatch.setattr(to_boxes, "decoder_of", Recording)
    turn, parts = measured_by(made, requests, start).turn(TakeTurn(seconds=0, iterations=9))
    assert len(turn.latencies_ms) == 9
    assert turn.fps > 0
    assert min(getattr(parts, name) for name in PARTS) > 0
    # Waiting for a free request is in the latency, and in no part.
    assert turn.latencies_ms.mean() >= parts.whole * 0.999
    if requests == 1:
        assert turn.latencies_ms.mean() == pytest.approx(parts.whole, rel=0.2)
        assert 1000 / turn.fps >= parts.whole * 0.999, "the parts are within the whole"

    wanted = predict(
        model_of(made.parent),
        load_stored(model_of(made.parent)).card.detector,
        open_dataset(made.images),
    ).table
    known = [np.round(one.boxes, 3).tolist() for one in wanted]
    seen = [np.round(one.boxes, 3).tolist() for one in found]
    assert all(boxes in known for boxes in seen)
    assert all(boxes in seen for boxes in known), "every image has its turn"


def test_images_that_cannot_be_read_are_left_out(made: Made, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    turn, _ = measured_by(made, 1, "file", broken).turn(TakeTurn(seconds=0, iterations=9))
    assert len(turn.latencies_ms) == 9
    xml = model_of(made.parent)
    detector = load_stored(xml).card.detector
    in_f32 = {"INFERENCE_PRECISION_HINT": "f32"}  # as `predict` runs it, also where bf16 is usual
    compiled = openvino_core().compile_model(str(xml), "CPU", in_f32)
    with pytest.raises(InputError, match=r"None of the 1 images can be read, such as .*broken"):
        ToBoxes(compiled, 1, detector, [broken], FILE)


@pytest.mark.parametrize("requests", [1, 2])
def test_an_image_that_goes_away_ends_the_turn_with_its_cause(
    made: Made, tmp_path: Path, requests: int
) -> None:
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(images_of(made)[0].read_bytes())
    measured = measured_by(made, requests, "file", copy)
    copy.unlink()
    with pytest.raises(InputError, match=r"copy\.jpg"):
        measured.turn(TakeTurn(seconds=0, iterations=40))
    assert not [one for one in threading.enumerate() if one.name.startswith("image ")]


def test_a_benchmark_measures_both_in_turns_and_goes_on_where_it_was(
    made: Made, tmp_path: Path
) -> None:
    models = [BenchmarkedModel(name="parent", xml=model_of(made.parent))]
    settings = BenchmarkSettings(
        precision_hints=("f32",),
        modes=and_to_boxes(HINTED, "file"),
        seconds=0.2,
        input="dataset",
    )
    found, samples = benchmark(models, settings, nothing, images=images_of(made))
    assert [run.mode.label for run in found.runs] == [
        "throughput", "latency", "throughput, file to boxes", "latency, file to boxes"
    ]  # fmt: skip
    assert [run.parts_ms is None for run in found.runs] == [True, True, False, False]
    assert found.run("parent", "f32", "latency") == found.runs[1], "of the network alone"
    whole = found.runs[3]
    assert whole.requests == 1
    assert whole.parts_ms == typical(samples[3].parts_ms)
    assert len(samples[3].parts_ms) == len(whole.throughput_rounds_fps)

    save_samples(tmp_path / "samples.npz", samples)
    earlier = Earlier(found, load_samples(tmp_path / "samples.npz", 4))
    again, _ = benchmark(models, settings, nothing, images=images_of(made), earlier=earlier)
    assert again.runs == found.runs


@pytest.mark.parametrize(
    "parts", [np.ones((1, 3)), np.ones((2, 4)), np.full((1, 4), np.nan), np.zeros((1, 4))]
)
def test_parts_that_are_no_measurements_are_refused(tmp_path: Path, parts: Any) -> None:
    path = tmp_path / "samples.npz"
    save_samples(path, [Samples([Turn(1.0, np.ones(3, np.float32), PARTS_MS)])])
    (kept,) = load_samples(path, 1)
    assert kept.parts_ms == [PARTS_MS]
    save_arrays(path, {**load_arrays(path), "parts_ms_0": parts})
    with pytest.raises(WorkbenchError, match="cannot be read"):
        load_samples(path, 1)


def test_images_are_needed() -> None:
    settings = BenchmarkSettings(modes=and_to_boxes(HINTED, "file"))
    with pytest.raises(InputError, match="needs images, and this benchmark runs on random pixels"):
        benchmark_job([], settings)


def test_parts_have_shares_and_a_longest() -> None:
    assert (PARTS_MS.whole, PARTS_MS.longest, PARTS_MS.share("decode")) == (10.0, "infer", 0.2)
    assert typical([]) is None
    more = Parts(decode=4.0, prepare=1.0, infer=8.0, boxes=3.0)
    assert typical([PARTS_MS, more]) == Parts(decode=3.0, prepare=1.0, infer=7.0, boxes=2.0)
    least = Parts(decode=9.0, prepare=0.0, infer=0.0, boxes=0.0)
    assert typical([more, least, PARTS_MS]) == PARTS_MS, "of one round, so that they add up"


def runs_of(model: str, faster: float, **more: Any) -> Mapping[str, Any]:
    many = msgspec.structs.replace(HINTED[0], start="file")
    usual = {"precision_hint": "default", "precision_executed": "int8", "parts_ms": PARTS_MS}
    return {
        "many": run_of(model, 100 * faster, 20, mode=many, requests=2, **usual, **more),
        "alone": run_of(model, 100, 9, mode=FILE, **usual, **more),
    }


def test_it_is_told_with_shares_and_ratios() -> None:
    parent, optimized = runs_of("parent", 1), runs_of("optimized", 2)
    network = run_of("parent", 500, precision_hint="default"), run_of("optimized", 900)
    mode = optimized["many"].mode
    ratios = (ratio_of(3.0, against_precision_hint="f32", mode=mode), ratio_of(1.0, mode=mode))
    in_f32 = run_of("parent", 50, precision_hint="f32", precision_executed="f32", mode=mode)
    result = result_of(*network, in_f32, *parent.values(), *optimized.values(), ratios=ratios)
    in_flight, against, one_by_one = (to_boxes_sentences(result)[place] for place in (1, 2, 4))
    assert in_flight == (
        "The optimized model, default (int8), reaches 200.0 FPS from file to boxes, 2 in flight; "
        "the longest part is inference, 6.00 ms of an image."
    )
    assert against == (
        "The optimized model's throughput from file to boxes, 2 in flight, is 3.00 times (2.99 "
        "to 3.01) that of the parent, true f32, and within the noise, 1.00 times (0.99 to 1.01) "
        "that of the parent, default (int8)."
    )
    assert one_by_one == (
        "The optimized model, default (int8), takes 10.00 ms an image from file to boxes, one "
        "after the other: decoding 2.00 ms (20%), preparing 1.00 ms (10%), inference 6.00 ms "
        "(60%), boxes 1.00 ms (10%)."
    )
    starts = [one.split(",")[0] for one in to_boxes_sentences(result)]
    assert starts == [
        "The parent",
        "The optimized model",
        "The optimized model's throughput from file to boxes",
        "The parent",
        "The optimized model",
    ], "models stand beside what they are compared with"
    assert to_boxes_sentences(result_of(run_of())) == []


def test_the_network_alone_is_what_speed_and_advice_are_about() -> None:
    parent, optimized = runs_of("parent", 1), runs_of("optimized", 2)
    network = (
        run_of("parent", 50, precision_hint="default"),
        run_of("optimized", 45, precision_hint="default", precision_layers={"int8": 3}),
    )
    runs = (*network, *parent.values(), *optimized.values())
    ratios = (ratio_of(0.9), ratio_of(2.0, mode=FILE))
    found = no_gain(MACHINE, runs, ratios)
    assert found[0].instead == 0
    assert "0.90 times" in speed_sentence(result_of(*runs, ratios=ratios))
    assert "2.00" not in speed_sentence(result_of(*runs, ratios=ratios))
