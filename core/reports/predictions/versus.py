"""Two comparisons of predictions beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.reports.filters import AnyComparison
from core.reports.predictions.figures import figures
from core.reports.versus import (
    COUNTED,
    Counted,
    ImageChanges,
    Line,
    Versus,
    Whole,
    lines_of,
    most_changed,
)

if TYPE_CHECKING:
    from core.reports.predictions.report import ComparedPredictions


def versus_of(first: ComparedPredictions, second: ComparedPredictions) -> Versus:
    """Figures and classes of both; they may be of different images and classes."""
    comparisons = first.comparison, second.comparison
    agreements = [{row.class_name: row.agreement for row in one.per_class} for one in comparisons]
    return Versus(
        figures=_figures(first, second),
        details=most_changed(*agreements),
        images=image_changes(*comparisons),
        thresholds=second.thresholds,
    )


def _figures(first: ComparedPredictions, second: ComparedPredictions) -> tuple[Line, ...]:
    summaries = first.comparison.summary, second.comparison.summary
    counts = tuple(
        Line(name=words, first=getattr(summaries[0], name), second=getattr(summaries[1], name))
        for name, words in (
            ("images", "Images"),
            ("parent", "Detections of the parent"),
            ("optimized", "Detections of the optimized model"),
        )
    )
    shown = (
        [
            one
            for one in figures(summary, each.thresholds, each.result.grounds)
            if one.form != "text"
        ]
        for each, summary in zip((first, second), summaries, strict=True)
    )
    return (*lines_of(*shown), *counts)


def image_changes(
    first: AnyComparison, second: AnyComparison, counted: Counted = COUNTED
) -> ImageChanges:
    """The images that both have, that which got worst in the second one first."""
    places = {name: image for image, name in enumerate(first.parent.image_names)}
    names = second.parent.image_names
    in_first = np.fromiter((places.get(name, -1) for name in names), np.int64, len(names))
    images = np.flatnonzero(in_first >= 0)
    before = _by_image(first, in_first[images])
    after = _by_image(second, images)
    order = np.argsort(before["damage"] - after["damage"], kind="stable")
    return ImageChanges(
        names=tuple(names[image] for image in images[order].tolist()),
        images=images[order],
        first={name: before[name][order] for name in COUNTED},
        second={name: after[name][order] for name in COUNTED},
        first_damage=before["damage"][order],
        second_damage=after["damage"][order],
        counted=counted,
    )


def _by_image(comparison: AnyComparison, images: Whole) -> dict[str, NDArray[Any]]:
    """Columns of the table of images, of these images."""
    rows = comparison.images
    place = np.empty_like(rows.image)
    place[rows.image] = np.arange(len(rows.image))
    return {name: getattr(rows, name)[place[images]] for name in (*COUNTED, "damage")}
