"""The commands that make datasets, packages and project files, and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from core.cli.arguments import positive_int, share
from core.cli.commands import Commands
from core.cli.datasets import OTHER, check_dataset, render_check
from core.cli.transfer import (
    add_export_project_arguments,
    add_import_project_arguments,
    export_project,
    import_project,
    render_transfer,
)
from core.images.augment import MAX_COPIES, Augmentation
from core.values import Plain


def add_dataset_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """``create-dataset`` and ``check-dataset``."""
    sub = add(
        "create-dataset",
        _create_dataset,
        _render_create_dataset,
        "Copy images, and variants of them, into a dataset of their own.",
    )
    _add_augmentation(sub)

    sub = add("check-dataset", _check_dataset, render_check, "What to know before relying on it.")
    sub.add_argument("dataset", type=Path)
    sub.add_argument("other", type=Path, nargs="?", help="that it should share no images with")
    sub.add_argument("--role", choices=tuple(OTHER), default="validation")


def _add_augmentation(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="a file or a folder")
    sub.add_argument("--output", type=Path, required=True, help="a folder, new or empty")
    sub.add_argument(
        "--flip", choices=("horizontal", "vertical", "both"), help="add mirrored images"
    )
    for name, help_text in (
        ("erase", "add images with a rectangle of noise on up to this share of them"),
        ("noise", "add images with noise of this standard deviation"),
        ("brightness", "add images that are so much brighter or darker at most"),
        ("contrast", "add images with so much more or less contrast at most"),
        ("color", "add images with so much more or less colour at most"),
    ):
        sub.add_argument(f"--{name}", type=share, default=0.0, metavar="S", help=help_text)
    sub.add_argument("--copies", type=positive_int, default=1, metavar="N", help="of each kind")
    sub.add_argument("--seed", type=int, default=0, metavar="N")


def _create_dataset(commands: Commands, options: argparse.Namespace) -> Plain:
    augmentation = Augmentation(
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
    return commands.create_dataset(options.images, options.output, augmentation)


def _render_create_dataset(result: Plain) -> str:
    left_out = len(result["problems"])
    lines = [
        f"{result['images']} images and {result['variants']} variants of them, "
        f"in {result['dataset']}."
    ]
    if left_out:
        lines.append(f"{left_out} were left out; the first one: {result['problems'][0]}")
    return "\n".join(lines)


def _check_dataset(commands: Commands, options: argparse.Namespace) -> Plain:
    return check_dataset(commands.run, options.dataset, options.other, options.role)


def add_package_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """``package``, ``export-project`` and ``import-project``."""
    sub = add("package", _package, _render_package, "A detector that runs without this program.")
    sub.add_argument("model", type=Path)
    sub.add_argument("dataset", type=Path, help="whose images the self-test takes")
    sub.add_argument("--output", type=Path, required=True, help="a new folder, or a .zip")
    sub.add_argument("--precision", choices=("f32", "bf16", "f16"), default="", help="to run with")
    sub = add(
        "export-project", _export_project, render_transfer, "A project of a workspace as one file."
    )
    add_export_project_arguments(sub)
    sub = add("import-project", _import_project, render_transfer, "Such a file into a workspace.")
    add_import_project_arguments(sub)


def _export_project(commands: Commands, options: argparse.Namespace) -> Plain:
    return export_project(commands.run, options)


def _import_project(commands: Commands, options: argparse.Namespace) -> Plain:
    return import_project(commands.run, options)


def _package(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.package(options.model, options.dataset, options.output, options.precision)


def _render_package(result: Plain) -> str:
    return f"{result['file']}: a package with a self-test on {result['examples']} images."
