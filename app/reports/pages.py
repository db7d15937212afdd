"""The one table of the pages of the window: by the kind's id, its presenter and its page.

They are imported when a report of the kind is first opened.
"""

from __future__ import annotations

from collections.abc import Callable

from app.reports.kind_page import KindPage
from app.reports.kind_presenter import KindPresenter

Pair = tuple[type[KindPresenter], type[KindPage]]


def _predictions() -> Pair:
    from app.reports.predictions_page import PredictionsPage
    from app.reports.predictions_presenter import PredictionsPresenter

    return PredictionsPresenter, PredictionsPage


def _annotations() -> Pair:
    from app.reports.annotations_page import AnnotationsPage
    from app.reports.annotations_presenter import AnnotationsPresenter

    return AnnotationsPresenter, AnnotationsPage


def _tensors() -> Pair:
    from app.reports.tensors_page import TensorsPage, TensorsPresenter

    return TensorsPresenter, TensorsPage


def _two_ways() -> Pair:
    from app.reports.two_ways_page import TwoWaysPage
    from app.reports.two_ways_presenter import TwoWaysPresenter

    return TwoWaysPresenter, TwoWaysPage


def _operating() -> Pair:
    from app.reports.operating_page import OperatingPage, OperatingPresenter

    return OperatingPresenter, OperatingPage


PAGES: dict[str, Callable[[], Pair]] = {
    "predictions": _predictions,
    "annotations": _annotations,
    "operating-point": _operating,
    "tensor-distance": _tensors,
    "two-ways": _two_ways,
}
