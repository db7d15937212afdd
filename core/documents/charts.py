"""Charts as inline SVG; colours that colour-blind readers tell apart, dashes as second channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from core.documents.html import filled
from core.text import significant

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


@dataclass(frozen=True)
class Mark:
    """A line upwards from a place of the axis, named in the legend."""

    name: str
    colour: str
    place: float
    dashed: bool = False


def stacked_bars(title: str, names: Sequence[str], series: Sequence[Series]) -> Markup:
    """One bar a name, the series one after the other."""
    totals = [sum(one.values[row] for one in series) for row in range(len(names))]
    scale = _BAR / max(max(totals, default=0), 1e-9)
    parts = [_legend(series)]
    for row, name in enumerate(names):
        y, x = 34 + row * _ROW, float(_NAME)
        parts.append(_text(_NAME - 8, y + 14, _short(name, 24), "end"))
        for one in series:
            width = one.values[row] * scale
            parts.append(
                filled(
                    '<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" '
                    'fill="{colour}"><title>{name}: {part} {value:g}</title></rect>',
                    x=x, y=y + 2, width=width, height=_ROW - 6, colour=one.colour,
                    name=name, part=one.name, value=one.values[row],
                )
            )  # fmt: skip
            x += width
        parts.append(_text(x + 6, y + 14, f"{totals[row]:g}", "start"))
    return _svg(title, _NAME + _BAR + 70, 40 + len(names) * _ROW, parts)


def heat_map(
    title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Markup:
    """A matrix of counts: darker = higher; what lies on the diagonal blue, the rest red."""
    left, top, cell = 132, 118, 24
    most = max((value for row in counts for value in row), default=0) or 1
    parts = [
        _turned(left + place * cell + cell / 2 + 4, top - 6, -60, _short(name, 16), "start")
        for place, name in enumerate(columns)
    ]
    for number, (name, values) in enumerate(zip(rows, counts, strict=True)):
        y = top + number * cell
        parts.append(_text(left - 6, y + 16, _short(name, 19), "end"))
        for place, value in enumerate(values):
            share = (value / most) ** 0.5
            parts.append(
                filled(
                    '<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{colour}" '
                    'fill-opacity="{opacity:.2f}" stroke="{grid}">'
                    "<title>{row} became {column}: {value}</title></rect>",
                    x=left + place * cell, y=y, side=cell, row=name, column=columns[place],
                    colour=BLUE if name == columns[place] else VERMILION,
                    opacity=0.06 + 0.94 * share if value else 0.0, grid=_GRID, value=value,
                )
            )  # fmt: skip
            if value:
                parts.append(
                    filled(
                        '<text x="{x}" y="{y}" font-size="11" fill="{ink}" '
                        'text-anchor="middle">{value}</text>',
                        x=left + place * cell + cell / 2, y=y + 16,
                        ink="#ffffff" if share > 0.6 else _INK, value=value,
                    )
                )  # fmt: skip
    return _svg(title, left + len(columns) * cell + 60, top + len(rows) * cell + 8, parts)


def lines(
    title: str,
    axis: str,
    side: str,
    series: Sequence[Series],
    highest: float = 1.0,
    marks: Sequence[Mark] = (),
) -> Markup:
    """Lines over 0..1, all points evenly spaced; what is higher than `highest` is not shown."""
    left, top, width, height = 56, 30, 520, 300
    parts = [_legend([*series, *marks])]
    for tick in range(6):
        y, x = top + height - height * tick / 5, left + width * tick / 5
        parts.append(
            filled(
                '<path d="M{left} {y:.1f}H{right}M{x:.1f} {top}V{bottom}" stroke="{grid}" '
                'fill="none"/>',
                left=left, y=y, right=left + width, x=x, top=top, bottom=top + height, grid=_GRID,
            )
        )  # fmt: skip
        parts.append(_text(left - 8, y + 4, significant(highest * tick / 5, 2), "end"))
        parts.append(_text(x, top + height + 18, f"{tick / 5:.1f}", "middle"))
    for one in series:
        points = " ".join(
            f"{left + width * x:.1f},{top + height * (1 - y / highest):.1f}"
            for x, y in _up_to(one.values, highest)
        )
        parts.append(
            filled(
                '<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"'
                "{dash}/>",
                points=points, colour=one.colour, dash=_dash(one.dashed),
            )
        )  # fmt: skip
    parts += [_upwards(one, left + width * one.place, top, top + height) for one in marks]
    parts.append(_text(left + width / 2, top + height + 38, axis, "middle"))
    parts.append(_turned(16, top + height / 2, -90, side, "middle"))
    return _svg(title, left + width + 24, top + height + 48, parts)


def _upwards(mark: Mark, x: float, top: float, bottom: float) -> Markup:
    return filled(
        '<path d="M{x:.1f} {top}V{bottom}" stroke="{colour}" stroke-width="1.5"{dash}/>',
        x=x, top=top, bottom=bottom, colour=mark.colour, dash=_dash(mark.dashed),
    )  # fmt: skip


def _up_to(values: Sequence[float], highest: float) -> list[tuple[float, float]]:
    """The points of a line over 0..1, ended where it leaves the chart upwards."""
    last = max(len(values) - 1, 1)
    points: list[tuple[float, float]] = []
    for place, value in enumerate(values):
        before = values[place - 1] if place else value
        if (value > highest) != (before > highest):  # where it crosses
            points.append(((place - (value - highest) / (value - before)) / last, highest))
        if value <= highest:
            points.append((place / last, value))
    return points


def _legend(series: Sequence[Series | Mark]) -> Markup:
    parts, x = Markup(), 4.0
    for one in series:
        parts += filled(
            '<path d="M{x:.0f} 12h22" stroke="{colour}" stroke-width="8"{dash}/>',
            x=x, colour=one.colour, dash=_dash(one.dashed),
        )  # fmt: skip
        parts += _text(x + 28, 16, one.name, "start")
        x += 44 + 7 * len(one.name)
    return parts


def _dash(dashed: bool) -> Markup:
    return Markup(' stroke-dasharray="7 4"' if dashed else "")


def _text(x: float, y: float, value: str, anchor: str) -> Markup:
    return filled(
        '<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{ink}" '
        'text-anchor="{anchor}">{value}</text>',
        x=x, y=y, ink=_INK, anchor=anchor, value=value,
    )  # fmt: skip


def _turned(x: float, y: float, degrees: int, value: str, anchor: str) -> Markup:
    return filled(
        '<text x="{x}" y="{y}" font-size="12" fill="{ink}" text-anchor="{anchor}" '
        'transform="rotate({degrees} {x} {y})">{value}</text>',
        x=x, y=y, ink=_INK, anchor=anchor, degrees=degrees, value=value,
    )  # fmt: skip


def _short(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"


def _svg(title: str, width: float, height: float, parts: Sequence[Markup]) -> Markup:
    return filled(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'width="{width:.0f}" height="{height:.0f}" font-family="system-ui, sans-serif" '
        'role="img" aria-label="{title}">\n<title>{title}</title>\n{body}\n</svg>',
        title=title, width=width, height=height, body=Markup("\n").join(parts),
    )  # fmt: skip
