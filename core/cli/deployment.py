"""The command ``package``."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.datasets.source import DatasetSource, require_dataset
from core.deployment.job import PackageJob, PackageResult
from core.jobs.handover import require_new
from core.jobs.job import read_result
from core.optimize.recipe import remake_recipe
from core.values import Plain, to_plain


@dataclass(frozen=True)
class Packaged:
    """What the package has, and where it is."""

    result: PackageResult
    output: Path


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, help="a model file, or the folder of one")
    sub.add_argument("dataset", type=Path, help="whose images the self-test takes")
    sub.add_argument(
        "--output", type=Path, required=True, metavar="PATH", help="a new folder, or a .zip"
    )
    sub.add_argument(
        "--precision", choices=("f32", "bf16", "f16"), default="", help="default OpenVINO's choice"
    )


def _package(run: RunJob, options: argparse.Namespace) -> Packaged:
    output: Path = options.output.absolute()
    require_dataset(options.dataset)
    output.parent.mkdir(parents=True, exist_ok=True)
    require_new(output)
    with imported(run, options.model, options.dataset) as stored:
        remake_recipe(options.model, stored.xml.parent)
        job = PackageJob(
            model=stored.xml,
            dataset=DatasetSource(path=options.dataset.absolute()),
            name=output.name.removesuffix(".zip"),
            precision=options.precision,
            zipped=output.suffix.lower() == ".zip",
        )
        made = run(job, stored.xml.parent.parent / "package")
        result = read_result(made, PackageResult)
        shutil.move(made / result.file, output)
    return Packaged(result, output)


def _render(done: Packaged) -> str:
    return f"{done.output}: a package with a self-test on {done.result.examples} images."


def _plain(done: Packaged) -> Plain:
    return {**to_plain(done.result), "file": str(done.output)}


PACKAGE = Command(
    _add_arguments, _package, _render, "package model.xml images --output detector.zip", _plain
)
