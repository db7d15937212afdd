"""The comparison of two models' predictions as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from core.documents.charts import Series, heat_map, stacked_bars
from core.documents.html import Table, render, typed
from core.documents.status_colours import CLASS_CHANGED, EXTRA, MATCHED, MISSED, SHIFTED
from core.metrics.comparison.bootstrap import FEWEST_IMAGES
from core.metrics.comparison.confusion import most_confused
from core.reports.drawing import WORST_IMAGES, worst_images
from core.reports.filters import AnyComparison
from core.reports.kind import ReportImages
from core.reports.predictions.figures import figures
from core.reports.predictions.tables import band_table, class_table, matrix_of

if TYPE_CHECKING:
    from core.reports.predictions.report import ComparedPredictions

_CLASSES = 20  # in the chart: those with the most differences
_CONFUSED = 28  # in the confusion matrix


def predictions_page(report: ComparedPredictions, images: ReportImages, runs: Sequence[str]) -> str:
    """Summary, charts, and the worst of the chosen images with both models' boxes.

    Figures and charts are of all images. `runs` say how the models ran.
    """
    result, comparison, verdict = report.result, report.comparison, report.verdict
    summary, thresholds = comparison.summary, comparison.thresholds
    shown = figures(summary, thresholds, result.grounds, report.interval)
    return render(
        "predictions.html.j2",
        f"{result.optimized} against {result.parent}",
        result=result,
        runs=runs,
        summary=summary,
        verdict=verdict.name,
        verdict_word=report.verdict_text,
        sentence=report.sentence,
        figures=Table(("Figure", "Value"), [(one.name, one.text) for one in shown]),
        meanings=[(one.name, one.meaning) for one in shown],
        bands=typed(band_table(comparison)),
        class_chart=_class_chart(comparison),
        worst=worst_images(images, WORST_IMAGES),
        classes=typed(class_table(comparison)),
        confusion=_confusion(comparison),
        thresholds=thresholds,
        limits=thresholds.limits,
        fewest_images=FEWEST_IMAGES,
    )


def _class_chart(comparison: AnyComparison) -> Markup:
    rows = sorted(comparison.per_class, key=lambda row: -(row.missed + row.extra))[:_CLASSES]
    plain = [row.matches - min(row.matches, row.shifted + row.drifted) for row in rows]
    moved = [min(row.matches, row.shifted + row.drifted) for row in rows]
    return stacked_bars(
        "Detections by class",
        [row.class_name for row in rows],
        [
            Series("matched", MATCHED, plain),
            Series("shifted or drifted", SHIFTED, moved),
            Series("class changed", CLASS_CHANGED, [row.class_changed for row in rows]),
            Series("missed", MISSED, [row.missed for row in rows]),
            Series("extra", EXTRA, [row.extra for row in rows]),
        ],
    )


def _confusion(comparison: AnyComparison) -> Markup:
    matrix = matrix_of(comparison)
    names, counts = most_confused(matrix.class_names, matrix.counts, _CONFUSED)
    return heat_map("Classes", names, names, counts.tolist())
