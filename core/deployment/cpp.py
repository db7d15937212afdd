"""The C++ example: one source file with the detector's settings written into it.

It reads the layouts whose outputs are rows or lists of boxes. Heads with anchors, distributions or
heat maps are read in Python only; their example runs the network and tells its outputs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from string import Template

from core.metrics.matching.thresholds import ScoreThresholds
from core.models.choices import UNIT_COORDINATES
from core.models.decoders import end_to_end, yolov5, yolov8, yolox
from core.models.decoders.registry import decoder_by_id
from core.models.detector import Detector
from core.models.preprocessing import Preprocessing

_NMS = {"yolov5": yolov5.NMS_IOU, "yolov8": yolov8.NMS_IOU, "yolox-raw": yolox.NMS_IOU}


def cpp_source(
    detector: Detector, model: str, precision: str = "", scores: ScoreThresholds | None = None
) -> str:
    """The file ``main.cpp`` for this detector; `model` is the path that it loads by itself.

    `scores` are from which on its detections count; None for the usual.
    """
    lowest = (scores or ScoreThresholds()).by_class(detector.class_names)
    preprocessing = detector.preprocessing
    extra = {one.index for one in detector.extra_inputs}
    pixels = next(number for number in range(len(extra) + 1) if number not in extra)
    return _filled(
        "main.cpp.in",
        layout=decoder_by_id(detector.decoder).title,
        classes=", ".join(json.dumps(name, ensure_ascii=False) for name in detector.class_names),
        scores=", ".join(f"{_float(round(float(one), 6))}f" for one in lowest),
        width=preprocessing.width,
        height=preprocessing.height,
        nms_iou=_float(_nms_iou(detector)),
        mean=_floats(preprocessing.mean),
        scale=_floats(preprocessing.scale),
        placing=_placing(preprocessing),
        pad_value=preprocessing.pad_value,
        colors="    cv::cvtColor(input, input, cv::COLOR_BGR2RGB);\n"
        if preprocessing.color_order == "rgb"
        else "",
        index="(size_t(c) * HEIGHT + y) * WIDTH + x"
        if preprocessing.layout == "NCHW"
        else "(size_t(y) * WIDTH + x) * 3 + c",
        store="tensor.data<uint8_t>()[at] = row[x][c];"
        if preprocessing.element_type == "u8"
        else "tensor.data<float>()[at] = (float(row[x][c]) - MEAN[c]) / SCALE[c];",
        precision=_precision(precision),
        model=model,
        pixels=pixels,
        extra=_extra(detector),
        decode=_decode(detector),
    )


def _placing(preprocessing: Preprocessing) -> str:
    if preprocessing.resize == "stretch":
        return ""
    lines = [
        "place.scale_x = place.scale_y = std::min(place.scale_x, place.scale_y);",
        "size.width = std::max(1, int(std::lrint(image.cols * double(place.scale_x))));",
        "size.height = std::max(1, int(std::lrint(image.rows * double(place.scale_y))));",
    ]
    if preprocessing.resize == "letterbox":
        lines += [
            "place.offset_x = float((WIDTH - size.width) / 2);",
            "place.offset_y = float((HEIGHT - size.height) / 2);",
        ]
    return "".join(f"    {line}\n" for line in lines)


def _extra(detector: Detector) -> str:
    """What the other inputs are told."""
    lines = []
    types = {"int64": "int64_t", "int32": "int32_t", "float32": "float"}
    for one in detector.extra_inputs:
        values = one.tensor(detector.preprocessing).reshape(-1).tolist()
        kind = types[one.element_type]
        tensor = f"request.get_input_tensor({one.index})"
        lines.append(f"{tensor}.set_shape({{{', '.join(map(str, one.shape))}}});")
        if one.kind == "ones":
            lines.append(f"std::fill_n({tensor}.data<{kind}>(), {tensor}.get_size(), {kind}(1));")
            continue
        lines += [
            f"{tensor}.data<{kind}>()[{place}] = {kind}({value:g});"
            for place, value in enumerate(values)
        ]
    return "".join(f"    {line}\n" for line in lines)


def _precision(precision: str) -> str:
    if not precision:
        return ""
    return f"    settings.emplace(ov::hint::inference_precision(ov::element::{precision}));\n"


def _decode(detector: Detector) -> str:
    options = detector.options
    layout = detector.decoder
    if layout in _NMS:
        return _dense(detector)
    scale_x, scale_y = _scales(detector)
    if layout == "ssd-detection-output":
        return _filled(
            "rows.cpp.in",
            output=0, end="if (at[0] < 0) break;", box=3, score=2, label=1,
            scale_x=scale_x, scale_y=scale_y, first_label=options.get("first_label", 0),
        )  # fmt: skip
    if layout == "end-to-end":
        box, score, label = end_to_end.ORDERS[str(options.get("order", "box score class"))]
        return _filled(
            "rows.cpp.in",
            output=options.get("rows", 0), end="", box=box, score=score, label=label,
            scale_x=scale_x, scale_y=scale_y, first_label=options.get("first_label", 0),
        )  # fmt: skip
    if layout in ("boxes-labels", "detr-boxes", "tf-detection-api"):
        return _listed(detector, scale_x, scale_y)
    return _filled("outputs.cpp.in")


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
    return _filled(
        "dense.cpp.in",
        sigmoid="1.f / (1.f + std::exp(-value))" if options.get("sigmoid") else "value",
        rows_axis=2 if columns_first else 1,
        length_axis=1 if columns_first else 2,
        element="column * rows + row" if columns_first else "row * length + column",
        first=4 if layout == "yolov8" else 5,
        object="1.f" if layout == "yolov8" else "likely(value(row, 4))",
        grid=_cells(strides) if grid else "",
        scaling="".join(f"            {line}\n" for line in scaling.splitlines()),
    )


def _cells(strides: Sequence[int]) -> str:
    listed = ", ".join(map(str, strides))
    return (
        "    std::vector<std::array<float, 3>> cells;  // column, row, stride\n"
        f"    for (int stride : {{{listed}}})\n"
        "        for (int y = 0; y < (HEIGHT + stride - 1) / stride; ++y)\n"
        "            for (int x = 0; x < (WIDTH + stride - 1) / stride; ++x)\n"
        "                cells.push_back({float(x), float(y), float(stride)});\n"
    )


def _listed(detector: Detector, scale_x: str, scale_y: str) -> str:
    options = detector.options
    upright = options.get("order") == "yxyx"
    scored = "scores" in options
    count = ""
    if "count" in options:
        reported = f"values(request.get_output_tensor({options['count']}))[0]"
        count = f"count = std::min(count, size_t({reported}));"
    return _filled(
        "listed.cpp.in",
        boxes=options["boxes"],
        labels=options["labels"],
        scores=f"const auto scores = values(request.get_output_tensor({options['scores']}));"
        if scored
        else "",
        score="scores[row]" if scored else "at[4]",
        count=count,
        x1=1 if upright else 0,
        y1=0 if upright else 1,
        x2=3 if upright else 2,
        y2=2 if upright else 3,
        scale_x=scale_x,
        scale_y=scale_y,
        first_label=options.get("first_label", 0),
    )


def _scales(detector: Detector) -> tuple[str, str]:
    """What brings coordinates into pixels of the input."""
    usual = UNIT_COORDINATES.default if detector.decoder == "ssd-detection-output" else "input"
    if detector.options.get("coordinates", usual) != "unit":
        return "1.0", "1.0"
    return _float(detector.preprocessing.width), _float(detector.preprocessing.height)


def _nms_iou(detector: Detector) -> float:
    return float(detector.options.get("nms_iou", _NMS.get(detector.decoder, 0.5)))


def _float(value: float) -> str:
    text = repr(float(value))
    return text if "." in text or "e" in text else f"{text}.0"


def _floats(values: Sequence[float]) -> str:
    return ", ".join(f"{_float(value)}f" for value in values)


def _filled(name: str, **values: object) -> str:
    file = resources.files("resources") / "deployment" / "cpp" / name
    return Template(file.read_text(encoding="utf-8")).substitute(values)
