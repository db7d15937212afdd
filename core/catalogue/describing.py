"""Entries of the catalogue as plain values and as lines of text, for the terminal."""

from __future__ import annotations

from typing import Any

from core.catalogue.entries import CatalogueEntry
from core.values import to_plain


def described(entry: CatalogueEntry) -> dict[str, Any]:
    """All facts, and some that follow from them."""
    return {
        **to_plain(entry),
        "size_bytes": entry.size_bytes,
        "hosts": list(entry.hosts),
        "source": entry.model_yml.url,
    }


def listing(models: list[dict[str, Any]]) -> str:
    """A line for each described model, under a heading."""
    rows = [("name", "finds", "input", "MB", "accuracy as published")]
    for model in models:
        channels_last = model["input"]["layout"] == "NHWC"
        height, width = (
            model["input"]["shape"][1:3] if channels_last else model["input"]["shape"][2:]
        )
        best = model["accuracy"][0] if model["accuracy"] else None
        published = f"{best['value']:g}{best['unit']} {best['metric']}" if best else "none"
        size = f"{model['size_bytes'] / 1e6:.1f}"
        rows.append((model["name"], model["task"], f"{width}x{height}", size, published))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column == 3 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
