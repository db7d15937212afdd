"""The C++ example: one source file with the detector's settings written into it."""

from __future__ import annotations

import json

from core.benchmark.recommending import RunSetting
from core.deployment import cpp_chosen, cpp_overlapping
from core.deployment.cpp_text import filled, floats
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.decoders.base import SCORE_FLOOR
from core.models.decoders.registry import decoder_by_id
from core.models.detector import Detector
from core.models.preprocessing import Preprocessing

_LAYOUTS = cpp_chosen.LAYOUTS | cpp_overlapping.LAYOUTS


def cpp_source(
    detector: Detector,
    model: str,
    precision: str = "",
    scores: ScoreThresholds | None = None,
    setting: RunSetting | None = None,
) -> str:
    """The file ``main.cpp`` for this detector.

    `model` is the path that it loads by itself, from the package's folder. `scores` are from which
    on its detections count; None for the usual. `setting` is how it is to run for a goal.
    """
    lowest = (scores or ScoreThresholds()).by_class(detector.class_names)
    preprocessing = detector.preprocessing
    extra = {one.index for one in detector.extra_inputs}
    pixels = next(number for number in range(len(extra) + 1) if number not in extra)
    return filled(
        "main",
        layout=decoder_by_id(detector.decoder).title,
        classes=", ".join(json.dumps(name, ensure_ascii=False) for name in detector.class_names),
        scores=floats([max(SCORE_FLOOR, round(float(one), 6)) for one in lowest]),
        width=preprocessing.width,
        height=preprocessing.height,
        placing=_placing(preprocessing),
        pad_value=preprocessing.pad_value,
        colors="    cv::cvtColor(input, input, cv::COLOR_BGR2RGB);\n"
        if preprocessing.color_order == "rgb"
        else "",
        index="(size_t(c) * HEIGHT + y) * WIDTH + x"
        if preprocessing.layout == "NCHW"
        else "(size_t(y) * WIDTH + x) * 3 + c",
        levels="" if preprocessing.element_type == "u8" else _levels(preprocessing),
        pixel="uint8_t" if preprocessing.element_type == "u8" else "float",
        level="row[x][c]" if preprocessing.element_type == "u8" else "LEVELS[c][row[x][c]]",
        precision=_precision(precision) + _run(setting),
        model=model,
        pixels=pixels,
        extra=_extra(detector),
        decode=_LAYOUTS[detector.decoder](detector),
    )


def _levels(preprocessing: Preprocessing) -> str:
    """What each value of a pixel is for the network, in its order of channels."""
    return (
        f"constexpr float MEAN[3] = {{{floats(preprocessing.mean)}}};\n"
        f"constexpr float SCALE[3] = {{{floats(preprocessing.scale)}}};\n"
        "const auto LEVELS = [] {  // of each channel what a value of 0 to 255 is for the network\n"
        "    std::array<std::array<float, 256>, 3> levels;\n"
        "    for (int c = 0; c < 3; ++c)\n"
        "        for (int value = 0; value < 256; ++value)\n"
        "            levels[c][value] = (float(value) - MEAN[c]) / SCALE[c];\n"
        "    return levels;\n"
        "}();\n"
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


def _run(setting: RunSetting | None) -> str:
    """What was measured to be best for a goal, on machines with as many cores as that one."""
    if setting is None:
        return ""
    lines, goal = [], setting.goal
    if goal.cores_free:
        threads = f"std::max(1, cores - {goal.cores_free})"
        lines.append(f"set(ov::inference_num_threads({threads}));")
    measured = []
    if setting.streams is not None:
        measured.append(f"set(ov::num_streams({setting.streams}));")
    if setting.threads is not None:
        measured.append(f"set(ov::inference_num_threads({setting.threads}));")
    if setting.pinned is not None:
        pinned = "true" if setting.pinned else "false"
        measured.append(f"set(ov::hint::enable_cpu_pinning({pinned}));")
    if setting.requests is not None:
        measured.append(f"measured = {setting.requests};")
    if setting.batch > 1:
        measured.append(f"batch = {setting.batch};")
    if measured:
        single = "source.is_single()" if goal.aim == "latency" else "!source.is_single()"
        condition = f"cores == {setting.cores} && {single}"
        lines += [f"if ({condition}) {{  // as measured for {goal.aim}"]
        lines += [*(f"    {line}" for line in measured), "}"]
    if not lines:
        return ""
    setting_too = _SET if any("set(" in line for line in lines) else ()
    return "".join(f"    {line}\n" for line in (*setting_too, _CORES, *lines))


_SET = (
    "const auto set = [&](const std::pair<std::string, ov::Any>& one) {",
    "    settings[one.first] = one.second;",
    "};",
)
_CORES = "const int cores = int(std::thread::hardware_concurrency());"
