"""Values, templates and pieces of them as text of C++."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from string import Template

from core.models.choices import UNIT_COORDINATES
from core.models.detector import Detector

SIGMOID = "1.f / (1.f + std::exp(-{}))"
SCORE = "scores[row][column]"
SOFTMAX = "const auto shares = softmax(scores[row], scores.length);"
_UNIT = ("ssd-detection-output", "detr-raw", "detr-table")  # coordinates, where no option says


def number(value: float) -> str:
    """A literal of a double."""
    text = repr(float(value))
    return text if "." in text or "e" in text else f"{text}.0"


def floats(values: Iterable[float]) -> str:
    """A list of literals of floats, without its braces."""
    return ", ".join(f"{number(value)}f" for value in values)


def filled(name: str, **values: object) -> str:
    """A template of the package's C++ with these values."""
    file = resources.files("resources") / "deployment" / "cpp" / f"{name}.cpp.in"
    return Template(file.read_text(encoding="utf-8")).substitute(values)


def likely(detector: Detector) -> str:
    """The function ``likely``: of what the network gives a score of 0 to 1."""
    value = SIGMOID.format("value") if detector.options.get("sigmoid") else "value"
    return f"float likely(float value) {{ return {value}; }}\n\n"


def cells(strides: Sequence[int]) -> str:
    """The variable ``cells``: of all cells of these strides."""
    listed = ", ".join(map(str, strides))
    return (
        "    std::vector<std::array<float, 3>> cells;  // column, row, stride\n"
        f"    for (int stride : {{{listed}}})\n"
        "        for (int y = 0; y < (HEIGHT + stride - 1) / stride; ++y)\n"
        "            for (int x = 0; x < (WIDTH + stride - 1) / stride; ++x)\n"
        "                cells.push_back({float(x), float(y), float(stride)});\n"
    )


def scales(detector: Detector) -> dict[str, str]:
    """What brings coordinates into pixels of the input."""
    usual = UNIT_COORDINATES.default if detector.decoder in _UNIT else "input"
    unit = detector.options.get("coordinates", usual) == "unit"
    size = detector.preprocessing
    width, height = (size.width, size.height) if unit else (1, 1)
    return {"scale_x": number(width), "scale_y": number(height)}
