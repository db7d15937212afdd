"""The command ``compare-machines``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_job, benchmark_on
from core.benchmark.settings import DEFAULT_SECONDS, BenchmarkedModel, BenchmarkSettings
from core.cli.arguments import seconds
from core.cli.command import Command, RunJob
from core.cli.imported import all_imported
from core.cli.rendering import Rendered, rendered
from core.cli.run_arguments import add_device
from core.datasets.source import DatasetSource, require_dataset
from core.documents.tables import Table
from core.errors import InputError, WorkbenchError
from core.folders import temporary_folder
from core.inference.settings import InferenceSettings
from core.jobs.job import read_result
from core.machine_comparison.comparing import OnMachine, machine_table
from core.machines.machine import THIS
from core.machines.run_on import host_for
from core.models.stored import StoredModel
from core.refusals import require_file
from core.reports.predictions.kind import PredictionsJob, PredictionsResult
from core.reports.sent import report_on
from core.values import Plain, to_json, to_plain, write_bytes_whole

_SUFFIXES = (".csv", ".json")
_TOGETHER = (
    "Each machine measured in its own turn; figures of different machines were not measured "
    "together."
)


@dataclass(frozen=True)
class Compared:
    """What the machines measured, what the optimized model is called, and the file of it."""

    machines: tuple[OnMachine, ...]
    optimized: str
    output: Path | None = None

    @property
    def table(self) -> Table:
        """A row for each machine, model and precision."""
        return machine_table(self.machines, self.optimized)


@dataclass(frozen=True)
class _Asked:
    """What each machine is to do."""

    models: Sequence[tuple[str, StoredModel]]
    dataset: Path | None
    settings: BenchmarkSettings


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("parent", type=Path, help="the model before optimization")
    sub.add_argument("optimized", type=Path, help="the model made from it")
    sub.add_argument(
        "dataset", type=Path, nargs="?", help="images for the verdict; without any, speed alone"
    )
    sub.add_argument(
        "--run-on",
        action="append",
        required=True,
        metavar="NAME",
        help=f"a host to run on, once for each; 'machines list' lists them, {THIS!r} is this "
        "machine",
    )
    sub.add_argument(
        "--seconds",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"maximum time of measuring on each machine (default: {DEFAULT_SECONDS:g})",
    )
    add_device(sub)
    sub.add_argument("--output", type=Path, metavar="FILE", help="output file: .csv or .json")


def _compare(run: RunJob, options: argparse.Namespace) -> Compared:
    output: Path | None = options.output
    if output is not None:
        if output.suffix.lower() not in _SUFFIXES:
            raise InputError(f"{output} must end in .csv or .json.", "Give it another name.")
        require_file(output)
    names = tuple(dict.fromkeys(options.run_on))
    for name in names:
        host_for(name)  # before any work
    if options.dataset is not None:
        require_dataset(options.dataset)
    settings = BenchmarkSettings(seconds=options.seconds, device=options.device)
    with all_imported(run, (options.parent, options.optimized), options.dataset) as models:
        asked = _Asked(models, options.dataset, settings)
        done = tuple(_on(name, run, asked) for name in names)
        compared = Compared(done, models[1][0], output)
    if all(one.benchmark is None for one in done):
        raise WorkbenchError(f"Nothing was measured. {done[0].problem}")
    if output is not None:
        as_csv = output.suffix.lower() == ".csv"
        write_bytes_whole(output, compared.table.csv() if as_csv else to_json(_plain(compared)))
    return compared


def _on(name: str, run: RunJob, asked: _Asked) -> OnMachine:
    """What one machine measures; others go on where it fails."""
    benchmark: BenchmarkResult | None = None
    report: PredictionsResult | None = None
    try:
        with temporary_folder() as folder:
            job = benchmark_job(
                [BenchmarkedModel(name=title, xml=one.xml) for title, one in asked.models],
                asked.settings,
            )
            benchmark = read_result(
                run(benchmark_on(job, name), folder / "benchmark"), BenchmarkResult
            )
            if asked.dataset is not None:
                report = _report(name, run, asked, asked.dataset, folder / "report")
    except WorkbenchError as error:
        return OnMachine(machine=name, benchmark=benchmark, problem=str(error))
    return OnMachine(machine=name, benchmark=benchmark, report=report)


def _report(
    name: str, run: RunJob, asked: _Asked, dataset: Path, folder: Path
) -> PredictionsResult:
    (_, parent), (_, optimized) = asked.models
    job = PredictionsJob(
        parent=parent.xml,
        optimized=optimized.xml,
        dataset=DatasetSource(path=dataset),
        settings=InferenceSettings(device=asked.settings.device),
    )
    return read_result(run(report_on(job, name), folder), PredictionsResult)


def _render(compared: Compared) -> Rendered:
    problems = [f"{one.machine}: {one.problem}" for one in compared.machines if one.problem]
    return [rendered(compared.table), *problems, _TOGETHER]


def _plain(compared: Compared) -> Plain:
    found: Plain = {
        "optimized": compared.optimized,
        "rows": compared.table.records(),
        "machines": to_plain(compared.machines),
    }
    return found if compared.output is None else {**found, "output": str(compared.output)}


COMPARE_MACHINES = Command(
    _add_arguments,
    _compare,
    _render,
    f"compare-machines parent.xml int8.xml images --run-on {THIS} --run-on board",
    _plain,
)
