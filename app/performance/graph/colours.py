"""Colours of precisions and of time; distinct with any colour vision, and named beside."""

from __future__ import annotations

from PySide6.QtGui import QColor

# Okabe and Ito 2008.
PRECISIONS = {
    "int8": QColor("#0072B2"),
    "bf16": QColor("#E69F00"),
    "f16": QColor("#CC79A7"),
    "f32": QColor("#8A93A3"),
}
OTHER_PRECISION = QColor("#009E73")
# ColorBrewer's OrRd: darker is slower, also in grey.
_TIME = tuple(QColor(name) for name in ("#FEF3DF", "#FDD49E", "#FC8D59", "#D7301F", "#7F0000"))
_BLACK, _WHITE = QColor(0, 0, 0), QColor(255, 255, 255)


def precision_colour(precision: str) -> QColor:
    """The colour of a precision."""
    return PRECISIONS.get(precision, OTHER_PRECISION)


def time_colour(share: float) -> QColor:
    """The colour of a time, as its share of the slowest layer's, 0..1; the root of it is shown."""
    place = max(0.0, min(1.0, share)) ** 0.5 * (len(_TIME) - 1)
    lower = min(int(place), len(_TIME) - 2)
    first, second, part = _TIME[lower], _TIME[lower + 1], place - lower
    return QColor.fromRgbF(
        *(
            a + (b - a) * part
            for a, b in (
                (first.redF(), second.redF()),
                (first.greenF(), second.greenF()),
                (first.blueF(), second.blueF()),
            )
        )
    )


def text_on(colour: QColor) -> QColor:
    """Black or white, whichever is read more easily on `colour` (relative luminance, WCAG)."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return _BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else _WHITE
