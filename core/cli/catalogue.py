"""How the terminal shows the catalogue of models."""

from __future__ import annotations

from core.cli.rendering import Rendered, Table
from core.values import Plain


def render_catalogue(result: Plain) -> Rendered:
    """A row for each model that can be got; or the one that was."""
    if "models" not in result:
        return str(result["model"])
    return [
        Table(
            ("name", "finds", "input", "MB", "accuracy as published"),
            [_row(model) for model in result["models"]],
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
