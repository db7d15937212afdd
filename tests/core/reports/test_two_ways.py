"""One model run in two ways: a device that computes one image wrongly is seen."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

from core.datasets.source import DatasetSource
from core.errors import InputError
from core.inference.executed import runs_in_true_f32
from core.inference.settings import AS_IT_RUNS, TRUE_F32, InferenceSettings
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.metrics.matching.thresholds import Thresholds
from core.predict.detecting import OPTIMIZED_F32_FILE
from core.reports.kind import ReportOptions
from core.reports.predictions.kind import PredictionsJob
from core.reports.two_ways.kind import TwoWays, TwoWaysJob, load_two_ways
from core.reports.wording import headline_text
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.images import write_images
from tests.support.reports import whole

OTHER_DEVICE = InferenceSettings(device="AUTO", precision_hint="f32")
LOW = ReportOptions(thresholds=Thresholds(score=0.01), against=TRUE_F32)
WRONG = 13  # the image, from 1 on, that the stand-in computes wrongly


class FaultyRequest:
    """An inference whose outputs are nothing but zeros where it is `wrong`."""

    def __init__(self, request: ov.InferRequest, numbers: queue.SimpleQueue[int]) -> None:
        self._request, self._numbers, self._wrong = request, numbers, False

    def start_async(self, tensors: Any, *, share_inputs: bool) -> None:
        self._wrong = self._numbers.get() == WRONG
        self._request.start_async(tensors, share_inputs=share_inputs)

    def wait(self) -> None:
        self._request.wait()

    @property
    def output_tensors(self) -> list[ov.Tensor]:
        whole = [tensor.data for tensor in self._request.output_tensors]
        return [ov.Tensor(np.zeros_like(data) if self._wrong else data.copy()) for data in whole]


class FaultyModel:
    """Stands in for a model on a device that goes wrong in one of 20 images."""

    def __init__(self, compiled: ov.CompiledModel) -> None:
        self._compiled = compiled
        self._numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(1, 21):
            self._numbers.put(number)

    def create_infer_request(self) -> FaultyRequest:
        return FaultyRequest(self._compiled.create_infer_request(), self._numbers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


class OnFaultyDevice(TwoWaysJob, tag="on_faulty_device"):
    """The job, where AUTO is a device that goes wrong."""

    def compiled(self, model: ov.Model, settings: InferenceSettings) -> Any:
        ready = super().compiled(model, settings)
        return FaultyModel(ready) if settings == OTHER_DEVICE else ready


def test_one_wrong_image_of_20_is_seen(made: Made, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 20)
    model = model_of(made.parent)
    wanted = {
        "parent": model,
        "optimized": model,
        "dataset": DatasetSource(path=images),
        "settings": OTHER_DEVICE,
        "options": LOW,
    }
    right = run_job(TwoWaysJob(**wanted), tmp_path / "right").require()  # type: ignore[arg-type]
    report = load_two_ways(right)
    assert report.result.summary.images_changed == 0
    assert report.result.summary.a == report.result.summary.b > 20

    wrong = tmp_path / "wrong"
    wrong.mkdir()
    context = JobContext(wrong, lambda message: None, threading.Event())
    result = OnFaultyDevice(**wanted).run(context)  # type: ignore[arg-type]
    write_json(wrong / RESULT_FILE, result)
    report = load_two_ways(wrong)
    summary = report.result.summary
    assert (summary.images, summary.images_changed, summary.a_only) == (20, 1, 0)
    assert summary.worst_images == ("image 012.jpg",)
    first, *others = whole(TwoWays().tables(report)["images"]).records()
    assert (first["image"], first["a"], first["b_only"]) == ("image 012.jpg", 0, first["b"])
    assert all(one["damage"] == 0 for one in others)
    headline = headline_text(TwoWays().headline(result))
    lost = f"0 on A only, {first['b']} on B only, 0 changed class"
    assert headline == f"1 of 20 images differs: {lost}"
    both = TwoWays().versus(load_two_ways(right), report).images
    assert both is not None
    titles = [column.title for column in both.table().columns]
    assert "On B only, first" in titles
    assert "On A only, second" in titles
    assert not any("Missed" in title or "Extra" in title for title in titles), "no model is right"
    worst = both.table().records()[0]
    assert (worst["b_only_first"], worst["b_only_second"]) == (0, first["b"])
    page = TwoWays().page(report)
    assert "B: asked CPU, true f32; executed f32" in page
    assert "A: asked AUTO, true f32; executed f32" in page
    assert "image 012.jpg" in page


def test_two_ways_that_are_one_are_refused(made: Made, tmp_path: Path) -> None:
    model = model_of(made.parent)
    job = TwoWaysJob(
        parent=model,
        optimized=model,
        dataset=DatasetSource(path=made.images),
        settings=TRUE_F32,
        options=LOW,
    )
    with pytest.raises(InputError, match="Both ways are CPU, true f32"):
        run_job(job, tmp_path / "report").require()


EXACT = InferenceSettings(precision_hint="f32", int8="exact")


@pytest.mark.parametrize("settings", [AS_IT_RUNS, TRUE_F32, EXACT])
def test_the_optimized_model_runs_in_true_f32_too_where_that_is_another_thing(
    made: Made, tmp_path: Path, settings: InferenceSettings
) -> None:
    """So that what INT8 did is told from what bfloat16 did; nothing is inferred twice."""
    job = PredictionsJob(
        parent=model_of(made.parent),
        optimized=model_of(made.optimized),
        dataset=DatasetSource(path=made.images),
        settings=settings,
    )
    folder = run_job(job, tmp_path / "report").require()
    assert (folder / OPTIMIZED_F32_FILE).is_file() is not runs_in_true_f32(settings)
