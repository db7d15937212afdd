"""The C++ of layouts whose rows are detections already: no box is left out for another."""

from __future__ import annotations

from collections.abc import Callable

from core.deployment.cpp_text import SCORE, SIGMOID, SOFTMAX, filled, likely, scales
from core.models.decoders import centernet, end_to_end
from core.models.detector import Detector


def _ssd(detector: Detector) -> str:
    return _rows(detector, 0, "if (at[0] < 0) break;", (3, 2, 1))


def _end_to_end(detector: Detector) -> str:
    options = detector.options
    order = str(options.get("order", "box score class"))
    return _rows(detector, int(options.get("rows", 0)), "", end_to_end.ORDERS[order])


def _rows(detector: Detector, output: int, end: str, places: tuple[int, int, int]) -> str:
    box, score, label = places
    return filled(
        "rows",
        output=output,
        end=end,
        box=box,
        score=score,
        label=label,
        **scales(detector),
        first_label=detector.options.get("first_label", 0),
    )


def _listed(detector: Detector) -> str:
    options = detector.options
    upright = options.get("order") == "yxyx"
    scored = "scores" in options
    count = ""
    if "count" in options:
        reported = f"values(results.tensor({options['count']}))[0]"
        count = f"count = std::min(count, size_t(std::max(0.f, {reported})));"
    return filled(
        "listed",
        boxes=options["boxes"],
        labels=options["labels"],
        scores=f"const auto scores = values(results.tensor({options['scores']}));"
        if scored
        else "",
        score="scores[row]" if scored else "at[4]",
        count=count,
        x1=1 if upright else 0,
        y1=0 if upright else 1,
        x2=3 if upright else 2,
        y2=2 if upright else 3,
        **scales(detector),
        first_label=options.get("first_label", 0),
    )


def _detr_raw(detector: Detector) -> str:
    options = detector.options
    activation = str(options.get("activation", "softmax"))
    best = "const float best = *std::max_element(shares.begin(), shares.end() - 1);"
    activated = f"{SOFTMAX}\n        {best}"
    likeliest = "shares[column] == best ? best : 0.f"
    likely = SIGMOID.format(SCORE) if activation == "sigmoid" else SCORE
    return filled("tables") + filled(
        "queries",
        boxes=options.get("boxes", 1),
        scores=options.get("logits", 0),
        activated=activated if activation == "softmax" else "",
        score=likeliest if activation == "softmax" else likely,
        first=0,
        after=int(activation == "softmax"),
        **scales(detector),
    )


def _detr_table(detector: Detector) -> str:
    return filled("tables") + filled(
        "queries",
        boxes=0,
        scores=0,
        activated="",
        score=SIGMOID.format(SCORE) if detector.options.get("sigmoid") else SCORE,
        first=4,
        after=0,
        **scales(detector),
    )


def _centernet(detector: Detector) -> str:
    options = detector.options
    size, offset = ("offset", "size") if options.get("swapped") else ("size", "offset")
    known = "offset" in options
    return (
        filled("tables")
        + filled("maps")
        + likely(detector)
        + filled(
            "centernet",
            heat=options.get("heat", 0),
            size=options.get(size, options.get("size", 1)),
            offsets=f"const Map offset = map(results.tensor({options[offset]}));" if known else "",
            offset_x="offset[cell][0]" if known else ".5f",
            offset_y="offset[cell][1]" if known else ".5f",
            most=centernet.BEST,
        )
    )


LAYOUTS: dict[str, Callable[[Detector], str]] = {
    "ssd-detection-output": _ssd,
    "tf-detection-api": _listed,
    "boxes-labels": _listed,
    "detr-boxes": _listed,
    "end-to-end": _end_to_end,
    "detr-raw": _detr_raw,
    "detr-table": _detr_table,
    "centernet": _centernet,
}
