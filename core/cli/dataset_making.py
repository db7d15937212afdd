"""The commands ``create-dataset`` and ``check-dataset``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import positive_int, require_folder, share
from core.cli.command import Command, RunJob
from core.dataset_making.job import (
    CheckDatasetJob,
    CheckDatasetResult,
    CreateDatasetJob,
    CreateDatasetResult,
)
from core.datasets.source import DatasetSource
from core.errors import InputError
from core.folders import temporary_folder
from core.images.augment import MAX_COPIES, Augmentation
from core.jobs.job import RESULT_FILE, read_result
from core.values import Plain, to_plain

_OTHER = {"calibration": "validation", "validation": "calibration"}
_AMOUNTS = (
    ("erase", "add images with a rectangle of noise on up to this share of them"),
    ("noise", "add images with noise of this standard deviation"),
    ("brightness", "add images that are so much brighter or darker at most"),
    ("contrast", "add images with so much more or less contrast at most"),
    ("color", "add images with so much more or less colour at most"),
)


@dataclass(frozen=True)
class Created:
    """A dataset that was made, and its folder."""

    result: CreateDatasetResult
    folder: Path


def _add_create_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="a file or a folder")
    sub.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a folder, new or empty"
    )
    group = sub.add_argument_group("augmentation (each adds images, and may be combined)")
    group.add_argument(
        "--flip", choices=("horizontal", "vertical", "both"), help="add mirrored images"
    )
    for name, help_text in _AMOUNTS:
        group.add_argument(f"--{name}", type=share, default=0.0, metavar="S", help=help_text)
    group.add_argument(
        "--copies", type=positive_int, default=1, metavar="N", help="of each kind (default 1)"
    )
    group.add_argument("--seed", type=int, default=0, metavar="N", help="of chance (default 0)")


def _create(run: RunJob, options: argparse.Namespace) -> Created:
    output: Path = options.output
    require_folder(output)
    if output.is_dir() and any(output.iterdir()):
        raise InputError(f"{output} is not empty.", "Name a new folder for --output.")
    job = CreateDatasetJob(
        images=tuple(path.absolute() for path in options.images),
        augmentation=_augmentation(options),
        name=output.absolute().name,
    )
    folder = run(job, output)
    result = read_result(folder, CreateDatasetResult)
    (folder / RESULT_FILE).unlink()  # the dataset's file says the same
    return Created(result, folder)


def _augmentation(options: argparse.Namespace) -> Augmentation:
    return Augmentation(
        horizontal_flip=options.flip in ("horizontal", "both"),
        vertical_flip=options.flip in ("vertical", "both"),
        erase=options.erase,
        noise=options.noise,
        brightness=options.brightness,
        contrast=options.contrast,
        color=options.color,
        copies=min(options.copies, MAX_COPIES),
        seed=abs(options.seed),
    )


def _render_created(done: Created) -> str:
    result, left_out = done.result, len(done.result.problems)
    lines = [
        f"{result.images} images and {result.augmented} augmented images of them, in {done.folder}."
    ]
    if left_out:
        lines.append(f"{left_out} were left out; the first one: {result.problems[0]}")
    return "\n".join(lines)


def _plain_created(done: Created) -> Plain:
    return {**to_plain(done.result), "dataset": str(done.folder)}


def _add_check_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("dataset", type=Path, help="a folder of images, or an archive")
    sub.add_argument("other", type=Path, nargs="?", help="that it should share no images with")
    sub.add_argument(
        "--role", choices=tuple(_OTHER), default="validation", help="default validation"
    )


def _check(run: RunJob, options: argparse.Namespace) -> CheckDatasetResult:
    other = None
    if options.other is not None:
        other = DatasetSource(path=options.other, role=_OTHER[options.role])
    source = DatasetSource(path=options.dataset, role=options.role)
    with temporary_folder() as temporary:
        folder = run(CheckDatasetJob(dataset=source, against=other), temporary / "check")
        return read_result(folder, CheckDatasetResult)


def _render_checked(checked: CheckDatasetResult) -> str:
    facts = checked.facts
    boxes = f", {facts.boxes:,} boxes of {len(facts.class_names)} classes"
    title = f"{facts.name}: {facts.images:,} images ({facts.kind})"
    lines = [title + (boxes if facts.annotated else ", not annotated"), f"  {facts.root}"]
    return "\n".join([*lines, *(f"  - {warning}" for warning in facts.warnings)])


def _plain_checked(checked: CheckDatasetResult) -> Plain:
    plain: Plain = to_plain(checked.facts)
    del plain["file"]
    return {**plain, "shared": list(checked.shared)}


CREATE_DATASET = Command(
    _add_create_arguments,
    _create,
    _render_created,
    "create-dataset photos --output calibration --flip horizontal",
    _plain_created,
)
CHECK_DATASET = Command(
    _add_check_arguments,
    _check,
    _render_checked,
    "check-dataset images/val images/train",
    _plain_checked,
)
