"""The commands ``create-dataset`` and ``check-dataset``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import filled, positive_int, seed, share
from core.cli.command import Command, RunJob
from core.dataset_making.job import CheckDatasetResult, CreateDatasetResult
from core.dataset_making.service import OTHER_ROLE, check_dataset_job, create_dataset_job
from core.folders import appearing, temporary_folder
from core.images.augment import Augmentation
from core.jobs.job import read_result, take_result
from core.refusals import require_empty
from core.remarks.sentences import sentence, sentences
from core.remarks.words import counted
from core.values import Plain, to_plain

_AMOUNTS = (
    ("erase", "add images with a noise rectangle, up to this share of the image"),
    ("noise", "add images with noise of this standard deviation (share of the full range)"),
    ("brightness", "add images with brightness changed by up to this share"),
    ("contrast", "add images with contrast changed by up to this share"),
    ("color", "add images with saturation changed by up to this share"),
)


@dataclass(frozen=True)
class Created:
    """A dataset that was made, and its folder."""

    result: CreateDatasetResult
    folder: Path


def _add_create_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "images", type=Path, nargs="+", metavar="IMAGE", help="an image file, or a folder of them"
    )
    sub.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="output folder, new or empty"
    )
    group = sub.add_argument_group(
        "augmentation (each option adds images; options can be combined)"
    )
    group.add_argument(
        "--flip", choices=("horizontal", "vertical", "both"), help="add flipped images"
    )
    for name, help_text in _AMOUNTS:
        group.add_argument(f"--{name}", type=share, default=0.0, metavar="S", help=help_text)
    group.add_argument(
        "--copies",
        type=positive_int,
        default=1,
        metavar="N",
        help="augmented images per kind (default: 1)",
    )
    group.add_argument("--seed", type=seed, default=0, metavar="N", help="random seed (default: 0)")


def _create(run: RunJob, options: argparse.Namespace) -> Created:
    output: Path = options.output
    require_empty(output)
    name = output.absolute().name
    with appearing(output) as work:
        run(create_dataset_job(options.images, _augmentation(options), name), work)
        result = take_result(work, CreateDatasetResult)
    return Created(result, output)


def _augmentation(options: argparse.Namespace) -> Augmentation:
    return filled(
        Augmentation,
        options,
        horizontal_flip=options.flip in ("horizontal", "both"),
        vertical_flip=options.flip in ("vertical", "both"),
    )


def _render_created(done: Created) -> str:
    result, left_out = done.result, len(done.result.problems)
    lines = [
        f"{counted(result.images, 'images')} and "
        f"{counted(result.augmented, 'augmented images')} made of them, in {done.folder}."
    ]
    if left_out:
        were = "was" if left_out == 1 else "were"
        lines.append(f"{left_out:,} {were} left out; the first one: {sentence(result.problems[0])}")
    return "\n".join(lines)


def _plain_created(done: Created) -> Plain:
    return {**to_plain(done.result), "dataset": str(done.folder)}


def _add_check_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("dataset", type=Path, help="a folder or archive of images")
    sub.add_argument(
        "other", type=Path, nargs="?", help="a second dataset: images in both are reported"
    )
    sub.add_argument(
        "--role",
        choices=tuple(OTHER_ROLE),
        default="validation",
        help="what the dataset is for (default: validation)",
    )


def _check(run: RunJob, options: argparse.Namespace) -> CheckDatasetResult:
    job = check_dataset_job(options.dataset, options.role, options.other)
    with temporary_folder() as temporary:
        return read_result(run(job, temporary / "check"), CheckDatasetResult)


def _render_checked(checked: CheckDatasetResult) -> str:
    facts = checked.facts
    classes = counted(len(facts.class_names), "classes")
    boxes = f", {counted(facts.boxes, 'boxes')} of {classes}"
    title = f"{facts.name}: {counted(facts.images, 'images')} ({facts.kind})"
    lines = [title + (boxes if facts.annotated else ", not annotated"), f"  {facts.root}"]
    return "\n".join([*lines, *(f"  - {warning}" for warning in sentences(facts.warnings))])


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
