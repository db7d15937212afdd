"""The command ``tutorial``: import, quantize, benchmark, compare."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from core.benchmark.settings import BenchmarkSettings
from core.cli.arguments import positive
from core.cli.benchmark import Benchmarked, benchmark_models
from core.cli.benchmark import plain as plain_benchmark
from core.cli.benchmark import render as render_benchmark
from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.cli.importing import described
from core.cli.optimize import Optimized, optimize_stored, plain_optimized, render_optimized
from core.cli.rendering import Rendered, join
from core.cli.reports import MadeReport, make_report
from core.datasets.source import require_dataset
from core.errors import InputError
from core.folders import appearing
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.refusals import require_folder
from core.reports.predictions.kind import Predictions
from core.sample import sample
from core.values import Plain, write_json
from core.wording.benchmark import speed_sentence
from core.workspace.projects import OPTIMIZED, PARENT

SECONDS = 10.0


@dataclass(frozen=True)
class Tutorial:
    """What each of the steps gave."""

    model: Plain
    optimize: Optimized
    benchmark: Benchmarked
    report: MadeReport

    @property
    def verdict(self) -> str:
        """Of accuracy, and of speed."""
        accuracy, *_ = self.report.kind.summary(self.report.report)
        return f"{accuracy} {speed_sentence(self.benchmark.result)}"


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """A model and its datasets, or none for the sample."""
    sub.add_argument(
        "model", type=Path, nargs="?", help="a model file; leave it out to use the sample"
    )
    sub.add_argument(
        "calibration",
        type=Path,
        nargs="?",
        metavar="CALIBRATION_DATASET",
        help="calibration images: a folder or an archive",
    )
    sub.add_argument("dataset", type=Path, nargs="?", help="images to compare both models on")
    sub.add_argument("--output", type=Path, required=True, metavar="DIR", help="output folder")
    sub.add_argument(
        "--seconds",
        type=positive,
        default=SECONDS,
        metavar="S",
        help=f"time of all measurements together (default: {SECONDS:g})",
    )


def run_tutorial(run: RunJob, options: argparse.Namespace) -> Tutorial:
    """Everything into the folder ``--output``."""
    output: Path = options.output
    model, calibration, dataset = _material(options)
    require_dataset(calibration)
    require_dataset(dataset)
    require_folder(output)
    with imported(run, model, calibration) as parent, appearing(output) as work:
        optimize = optimize_stored(run, parent, calibration, work, QuantizationPlan())
        optimized = load_stored(optimize.model)
        done = Tutorial(
            model=described(parent),
            optimize=replace(optimize, folder=output),
            benchmark=benchmark_models(
                run,
                [(PARENT, parent), (OPTIMIZED, optimized)],
                BenchmarkSettings(seconds=options.seconds),
            ),
            report=make_report(
                run, (parent.xml, optimized.xml), dataset, work / "report", Predictions()
            ),
        )
        write_json(work / "tutorial.json", plain(done))
    return done


def render(done: Tutorial) -> Rendered:
    """What is worth reading of each step."""
    return join(render_optimized(done.optimize), render_benchmark(done.benchmark), done.verdict)


def plain(done: Tutorial) -> Plain:
    """The same as ``tutorial.json`` has it."""
    return {
        "model": done.model,
        "optimize": plain_optimized(done.optimize),
        "benchmark": plain_benchmark(done.benchmark),
        "report": done.report.plain,
        "verdict": done.verdict,
    }


def _material(options: argparse.Namespace) -> tuple[Path, Path, Path]:
    """Model, images for calibration, and images to compare on."""
    parts = (options.model, options.calibration, options.dataset)
    if parts == (None, None, None):
        ours = sample()
        return ours.model, ours.calibration, ours.validation
    if None in parts:
        raise InputError(
            "A model alone is not enough.",
            "Name MODEL CALIBRATION_DATASET DATASET, or none of them for the sample.",
        )
    return parts


TUTORIAL = Command(add_arguments, run_tutorial, render, "tutorial --output out", plain)
