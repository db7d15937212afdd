"""The command ``package``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from core.benchmark.recommending import Aim, Goal, require_possible
from core.cli.arguments import number
from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.deployment.inside import Where
from core.deployment.job import PackageResult
from core.deployment.points import ChosenPoint
from core.deployment.service import deliver_package, package_job
from core.deployment.wording import package_sentences
from core.errors import InputError
from core.metrics.operating_point.basis import BASES
from core.optimize.recipe import remake_recipe
from core.refusals import require_new
from core.text import counted
from core.values import Plain, to_plain


@dataclass(frozen=True)
class Packaged:
    """What the package has, and where it is."""

    result: PackageResult
    output: Path


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, help="a model file, or its folder")
    sub.add_argument("dataset", type=Path, help="images for the self-test")
    sub.add_argument(
        "--output", type=Path, required=True, metavar="PATH", help="a new folder, or a .zip file"
    )
    sub.add_argument(
        "--precision",
        choices=("f32", "bf16", "f16"),
        default="",
        help="compute precision (default: OpenVINO chooses)",
    )
    sub.add_argument(
        "--operating-point", type=Path, metavar="REPORT",
        help="use the score thresholds of this report of the kind operating-point",
    )  # fmt: skip
    sub.add_argument(
        "--basis",
        choices=tuple(one.replace("_", "-") for one in BASES),
        help="which of its thresholds (default: those that it recommends)",
    )
    _add_running(sub)


def _add_running(sub: argparse.ArgumentParser) -> None:
    running = sub.add_argument_group("how the package runs")
    for flag, what in (
        ("--preprocessing", "takes decoded pixels itself"),
        ("--nms", "lists detections itself, after NMS"),
    ):
        running.add_argument(
            flag,
            choices=tuple(one.replace("_", "-") for one in get_args(Where)),
            default="outside",
            help=f"inside: the network {what}; if-faster: where that is measured to be faster "
            "(default: outside)",
        )
    running.add_argument(
        "--goal", choices=get_args(Aim),
        help="measure ways to run for most images a second, or the shortest time of one, and write "
        "the best into the package",
    )  # fmt: skip
    running.add_argument(
        "--most-ms", type=number, metavar="MS",
        help="latency that 95 of 100 images keep to, with the goal throughput",
    )  # fmt: skip
    running.add_argument(
        "--cores-free", type=int, metavar="N", help="logical cores to leave to others (default: 0)"
    )


def _goal(options: argparse.Namespace) -> Goal | None:
    if options.goal is None:
        if options.most_ms is not None or options.cores_free is not None:
            raise InputError("There is no goal.", "Add --goal throughput or --goal latency.")
        return None
    if options.most_ms is not None and not 0 < options.most_ms < _LONGEST_MS:
        raise InputError("The limit of latency is no time.", "Use milliseconds, such as 40.")
    if options.cores_free is not None and options.cores_free < 0:
        raise InputError("Fewer than no cores cannot be left free.", "Use 0 or more.")
    goal = Goal(aim=options.goal, most_ms=options.most_ms, cores_free=options.cores_free or 0)
    require_possible(goal)
    return goal


_LONGEST_MS = 1e6


def _package(run: RunJob, options: argparse.Namespace) -> Packaged:
    output: Path = options.output.absolute()
    require_new(output)
    chosen, goal = _chosen(options), _goal(options)
    with imported(run, options.model, options.dataset) as stored:
        remake_recipe(options.model, stored.xml.parent)
        where, nms = (one.replace("-", "_") for one in (options.preprocessing, options.nms))
        precision = options.precision
        job = package_job(stored.xml, options.dataset, output, precision, chosen, where, nms, goal)
        folder = run(job, stored.xml.parent.parent / "package")
        return Packaged(deliver_package(folder, output), output)


def _chosen(options: argparse.Namespace) -> ChosenPoint | None:
    """The operating point, read once before any work; raises as `ChosenPoint.read` does."""
    if options.operating_point is None:
        if options.basis is not None:
            raise InputError("There is no operating point.", "Add --operating-point REPORT.")
        return None
    basis = next((one for one in BASES if one.replace("_", "-") == options.basis), None)
    chosen = ChosenPoint(options.operating_point, basis)
    chosen.read()
    return chosen


def _render(done: Packaged) -> str:
    made = f"a package with a self-test on {counted(done.result.examples, 'image')}"
    return " ".join((f"{done.output}: {made}.", *package_sentences(done.result)))


def _plain(done: Packaged) -> Plain:
    return {**to_plain(done.result), "file": str(done.output)}


PACKAGE = Command(
    _add_arguments, _package, _render, "package model.xml images --output detector.zip", _plain
)
