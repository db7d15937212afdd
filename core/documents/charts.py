"""Charts as inline SVG; colours that colour-blind readers tell apart, dashes as second channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.html import text

BLUE, VERMILION, ORANGE, PURPLE, GREEN, GREY = (
    "#0072b2", "#d55e00", "#e69f00", "#cc79a7", "#009e73", "#8a93a3",
)  # fmt: skip
_INK, _GRID = "#1c2330", "#dfe3ea"
_ROW, _NAME, _BAR = 22, 170, 560


@dataclass(frozen=True)
class Series:
    """One part of every bar, or one line; `values` are one a bar, or one a point."""

    name: str
    colour: str
    values: Sequence[float]
    dashed: bool = False


def stacked_bars(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """One bar a name, the series one after the other."""
    totals = [sum(one.values[row] for one in series) for row in range(len(names))]
    scale = _BAR / max(max(totals, default=0), 1e-9)
    parts = []
    for row, name in enumerate(names):
        y, x = 34 + row * _ROW, float(_NAME)
        parts.append(_text(_NAME - 8, y + 14, _short(name, 24), "end"))
        for one in series:
            width = one.values[row] * scale
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{_ROW - 6}" '
                f'fill="{one.colour}"><title>{text(f"{name}: {one.name} {one.values[row]:g}")}'
                "</title></rect>"
            )
            x += width
        parts.append(_text(x + 6, y + 14, f"{totals[row]:g}", "start"))
    return _svg(title, _NAME + _BAR + 70, 40 + len(names) * _ROW, [_legend(series), *parts])


def heat_map(
    title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> str:
    """A matrix of counts: the more, the darker; what lies on the diagonal blue, the rest red."""
    left, top, cell = 132, 118, 24
    most = max((value for row in counts for value in row), default=0) or 1
    parts = []
    for place, name in enumerate(columns):
        x = left + place * cell + cell / 2 + 4
        parts.append(
            f'<text x="{x}" y="{top - 6}" font-size="12" fill="{_INK}" text-anchor="start" '
            f'transform="rotate(-60 {x} {top - 6})">{text(_short(name, 16))}</text>'
        )
    for number, (name, values) in enumerate(zip(rows, counts, strict=True)):
        y = top + number * cell
        parts.append(_text(left - 6, y + 16, _short(name, 19), "end"))
        for place, value in enumerate(values):
            share = (value / most) ** 0.5
            colour = BLUE if rows[number] == columns[place] else VERMILION
            opacity = 0.06 + 0.94 * share if value else 0.0
            parts.append(
                f'<rect x="{left + place * cell}" y="{y}" width="{cell}" height="{cell}" '
                f'fill="{colour}" fill-opacity="{opacity:.2f}" stroke="{_GRID}">'
                f"<title>{text(f'{name} became {columns[place]}: {value}')}</title></rect>"
            )
            if value:
                ink = "#ffffff" if share > 0.6 else _INK
                parts.append(
                    f'<text x="{left + place * cell + cell / 2}" y="{y + 16}" font-size="11" '
                    f'fill="{ink}" text-anchor="middle">{value}</text>'
                )
    return _svg(title, left + len(columns) * cell + 60, top + len(rows) * cell + 8, parts)


def lines(title: str, axis: str, side: str, series: Sequence[Series]) -> str:
    """Lines over 0..1, values in 0..1; all points evenly spaced."""
    left, top, width, height = 56, 30, 520, 300
    parts = [_legend(series)]
    for tick in range(6):
        y, x = top + height - height * tick / 5, left + width * tick / 5
        parts.append(
            f'<path d="M{left} {y:.1f}H{left + width}M{x:.1f} {top}V{top + height}" '
            f'stroke="{_GRID}" fill="none"/>'
        )
        parts.append(_text(left - 8, y + 4, f"{tick / 5:.1f}", "end"))
        parts.append(_text(x, top + height + 18, f"{tick / 5:.1f}", "middle"))
    for one in series:
        last = max(len(one.values) - 1, 1)
        points = " ".join(
            f"{left + width * place / last:.1f},{top + height * (1 - value):.1f}"
            for place, value in enumerate(one.values)
        )
        dash = ' stroke-dasharray="7 4"' if one.dashed else ""
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{one.colour}" '
            f'stroke-width="2.5"{dash}/>'
        )
    parts.append(_text(left + width / 2, top + height + 38, axis, "middle"))
    parts.append(
        f'<text x="16" y="{top + height / 2}" font-size="12" fill="{_INK}" text-anchor="middle" '
        f'transform="rotate(-90 16 {top + height / 2})">{text(side)}</text>'
    )
    return _svg(title, left + width + 24, top + height + 48, parts)


def _legend(series: Sequence[Series]) -> str:
    parts, x = [], 4.0
    for one in series:
        dash = ' stroke-dasharray="7 4"' if one.dashed else ""
        parts.append(
            f'<path d="M{x:.0f} 12h22" stroke="{one.colour}" stroke-width="8"{dash}/>'
            f"{_text(x + 28, 16, one.name, 'start')}"
        )
        x += 44 + 7 * len(one.name)
    return "".join(parts)


def _text(x: float, y: float, value: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{_INK}" '
        f'text-anchor="{anchor}">{text(value)}</text>'
    )


def _short(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="system-ui, sans-serif" '
        f'role="img" aria-label="{text(title)}">\n<title>{text(title)}</title>\n{body}\n</svg>'
    )
