"""The command ``catalogue``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.catalogue.describing import described
from core.catalogue.downloading import TIMEOUT_SECONDS
from core.catalogue.entries import CatalogueEntry, catalogue, entry_named
from core.catalogue.job import DownloadJob
from core.cli.arguments import require_folder
from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.jobs.job import RESULT_FILE
from core.values import Plain


@dataclass(frozen=True)
class Found:
    """Models of the catalogue, or the file of the one that was downloaded."""

    entries: tuple[CatalogueEntry, ...]
    model: Path | None = None


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("action", choices=("list", "get"), help="list all, or download one")
    sub.add_argument("name", nargs="?", help="for get: a model of the list")
    sub.add_argument("--output", type=Path, metavar="DIR", help="for get: a folder, for the model")


def _find(run: RunJob, options: argparse.Namespace) -> Found:
    if options.action == "list":
        return Found(catalogue())
    output: Path | None = options.output
    if options.name is None or output is None:
        raise InputError(
            "What to get, or where to put it, is missing.",
            "Type: catalogue get NAME --output DIR.",
        )
    require_folder(output)
    entry = entry_named(options.name)
    parts = output.parent / f".{entry.name}.download"  # to be resumed from, if it breaks off
    folder = run(DownloadJob(entry=entry, parts=parts, timeout_seconds=TIMEOUT_SECONDS), output)
    (folder / RESULT_FILE).unlink()  # it says what the catalogue says
    return Found((entry,), folder / entry.model_file)


def _render(found: Found) -> Rendered:
    if found.model is not None:
        return str(found.model)
    return [
        Table(
            ("name", "finds", "input", "MB", "accuracy as published"),
            [_row(described(entry)) for entry in found.entries],
            numbers=("MB",),
        )
    ]


def _row(model: Plain) -> tuple[str, ...]:
    channels_last = model["input"]["layout"] == "NHWC"
    height, width = model["input"]["shape"][1:3] if channels_last else model["input"]["shape"][2:]
    best = model["accuracy"][0] if model["accuracy"] else None
    published = f"{best['value']:g}{best['unit']} {best['metric']}" if best else "none"
    size = f"{model['size_bytes'] / 1e6:.1f}"
    return model["name"], model["task"], f"{width}x{height}", size, published


def _plain(found: Found) -> Plain:
    if found.model is not None:
        return {**described(found.entries[0]), "model": str(found.model)}
    return {"models": [described(entry) for entry in found.entries]}


CATALOGUE = Command(_add_arguments, _find, _render, "catalogue list", _plain)
