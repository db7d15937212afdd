"""What the terminal's ``benchmark`` does, and its flags."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from core.benchmark.job import BenchmarkJob
from core.benchmark.plan import (
    DEFAULT_SECONDS,
    HINTED,
    NARROW,
    BenchmarkPlan,
    BenchmarkResult,
    Contestant,
    Setting,
    grid,
)
from core.cli.rendering import Rendered, Table
from core.datasets.source import DatasetSource
from core.errors import InputError
from core.inference.compiling import DEFAULT_DEVICE, PrecisionHint
from core.jobs.job import RESULT_FILE, Job
from core.models.stored import StoredModel
from core.values import Plain, read_json, to_plain

PRECISIONS: tuple[PrecisionHint, ...] = get_args(PrecisionHint)
_MOST = 64  # streams, pictures of a batch, requests: more are a slip of the finger


@dataclass(frozen=True)
class SpeedOptions:
    """What is wanted of a benchmark.

    Attributes:
        plan: everything but the models.
        dataset: where pictures come from, if they are to be measured on.
        output: a folder for the result and the raw samples; None for none.
        go_on: whether to go on with a stopped benchmark of the same models in that folder.
    """

    plan: BenchmarkPlan
    dataset: Path | None = None
    output: Path | None = None
    go_on: bool = False


def add_speed_arguments(sub: argparse.ArgumentParser) -> None:
    """Every part of a benchmark's plan."""
    sub.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="the parent first")
    much = sub.add_mutually_exclusive_group()
    much.add_argument(
        "--seconds",
        type=_positive,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"for all the measuring together, at most (default {DEFAULT_SECONDS:g})",
    )
    much.add_argument("--iterations", type=_count, metavar="N", help="inferences of each run")
    sub.add_argument("--device", default=DEFAULT_DEVICE, metavar="NAME", help="see 'devices'")
    sub.add_argument(
        "--hint",
        choices=("throughput", "latency", "both"),
        default="both",
        help="what OpenVINO is to aim at",
    )
    sub.add_argument(
        "--streams", type=_counts, metavar="N,N...", help="instead of a hint; each with each batch"
    )
    sub.add_argument("--batch", type=_counts, default=(1,), metavar="N,N...", help="pictures")
    sub.add_argument("--requests", type=_count, metavar="N", help="inferences in flight")
    sub.add_argument(
        "--precision-hint",
        type=_precisions,
        default=("f32", "default"),
        metavar="P,P...",
        help=f"of {', '.join(PRECISIONS)} (default: f32,default)",
    )
    sub.add_argument("--images", type=Path, metavar="DATASET", help="instead of random pixels")
    sub.add_argument(
        "--narrow",
        type=_share,
        default=NARROW,
        metavar="S",
        help="end when all intervals are narrower than this share of their ratio; 0: never",
    )
    sub.add_argument("--seed", type=_seed, default=0, metavar="N", help="of order and pixels")
    sub.add_argument("--output", type=Path, metavar="DIR", help="keep result and raw samples")
    sub.add_argument("--go-on", action="store_true", help="with what was stopped in --output")


def speed_options(options: argparse.Namespace) -> SpeedOptions:
    """What the flags say; raises InputError where they contradict each other."""
    if options.go_on and options.output is None:
        raise InputError("What to go on with is missing.", "Name its folder with --output.")
    if options.output is not None and options.output.exists() and not options.output.is_dir():
        raise InputError(f"{options.output} is not a folder.", "Name a folder for --output.")
    if options.images is not None and not options.images.exists():
        raise InputError(f"There is no {options.images}.", "Check the path after --images.")
    plan = BenchmarkPlan(
        contestants=(),
        precision_hints=options.precision_hint,
        settings=_settings(options),
        seconds=options.seconds,
        iterations=options.iterations,
        narrow=options.narrow,
        device=options.device,
        input="random" if options.images is None else "dataset",
        seed=options.seed,
    )
    return SpeedOptions(plan, options.images, options.output, options.go_on)


def _settings(options: argparse.Namespace) -> tuple[Setting, ...]:
    if options.streams is not None:
        return grid(options.streams, options.batch, options.requests)
    hints = HINTED if options.hint == "both" else (Setting(hint=options.hint),)
    return tuple(
        msgspec.structs.replace(hint, batch=batch, requests=options.requests)
        for hint in hints
        for batch in options.batch
    )


def measure_models(
    run: Callable[[Job, Path], Path],
    models: Sequence[tuple[str, StoredModel]],
    options: SpeedOptions,
) -> Plain:
    """Measure stored models under these names."""
    contestants = tuple(Contestant(name=name, xml=stored.xml) for name, stored in models)
    plan, earlier = options.plan, None
    if options.go_on and options.output is not None:
        before = read_json(options.output / RESULT_FILE, BenchmarkResult)
        if before.plan is None or [one.name for one in before.plan.contestants] != [
            one.name for one in contestants
        ]:
            raise InputError(
                f"The benchmark in {options.output} is of other models.",
                "Name the same models in the same order, or leave out --go-on.",
            )
        plan, earlier = before.plan, options.output
    request = BenchmarkJob(
        plan=msgspec.structs.replace(plan, contestants=contestants),
        dataset=None if options.dataset is None else DatasetSource(path=options.dataset),
        earlier=earlier,
    )
    if options.output is not None:
        folder = run(request, options.output)
        return {**_plain(folder), "output": str(folder)}
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        return _plain(run(request, Path(temporary) / "benchmark"))


def _plain(folder: Path) -> Plain:
    result: Plain = to_plain(read_json(folder / RESULT_FILE, BenchmarkResult))
    return result


def render_speed(result: Plain) -> Rendered:
    """A table of the runs, and what they come to."""
    machine = result["machine"]
    has = ", ".join(machine["instruction_sets"]) or "unknown"
    parts: list[str | Table] = [
        Table(
            ("model", "asked", "executed", "setting", "FPS (quartiles)",
             "latency p50/p90/p99 ms"),
            [_run_row(run) for run in result["runs"]],
        ),
        f"{machine['device_name']} ({machine['device']}), {machine['logical_cores']} logical "
        f"cores, instruction sets: {has}; {result['rounds']} rounds of at least "
        f"{result['round_seconds']:.2f} s a run, OpenVINO {machine['openvino']}",
    ]  # fmt: skip
    if result["stopped"]:
        parts.append("Stopped before its time was up; --go-on goes on with it.")
    noise = result["noise"]["sentences"] if result["noise"] else ()
    sentences = (result["sentence"], *result["advice"], *result["problems"])
    return [*parts, *filter(None, sentences), *noise]


def _run_row(run: Plain) -> tuple[str, ...]:
    fps, latency = run["throughput_spread_fps"], run["latency_ms"]
    return (
        run["model"],
        run["precision_hint"],
        run["precision_executed"],
        msgspec.convert(run["setting"], Setting).label,
        f"{fps['median']:.1f} ({fps['low']:.1f} to {fps['high']:.1f})",
        f"{latency['p50']:.2f} / {latency['p90']:.2f} / {latency['p99']:.2f}",
    )


def render_devices(result: Plain) -> Rendered:
    """A device each line."""
    return [Table(("", ""), [(one["device"], one["name"]) for one in result["devices"]])]


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not value >= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _seed(text: str) -> int:
    return abs(int(text))


def _counts(text: str) -> tuple[int, ...]:
    values = tuple(dict.fromkeys(_count(part) for part in text.split(",")))
    if max(values) > _MOST:
        raise argparse.ArgumentTypeError(f"{max(values)} is more than {_MOST}")
    return values


def _precisions(text: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(text.split(",")))
    unknown = [value for value in values if value not in PRECISIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(PRECISIONS)}")
    return values
