"""The operating point as one HTML page, with its curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from core.documents.charts import BLUE, GREEN, GREY, PURPLE, VERMILION, Mark, Series, lines
from core.documents.html import render, typed
from core.documents.tables import Table
from core.metrics.comparison.changed import changed_share
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
    """Detections and matched ones as shares of the parent's; changed ones of both models'."""
    curve, wanted = point.curve, point.chosen_parent
    detections = [seen / wanted for seen in curve.detections]
    kept = [one / wanted for one in curve.kept]
    unchanged = np.subtract(curve.kept, curve.moved)
    return detections, kept, changed_share(wanted, np.array(curve.detections), unchanged).tolist()


SHARES = ("detections / parent's", "matched / parent's", "changed, of both models'")
"""What the three are called in a legend."""


def curve_chart(point: OperatingPoint) -> Markup:
    """What each threshold leaves."""
    detections, kept, changed = shares(point)
    return lines(
        "Detections of the optimized model by its score threshold",
        "Score threshold",
        "Share of detections",
        [
            Series(SHARES[0], BLUE, detections),
            Series(SHARES[1], GREEN, kept, dashed=True),
            Series(SHARES[2], VERMILION, changed),
        ],
        highest=HIGHEST,
        marks=[
            Mark(f"parent {point.parent_score:g}", GREY, point.parent_score, dashed=True),
            Mark(f"optimized {point.score:g}", PURPLE, point.score),
        ],
    )
