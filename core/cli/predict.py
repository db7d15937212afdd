"""The command ``predict``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import add_model_and_dataset
from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.datasets.source import DatasetSource, require_dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.jobs.job import read_result
from core.predict.coco_results import coco_results
from core.predict.job import DETECTIONS_FILE, PredictJob, PredictResult
from core.values import Plain, to_plain, write_json


@dataclass(frozen=True)
class Predicted:
    """How much was found, and the file that it is in."""

    result: PredictResult
    output: Path


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    add_model_and_dataset(sub)
    sub.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="a file, for COCO results"
    )
    sub.add_argument(
        "--precision-hint", choices=("f32", "default"), default="f32", help="default f32: true f32"
    )


def _predict(run: RunJob, options: argparse.Namespace) -> Predicted:
    output: Path = options.output
    require_dataset(options.dataset)
    if output.is_dir():
        raise InputError(f"{output} is a folder.", "Name a file for --output.")
    with imported(run, options.model, options.dataset) as stored:
        job = PredictJob(
            model=stored.xml,
            dataset=DatasetSource(path=options.dataset),
            precision_hint=options.precision_hint,
        )
        folder = run(job, stored.xml.parent / "prediction")
        result = read_result(folder, PredictResult)
        output.parent.mkdir(parents=True, exist_ok=True)
        write_json(output, coco_results(DetectionTable.load(folder / DETECTIONS_FILE)))
    return Predicted(result, output)


def _render(done: Predicted) -> str:
    result = done.result
    return f"{result.detections} detections in {result.images} images, in {done.output}."


def _plain(done: Predicted) -> Plain:
    return {"output": str(done.output), **to_plain(done.result)}


PREDICT = Command(
    _add_arguments,
    _predict,
    _render,
    "predict model.xml images --output detections.json",
    _plain,
)
