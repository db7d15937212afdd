"""A comparison of projects as files: one HTML page, CSV tables, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from core.documents.charts import BLUE, GREEN, GREY, ORANGE, PURPLE, Series, stacked_bars
from core.documents.csv import Cell, csv_table
from core.documents.html import Table, render, with_notes
from core.project_comparison.comparing import ComparedProject, Pair, ProjectComparison
from core.text import when_utc
from core.values import Plain, to_json, to_plain, write_bytes_whole
from core.wording.profiling import sum_counts
from core.wording.project_comparison import comparison_sentences, figures, run_label
from core.wording.words import letter

_PRECISION_COLOURS = {"int8": BLUE, "bf16": ORANGE, "f16": PURPLE, "f32": GREY}
_LAYERS_ON_PAGE = 60  # that differ most; the CSV has all


def comparison_page(comparison: ProjectComparison, created: str) -> str:
    """Speed, size and accuracy on one page, then types and layers."""
    projects = comparison.projects
    names = [letter(place) for place in range(len(projects))]
    titles = [f"{name}: {one.title}" for name, one in zip(names, projects, strict=True)]
    page = render(
        "projects.html.j2",
        "Compared projects",
        created=created,
        machines=_machines(projects),
        sentences=comparison_sentences(comparison),
        figures=Table(("", *titles), [(name, *values) for name, values in figures(comparison)]),
        speed=_speed_bars(titles, projects),
        types=_types(comparison, names) if comparison.types else None,
        precisions=[
            _precision_bars(name, one, comparison)
            for name, one in zip(names, projects, strict=True)
            if one.profile is not None
        ],
        pairs=[
            {
                "name": names[pair.place],
                "in_turns": pair.in_turns,
                "layers": _layers_of(pair, names[pair.place]),
            }
            for pair in comparison.pairs
        ],
    )
    notes = [(title, one.notes) for title, one in zip(titles, projects, strict=True) if one.notes]
    return with_notes(page, "", notes)


def _machines(projects: Sequence[ComparedProject]) -> str:
    return ", ".join(dict.fromkeys(one.speed.device_name for one in projects if one.speed))


def _speed_bars(titles: Sequence[str], projects: Sequence[ComparedProject]) -> list[Markup]:
    measured = [
        (title, one.speed) for title, one in zip(titles, projects, strict=True) if one.speed
    ]
    if not measured:
        return []
    names = [title for title, _ in measured]
    fps = [round(speed.throughput_fps.median, 1) for _, speed in measured]
    latency = [round(speed.latency_ms.p50, 2) for _, speed in measured]
    return [
        stacked_bars("Throughput, FPS", names, [Series("throughput, FPS", BLUE, fps)]),
        stacked_bars("Latency, ms", names, [Series("latency p50, ms", ORANGE, latency)]),
    ]


def _types(comparison: ProjectComparison, names: Sequence[str]) -> Table:
    titles = ["Type"]
    for name in names:
        titles += [f"{name}: ms", f"{name}: share", f"{name}: layers"]
    rows = []
    for row in comparison.types:
        cells: list[Cell] = [row.name]
        for one in row.sums:
            if one is None:
                cells += [None, None, None]
            else:
                cells += [f"{one.time_ms:.2f}", f"{one.share:.0%}", sum_counts(one)]
        rows.append(cells)
    return Table(titles, rows)


def _precision_bars(name: str, project: ComparedProject, comparison: ProjectComparison) -> Markup:
    place = comparison.projects.index(project)
    found = [one for row in comparison.types if (one := row.sums[place]) is not None]
    precisions = list(dict.fromkeys(key for one in found for key in one.precisions))
    return stacked_bars(
        f"Time by type, {name}",
        [one.name for one in found],
        [
            Series(
                f"{name} {key}, ms",
                _PRECISION_COLOURS.get(key, GREEN),
                [round(one.precisions.get(key, 0.0), 3) for one in found],
            )
            for key in precisions
        ],
    )


def _layers_of(pair: Pair, name: str) -> Table:
    shown = sorted(pair.groups, key=lambda group: -abs(group.difference_ms))[:_LAYERS_ON_PAGE]
    return Table(
        ("Layer", "Type", "A, ms", f"{name}, ms", "Difference, ms", "Ratio", "A runs in",
         f"{name} runs in"),
        [
            (
                group.name, group.what, group.first_ms, group.second_ms, group.difference_ms,
                group.ratio, group.first_precision or None, group.second_precision or None,
            )
            for group in shown
        ],
    )  # fmt: skip


def comparison_csv(comparison: ProjectComparison) -> bytes:
    """One table after the other: the summary, the types, every pair's layers."""
    names = [letter(place) for place in range(len(comparison.projects))]
    parts = [
        csv_table(
            ("figure", *(one.title for one in comparison.projects)),
            [(name, *values) for name, values in figures(comparison)],
        )
    ]  # fmt: skip
    columns = [
        f"{name}_{what}" for name in names for what in ("time_ms", "share", "layers", "precisions")
    ]
    parts.append(
        csv_table(
            ("type", *columns),
            [
                (row.name, *(cell for one in row.sums for cell in (
                    (round(one.time_ms, 6), round(one.share, 6), one.layers, sum_counts(one))
                    if one else ("", "", "", "")
                )))
                for row in comparison.types
            ],
        )
    )  # fmt: skip
    for pair in comparison.pairs:
        name = names[pair.place]
        parts.append(
            csv_table(
                ("layer", "type", "A_ms", f"{name}_ms", "difference_ms", "ratio", "A_precision",
                 f"{name}_precision"),
                [
                    (group.name, group.what, round(group.first_ms, 6), round(group.second_ms, 6),
                     round(group.difference_ms, 6),
                     "" if group.ratio is None else round(group.ratio, 4),
                     group.first_precision, group.second_precision)
                    for group in pair.groups
                ],
            )
        )  # fmt: skip
    return b"\n".join(parts)


def comparison_rows(comparison: ProjectComparison) -> Plain:
    """Everything, as plain values; of profiles only the sums and groups."""
    plain: Plain = to_plain(comparison)
    for project, row in zip(comparison.projects, plain["projects"], strict=True):
        del row["profile"]
        row["run"] = run_label(project.speed, when_utc)
    for pair, rows in zip(comparison.pairs, plain["pairs"], strict=True):
        for group, row in zip(pair.groups, rows["groups"], strict=True):
            row["difference_ms"] = group.difference_ms
            row["ratio"] = group.ratio
    return {**plain, "sentences": comparison_sentences(comparison)}


def write_comparison(comparison: ProjectComparison, path: Path) -> None:
    """Write it as what the file's ending says."""
    suffix = path.suffix.lower()
    if suffix == ".html":
        data = comparison_page(comparison, when_utc(datetime.now(UTC).isoformat())).encode()
    elif suffix == ".csv":
        data = comparison_csv(comparison)
    else:
        data = to_json(comparison_rows(comparison)) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_whole(path, data)
