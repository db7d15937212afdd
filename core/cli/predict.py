"""The command ``predict``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import add_model_and_dataset
from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.cli.run_arguments import add_run_arguments, add_target, asked_settings
from core.cli.workspaces import add_detection_cache, add_machine_choice, detections_cache
from core.inference.words import executed_text
from core.machines.service import machine_for
from core.predict.job import PredictResult
from core.predict.service import bring_coco_results, predict_job
from core.refusals import require_file
from core.remarks.words import counted
from core.values import Plain, to_plain


@dataclass(frozen=True)
class Predicted:
    """How much was found, and the file that it is in."""

    result: PredictResult
    output: Path


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    add_model_and_dataset(sub)
    sub.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="output file, COCO results (JSON)",
    )
    how = sub.add_argument_group("how the model runs")
    add_run_arguments(how)
    add_target(how, "where the model is to run; it is run as that target computes")
    add_machine_choice(how)
    add_detection_cache(sub)


def _predict(run: RunJob, options: argparse.Namespace) -> Predicted:
    output: Path = options.output
    require_file(output, options.model)
    machine = machine_for(options.machine)
    settings = asked_settings(options)
    with imported(run, options.model, options.dataset) as stored:
        job = predict_job(
            *(stored, options.dataset, settings, options.target),
            detections_cache(options.workspace),
            fresh=options.fresh,
            machine=machine,
        )
        folder = run(job, stored.xml.parent / "prediction")
        return Predicted(bring_coco_results(folder, output), output)


def _render(done: Predicted) -> str:
    result = done.result
    return (
        f"{counted(result.detections, 'detections')} in {counted(result.images, 'images')}, "
        f"in {done.output}.\n"
        f"The model: {executed_text(result.executed)}."
    )


def _plain(done: Predicted) -> Plain:
    return {"output": str(done.output), **to_plain(done.result)}


PREDICT = Command(
    _add_arguments,
    _predict,
    _render,
    "predict model.xml images --output detections.json",
    _plain,
)
