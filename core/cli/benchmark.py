"""The command ``benchmark``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.benchmark.sent import SentBenchmarkJob
from core.benchmark.service import benchmark_job, benchmark_on, resume_job
from core.benchmark.settings import (
    DEFAULT_SECONDS,
    MOST_THREADS,
    NARROW,
    BenchmarkedModel,
    BenchmarkSettings,
    ModeHint,
    RunMode,
    and_to_boxes,
    grid,
    hinted,
)
from core.cli.arguments import filled, positive_int, seconds, seed, share
from core.cli.command import Command, RunJob
from core.cli.imported import all_imported
from core.cli.rendering import Rendered, Table
from core.cli.run_arguments import PRECISIONS, add_device, add_run_on
from core.errors import InputError
from core.folders import temporary_folder
from core.jobs.job import read_result
from core.machines.run_on import host_for
from core.models.stored import StoredModel
from core.values import Plain, to_plain
from core.wording.benchmark import machine_sentence, noise_sentences, remarks, speed_sentence
from core.wording.benchmark_runs import ran_text
from core.wording.to_boxes import PART_TITLES, parts_cells, to_boxes_sentences

_HINTS: dict[str, tuple[ModeHint, ...]] = {
    "throughput": ("throughput",),
    "latency": ("latency",),
    "both": ("throughput", "latency"),
}
_MOST = 64  # streams, images of a batch, requests: more are a slip of the finger


@dataclass(frozen=True)
class Benchmarked:
    """What a benchmark measured, and the folder that holds it, if one was named."""

    result: BenchmarkResult
    output: Path | None = None

    @property
    def sentences(self) -> list[str]:
        """What it comes to."""
        result = self.result
        found = [speed_sentence(result), *remarks(result), *noise_sentences(result.noise)]
        return [*filter(None, found), *to_boxes_sentences(result)]


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """Models, settings, and where the result goes."""
    sub.add_argument(
        "models", type=Path, nargs="+", metavar="MODEL", help="model files; the parent first"
    )
    sub.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="output folder for the result and the raw samples",
    )
    sub.add_argument("--resume", action="store_true", help="resume the benchmark in --output")
    _add_time(sub.add_argument_group("how long"))
    _add_modes(sub.add_argument_group("what is measured"))
    _add_run(sub.add_argument_group("how the models run"))


def _add_run(sub: argparse._ActionsContainer) -> None:
    add_device(sub)
    add_run_on(sub, "measure")
    sub.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help="number of threads of one model (default: OpenVINO's choice)",
    )
    sub.add_argument(
        "--precision-hint",
        type=_precisions,
        default=("f32", "default"),
        metavar="P,P...",
        help=f"any of {', '.join(PRECISIONS)} (default: f32,default)",
    )
    sub.add_argument(
        "--images", type=Path, metavar="DATASET", help="run on these images, not on random pixels"
    )
    sub.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="random seed of order and pixels (default: 0)",
    )


def _add_time(sub: argparse._ActionsContainer) -> None:
    much = sub.add_mutually_exclusive_group()
    much.add_argument(
        "--seconds",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"maximum time of all runs together (default: {DEFAULT_SECONDS:g})",
    )
    much.add_argument(
        "--iterations", type=positive_int, metavar="N", help="number of inferences of each run"
    )
    sub.add_argument(
        "--narrow",
        type=share,
        default=NARROW,
        metavar="S",
        help="end early once all intervals are narrower than this share of their ratio; 0: never",
    )


def _add_modes(sub: argparse._ActionsContainer) -> None:
    sub.add_argument(
        "--hint",
        choices=tuple(_HINTS),
        default="both",
        help="OpenVINO's performance hint (default: both)",
    )
    sub.add_argument(
        "--streams",
        type=_counts,
        metavar="N,N...",
        help="numbers of streams, instead of a hint; each is run with each batch size",
    )
    sub.add_argument(
        "--batch", type=_counts, default=(1,), metavar="N,N...", help="batch sizes (default: 1)"
    )
    sub.add_argument("--requests", type=positive_int, metavar="N", help="infer requests in flight")
    sub.add_argument(
        "--end-to-end",
        choices=("file", "memory"),
        help="also measure from the encoded image, in a file or in memory, to boxes; with --images",
    )


def run_benchmark(run: RunJob, options: argparse.Namespace) -> Benchmarked:
    """Measure the speed of one model, or of several in turns."""
    output: Path | None = options.output
    host_for(options.run_on)  # before any work
    if options.resume and output is None:
        raise InputError("The benchmark to resume is missing.", "Specify its folder with --output.")
    if options.resume and options.run_on is not None:
        raise InputError("A benchmark is resumed where it was begun.", "Leave --run-on out.")
    if output is not None and output.exists() and not output.is_dir():
        raise InputError(f"{output} is not a folder.", "Specify a folder for --output.")
    with all_imported(run, options.models) as models:
        named = _named(models)
        if options.resume and output is not None:
            return _run(run, resume_job(output, named, options.images), output)
        job = benchmark_job(named, _settings(options), options.images)
        return _run(run, benchmark_on(job, options.run_on), output)


def benchmark_models(
    run: RunJob, models: Sequence[tuple[str, StoredModel]], settings: BenchmarkSettings
) -> Benchmarked:
    """Speed of stored models under these names, in turns."""
    return _run(run, benchmark_job(_named(models), settings), None)


def render(done: Benchmarked) -> Rendered:
    """A table of the runs, and what they come to."""
    result = done.result
    parts: list[str | Table] = [
        Table(
            ("model", "asked", "executed", "mode", "FPS (quartiles)", "latency p50/p90/p99 ms"),
            [_run_row(run, result) for run in result.runs],
        ),
        machine_sentence(result),
    ]
    parts += _parts_tables(result)
    if result.stopped:
        parts.append("Stopped before its time was up; --resume measures the rest.")
    return [*parts, *done.sentences]


def _parts_tables(result: BenchmarkResult) -> list[str | Table]:
    """Of the runs that go to boxes, milliseconds of an image in each part."""
    rows = [
        (run.model, run.precision_hint, run.mode.label, *parts_cells(run.parts_ms))
        for run in result.runs
        if run.parts_ms is not None
    ]
    return [Table(("model", "asked", "mode", *PART_TITLES.values()), rows)] if rows else []


def plain(done: Benchmarked) -> Plain:
    """What is stored, with the sentences that follow from it, and where it is stored."""
    found: Plain = {**to_plain(done.result), "sentences": done.sentences}
    return found if done.output is None else {**found, "output": str(done.output)}


def _run_row(run: BenchmarkRun, result: BenchmarkResult) -> tuple[str, ...]:
    fps, latency = run.throughput_spread_fps, run.latency_ms
    return (
        run.model,
        run.precision_hint,
        ran_text(run, result),
        run.mode.label,
        f"{fps.median:.1f} ({fps.low:.1f} to {fps.high:.1f})",
        f"{latency.p50:.2f} / {latency.p90:.2f} / {latency.p99:.2f}",
    )


def _run(run: RunJob, job: BenchmarkJob | SentBenchmarkJob, output: Path | None) -> Benchmarked:
    if output is not None:
        return Benchmarked(read_result(run(job, output), BenchmarkResult), output)
    with temporary_folder() as folder:
        return Benchmarked(read_result(run(job, folder / "benchmark"), BenchmarkResult))


def _named(models: Sequence[tuple[str, StoredModel]]) -> list[BenchmarkedModel]:
    return [BenchmarkedModel(name=name, xml=stored.xml) for name, stored in models]


def _settings(options: argparse.Namespace) -> BenchmarkSettings:
    if host_for(options.run_on) is None:
        from core.inference.machine import require_device

        require_device(options.device)
    return filled(
        BenchmarkSettings,
        options,
        precision_hints=options.precision_hint,
        modes=_modes(options),
        input="random" if options.images is None else "dataset",
    )


def _modes(options: argparse.Namespace) -> tuple[RunMode, ...]:
    if options.streams is not None:
        alone = grid(options.streams, options.batch, options.requests)
    else:
        alone = hinted(_HINTS[options.hint], options.batch, options.requests)
    if options.end_to_end is None:
        return alone
    if options.images is None:
        raise InputError("--end-to-end needs images.", "Specify a dataset with --images.")
    if 1 not in options.batch:
        raise InputError("From an image to boxes goes one image at a time.", "Add --batch 1.")
    return and_to_boxes(alone, options.end_to_end)


def _counts(text: str) -> tuple[int, ...]:
    values = tuple(dict.fromkeys(positive_int(part) for part in text.split(",")))
    if max(values) > _MOST:
        raise argparse.ArgumentTypeError(f"{max(values)} is more than {_MOST}")
    return values


def _threads(text: str) -> int:
    number = positive_int(text)
    if number > MOST_THREADS:
        raise argparse.ArgumentTypeError(f"{number} is more than {MOST_THREADS}")
    return number


def _precisions(text: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(text.split(",")))
    unknown = [value for value in values if value not in PRECISIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(PRECISIONS)}")
    return values


BENCHMARK = Command(
    add_arguments,
    run_benchmark,
    render,
    "benchmark parent.xml int8.xml --seconds 30",
    plain,
)
