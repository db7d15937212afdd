"""The data colours, for every eye.

Colour vision deficiencies are simulated with the matrices for full severity of Machado, Oliveira
and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009);
differences are CIE 1976 ones of D65, of which 2.3 are just noticed.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.kit.theme import VERDICT_COLOURS
from app.viewer.scene.colours import (
    CLASS_COLOURS,
    STYLES,
    Colouring,
    class_colour,
    class_colours,
    style_of,
)
from app.viewer.scene.scene import MODEL_STATUSES, BoxStatus
from core.documents.status_colours import VERDICTS
from core.metrics.matching.statuses import Status
from core.reports.drawing import LOOKS
from tests.support.checkout import ROOT

Real = NDArray[np.float64]

EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: QColor) -> Real:
    values = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(colour: QColor, eye: str) -> Real:
    seen = np.clip(EYES[eye] @ linear(colour), 0, 1)
    x, y, z = TO_XYZ @ seen / np.array([0.9505, 1.0, 1.089])
    fx, fy, fz = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def contrast(a: QColor, b: QColor) -> float:
    """After WCAG 2."""
    lights = sorted(float((TO_XYZ @ linear(colour))[1]) + 0.05 for colour in (a, b))
    return lights[1] / lights[0]


@pytest.mark.parametrize("eye", EYES)
def test_statuses_are_told_apart(eye: str) -> None:
    for a, b in combinations(MODEL_STATUSES, 2):
        apart = np.linalg.norm(lab(STYLES[a].colour, eye) - lab(STYLES[b].colour, eye))
        assert apart > 15, (a, b)


@pytest.mark.parametrize("eye", EYES)
def test_classes_are_told_apart(eye: str) -> None:
    for a, b in combinations(CLASS_COLOURS, 2):
        assert np.linalg.norm(lab(a, eye) - lab(b, eye)) > 7, (a.name(), b.name())


def test_lines_tell_the_status_without_colour_too() -> None:
    for statuses in (MODEL_STATUSES, [s for s in BoxStatus if s not in MODEL_STATUSES]):
        assert len({STYLES[status].dashes for status in statuses}) == len(statuses)
    for status in BoxStatus:
        assert style_of(status, 3, Colouring.CLASS).dashes == STYLES[status].dashes


def test_labels_are_readable_and_boxes_are_seen_on_dark_photos() -> None:
    for status in BoxStatus:
        for colouring in Colouring:
            style = style_of(status, 2, colouring)
            assert contrast(style.tag, style.tag_text) > 4.5, status
            assert contrast(style.colour, QColor(30, 30, 30)) > 4, status


def test_a_class_has_one_colour_in_every_report() -> None:
    assert class_colour(1) == class_colour(1) != class_colour(2)
    assert class_colour(-1) == QColor("#BBBBBB")  # a class that the model lacks


def test_no_two_classes_of_an_image_have_one_colour() -> None:
    usual, far = 1, 1 + len(CLASS_COLOURS)
    found = class_colours((usual, far, 2))
    assert found[usual] == class_colour(usual)
    assert found[2] == class_colour(2)
    assert len({colour.name() for colour in found.values()}) == 3
    many = class_colours(range(-1, 20))
    assert len({colour.name() for colour in many.values()}) == len(many)
    style = style_of(BoxStatus.MATCHED, far, Colouring.CLASS, found)
    assert style.colour == found[far] != class_colour(usual)


def test_window_pages_and_pdf_have_one_set_of_colours_of_statuses() -> None:
    light = {name: colours[0] for name, colours in VERDICT_COLOURS.items()}
    assert light == VERDICTS
    style = (ROOT / "core/documents/templates/style.css").read_text("utf-8")
    for name, colour in VERDICTS.items():
        assert f".{name} {{ border-color: {colour}; }}" in style
    drawn = {look.status: QColor(look.colour) for look in LOOKS}
    assert drawn == {
        Status.CLASS_CHANGED: STYLES[BoxStatus.CLASS_CHANGED].colour,
        Status.MISSED: STYLES[BoxStatus.MISSED].colour,
        Status.EXTRA: STYLES[BoxStatus.EXTRA].colour,
        Status.SHIFTED: STYLES[BoxStatus.SHIFTED].colour,
        Status.DRIFTED: STYLES[BoxStatus.DRIFTED].colour,
        Status.MATCHED: STYLES[BoxStatus.MATCHED].colour,
    }
