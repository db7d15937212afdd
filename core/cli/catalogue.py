"""The command ``catalogue``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.catalogue.entries import CatalogueEntry, catalogue, entry_named
from core.catalogue.job import DownloadJob, DownloadResult
from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.folders import appearing
from core.jobs.job import take_result
from core.refusals import require_folder
from core.values import Plain, to_plain


@dataclass(frozen=True)
class Found:
    """Models of the catalogue, or the file of the one that was downloaded."""

    entries: tuple[CatalogueEntry, ...]
    model: Path | None = None


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("action", choices=("list", "get"), help="list all models, or download one")
    sub.add_argument("name", nargs="?", help="for get: the name of a model in the list")
    sub.add_argument("--output", type=Path, metavar="DIR", help="for get: output folder")


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
    with appearing(output) as work:
        run(DownloadJob(entry=entry, parts=parts), work)
        model = take_result(work, DownloadResult).model
    return Found((entry,), output / model)


def _render(found: Found) -> Rendered:
    if found.model is not None:
        return str(found.model)
    return [
        Table(
            ("name", "finds", "input", "MB", "accuracy as published"),
            [_row(entry) for entry in found.entries],
            numbers=("MB",),
        )
    ]


def _row(entry: CatalogueEntry) -> tuple[str, ...]:
    shape = entry.input.shape
    height, width = shape[1:3] if entry.input.layout == "NHWC" else shape[2:]
    best = entry.accuracy[0] if entry.accuracy else None
    published = f"{best.value:g}{best.unit} {best.metric}" if best else "none"
    size = f"{entry.size_bytes / 1e6:.1f}"
    return entry.name, entry.task, f"{width}x{height}", size, published


def _plain(found: Found) -> Plain:
    if found.model is not None:
        return {**_described(found.entries[0]), "model": str(found.model)}
    return {"models": [_described(entry) for entry in found.entries]}


def _described(entry: CatalogueEntry) -> Plain:
    """All facts, and some that follow from them."""
    return {
        **to_plain(entry),
        "size_bytes": entry.size_bytes,
        "hosts": list(entry.hosts),
        "source": entry.model_yml.url,
    }


CATALOGUE = Command(_add_arguments, _find, _render, "catalogue list", _plain)
