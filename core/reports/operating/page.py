"""The operating point as one HTML page, with its curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from core.documents.charts import BLUE, GREEN, GREY, PURPLE, VERMILION, Mark, Series, lines
from core.documents.html import render, typed
from core.documents.tables import Table
from core.metrics.operating_point.point import OperatingPoint
from core.reports.kind import MOST_ROWS
from core.reports.operating.wording import operating_sentences

if TYPE_CHECKING:
    from core.reports.operating.kind import OperatingPointReport

HIGHEST = 1.5  # of the curve: many times the parent's number says nothing


def operating_page(
    report: OperatingPointReport, runs: tuple[str, ...], tables: Mapping[str, Table], note: str
) -> str:
    """Sentences, the curve, and the tables; `runs` say how the models ran."""
    result, point = report.result, report.point
    return render(
        "report.html.j2",
        f"Operating point of {result.optimized} and {result.parent}",
        result=result,
        runs=runs,
        headline=" ".join(operating_sentences(point)),
        chart=curve_chart(point),
        note=note,
        tables={
            name.replace("-", " ").capitalize(): typed(table, MOST_ROWS)
            for name, table in tables.items()
        },
    )


def shares(point: OperatingPoint) -> tuple[list[float], list[float], list[float]]:
    """Detections, matched ones, and missed and extra ones, each as a share of the parent's."""
    curve, wanted = point.curve, point.chosen_parent
    detections = [seen / wanted for seen in curve.detections]
    kept = [one / wanted for one in curve.kept]
    pairs = zip(detections, kept, strict=True)
    return detections, kept, [1 + seen - one - one for seen, one in pairs]


def curve_chart(point: OperatingPoint) -> Markup:
    """What each threshold leaves, as shares of the parent's detections."""
    detections, kept, changed = shares(point)
    return lines(
        "Detections of the optimized model by its score threshold",
        "Score threshold",
        "Share of the parent's detections",
        [
            Series("detections", BLUE, detections),
            Series("matched", GREEN, kept, dashed=True),
            Series("changed", VERMILION, changed),
        ],
        highest=HIGHEST,
        marks=[
            Mark(f"parent {point.parent_score:g}", GREY, point.parent_score, dashed=True),
            Mark(f"optimized {point.score:g}", PURPLE, point.score),
        ],
    )
