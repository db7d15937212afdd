"""The command ``package``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.deployment.job import PackageResult
from core.deployment.points import ChosenPoint
from core.deployment.service import deliver_package, package_job
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


def _package(run: RunJob, options: argparse.Namespace) -> Packaged:
    output: Path = options.output.absolute()
    require_new(output)
    chosen = _chosen(options)
    with imported(run, options.model, options.dataset) as stored:
        remake_recipe(options.model, stored.xml.parent)
        job = package_job(stored.xml, options.dataset, output, options.precision, chosen)
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
    return f"{done.output}: a package with a self-test on {counted(done.result.examples, 'image')}."


def _plain(done: Packaged) -> Plain:
    return {**to_plain(done.result), "file": str(done.output)}


PACKAGE = Command(
    _add_arguments, _package, _render, "package model.xml images --output detector.zip", _plain
)
