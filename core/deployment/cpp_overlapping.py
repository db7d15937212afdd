"""The C++ of layouts with a box in every cell: of those that overlap the best one stays."""

from __future__ import annotations

from collections.abc import Callable

from core.deployment.cpp_text import (
    SCORE,
    SIGMOID,
    SOFTMAX,
    cells,
    filled,
    floats,
    likely,
    number,
    scales,
)
from core.models.decoders import (
    anchor_heads,
    box_scores,
    distribution,
    faster_rcnn,
    fastestdet,
    yolo_anchors,
    yolo_fastest,
    yolov5,
    yolov8,
    yolox,
)
from core.models.decoders.anchors import LEVELS, SCHEMES
from core.models.detector import Detector


def _dense(detector: Detector) -> str:
    options, layout = detector.options, detector.decoder
    columns_first = layout == "yolov8" and not options.get("rows")
    grid = layout == "yolox-raw" and bool(options.get("grid"))
    strides = yolox.STRIDES[int(options.get("largest", 32)) == 64]
    scaling = ""
    if grid:
        scaling = (
            "const auto [column_x, row_y, stride] = cells[row];\n"
            "x = (x + column_x) * stride; y = (y + row_y) * stride;\n"
            "w = std::exp(w) * stride; h = std::exp(h) * stride;"
        )
    elif options.get("coordinates") == "unit":
        scaling = "x *= WIDTH; w *= WIDTH; y *= HEIGHT; h *= HEIGHT;"
    usual = {"yolov5": yolov5.NMS_IOU, "yolov8": yolov8.NMS_IOU, "yolox-raw": yolox.NMS_IOU}
    return (
        _nms(detector, usual[layout])
        + likely(detector)
        + filled(
            "dense",
            rows_axis=2 if columns_first else 1,
            length_axis=1 if columns_first else 2,
            element="column * rows + row" if columns_first else "row * length + column",
            first=4 if layout == "yolov8" else 5,
            object="1.f" if layout == "yolov8" else "likely(value(row, 4))",
            grid=cells(strides) if grid else "",
            scaling="".join(f"            {line}\n" for line in scaling.splitlines()),
        )
    )


def _box_scores(detector: Detector) -> str:
    options = detector.options
    background = str(options.get("background", "none"))
    softmax = bool(options.get("sigmoid")) and background != "none"
    score = SIGMOID.format(SCORE) if options.get("sigmoid") else SCORE
    corners = {
        "xyxy": ("at[0]", "at[1]", "at[2]", "at[3]"),
        "yxyx": ("at[1]", "at[0]", "at[3]", "at[2]"),
        "cxcywh": tuple(f"at[{n}] {sign} at[{n + 2}] / 2" for sign in "-+" for n in (0, 1)),
    }
    x1, y1, x2, y2 = corners[str(options.get("corners", "xyxy"))]
    return (
        _nms(detector, box_scores.NMS_IOU)
        + filled("tables")
        + filled(
            "box_scores",
            boxes=options.get("boxes", 0),
            scores=options.get("scores", 1),
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            activated=SOFTMAX if softmax else "",
            score="shares[column]" if softmax else score,
            first=int(background == "first"),
            after=int(background == "last"),
            **scales(detector),
        )
    )


def _distribution(detector: Detector) -> str:
    options = detector.options
    return (
        _nms(detector, distribution.NMS_IOU)
        + filled("tables")
        + likely(detector)
        + filled(
            "distribution",
            bins=options.get("bins", 8),
            cells=cells(distribution.STRIDES[int(options.get("largest", 32)) == 64]),
            half=number(0.5 if options.get("half", True) else 0.0),
        )
    )


def _fastestdet(detector: Detector) -> str:
    return (
        _nms(detector, fastestdet.NMS_IOU)
        + filled("tables")
        + filled("maps")
        + filled(
            "fastestdet",
            objectness=number(fastestdet.OBJECTNESS),
            exponent=number(fastestdet.CLASS),
        )
    )


def _yolo_fastest(detector: Detector) -> str:
    options = detector.options
    anchors = yolo_fastest.anchors_in(str(options.get("anchors", yolo_fastest.COCO_ANCHORS)))
    softmax = bool(options.get("sigmoid"))
    shares = "const auto shares = softmax(at + 15, rows.length - 15);"
    return (
        _nms(detector, yolo_fastest.NMS_IOU)
        + filled("tables")
        + filled("maps")
        + likely(detector)
        + filled(
            "yolo_fastest",
            anchors=floats(anchors.reshape(-1).tolist()),
            cells=cells(yolo_fastest.STRIDES),
            classes=shares if softmax else "",
            score="shares[label]" if softmax else "at[15 + label]",
        )
    )


def _yolo_anchors(detector: Detector) -> str:
    options = detector.options
    per_cell, formula = int(options.get("per_cell", 3)), str(options.get("formula", "v3"))
    softmax = formula == "v2" and bool(options.get("sigmoid"))
    shares = "const auto shares = softmax(at + 5, length - 5);"
    growth = "const float growth = 1.f;"
    if formula == "v4":
        known = yolo_anchors.GROWTH.items()
        cases = " ".join(f"cells.stride == {stride} ? {number(a)}f :" for stride, a in known)
        growth = f"const float growth = {cases} 1.f;"
    elif formula == "v5":
        growth = "const float growth = 2.f;"
    side = "std::pow(2 * likely(at[{}]), 2.f)" if formula == "v5" else "std::exp(at[{}])"
    return (
        _nms(detector, yolo_anchors.NMS_IOU)
        + filled("tables")
        + filled("maps")
        + likely(detector)
        + filled(
            "yolo_anchors",
            per_cell=per_cell,
            anchors=floats(yolo_anchors.anchor_table(options, per_cell).reshape(-1).tolist()),
            channels=options.get("channels", 0),
            growth=growth,
            width=f"{side.format(2)} * own[0]",
            height=f"{side.format(3)} * own[1]",
            classes=shares if softmax else "",
            score="shares[label]" if softmax else "likely(at[5 + label])",
        )
    )


def _anchor_heads(detector: Detector) -> str:
    usual = "torch" if detector.decoder == "retinanet-heads" else "efficientdet"
    scheme = SCHEMES[str(detector.options.get("scheme", usual))]
    sides = ", ".join(f"{{{number(w)}, {number(h)}}}" for w, h in scheme.sides().tolist())
    delta = [f"at[{scheme.order[n]}] * {number(scheme.spread[n])}" for n in range(4)]
    if scheme.corners:
        box = (
            f"const float x1 = float(x - w / 2 + {delta[0]} * w);\n"
            f"const float y1 = float(y - h / 2 + {delta[1]} * h);\n"
            f"const float x2 = float(x + w / 2 + {delta[2]} * w);\n"
            f"const float y2 = float(y + h / 2 + {delta[3]} * h);"
        )
    else:
        box = (
            f"const double middle_x = x + {delta[0]} * w, wide = std::exp({delta[2]}) * w / 2;\n"
            f"const double middle_y = y + {delta[1]} * h, high = std::exp({delta[3]}) * h / 2;\n"
            "const float x1 = float(middle_x - wide), x2 = float(middle_x + wide);\n"
            "const float y1 = float(middle_y - high), y2 = float(middle_y + high);"
        )
    return (
        _nms(detector, anchor_heads.NMS_IOU)
        + filled("tables")
        + filled("maps")
        + likely(detector)
        + filled(
            "anchor_heads",
            sides=sides,
            cells=cells(LEVELS),
            centre=number(scheme.centre),
            box=box.replace("\n", "\n            "),
        )
    )


def _faster_rcnn(detector: Detector) -> str:
    options = detector.options
    softmax = bool(options.get("sigmoid"))
    return (
        _nms(detector, faster_rcnn.NMS_IOU)
        + filled("tables")
        + filled(
            "proposals",
            rois=options.get("rois", 0),
            scores=options.get("scores", 1),
            deltas=options.get("deltas", 2),
            activated=SOFTMAX if softmax else "",
            score="shares[column]" if softmax else SCORE,
        )
    )


def _nms(detector: Detector, usual: float) -> str:
    return filled("nms", nms_iou=number(float(detector.options.get("nms_iou", usual))))


LAYOUTS: dict[str, Callable[[Detector], str]] = {
    "yolov5": _dense,
    "yolov8": _dense,
    "yolox-raw": _dense,
    "boxes-scores": _box_scores,
    "distribution-heads": _distribution,
    "fastestdet": _fastestdet,
    "yolo-fastestv2": _yolo_fastest,
    "yolo-anchor-heads": _yolo_anchors,
    "retinanet-heads": _anchor_heads,
    "efficientdet-heads": _anchor_heads,
    "faster-rcnn-heads": _faster_rcnn,
}
