"""What was not needed for the first picture of the window is made when that stands.

Modules are imported in a thread, for numpy and the charts' library alone hold the window up for
longer than a user forgives; pages are then made one at a time, with the window answering between
them. Whoever is faster than this has a page made at once, as if nobody had begun.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer

from app.shell.garbage import Garbage
from app.shell.tabs import Tabs
from app.workers.importing_ahead import ImportAhead

AFTER_MS = 200
_BETWEEN_MS = 20

MODULES = (
    "app.shell.following",
    "app.project.tab",
    "app.project.chains",
    "app.project.standing",
    "core.scorecard.optimize_and_compare",
    "core.scorecard.service",
    "core.wording.leaderboard",
    "app.importing.dialog",
    "app.importing.presenter",
    "app.optimize.tab",
    "app.optimize.presenter",
    "app.search.page",
    "app.search.presenter",
    "app.search.chart",
    "app.performance.tab",
    "app.performance.speed_page",
    "app.performance.speed_charts",
    "app.reports.tab",
    "app.reports.presenter",
    "app.reports.predictions_page",
    "app.reports.predictions_presenter",
    "core.reports.predictions.kind",
    "core.metrics.comparison.confusion",
    "app.performance.layers_page",
    "app.performance.graph_page",
    "app.performance.compare_page",
    "app.reports.annotations_presenter",
    "core.reports.annotations.kind",
    "app.reports.annotations_page",
    "app.reports.tensors_page",
    "app.reports.operating_page",
    "core.reports.operating.kind",
    "app.reports.two_ways_page",
    "app.reports.two_ways_presenter",
    "core.reports.two_ways.kind",
    "app.reports.versus_page",
    "app.viewer.comparison_viewer",
)


_TYPES_AT_ONCE = 12  # between two turns of the event loop


def made_types() -> Iterator[None]:
    """Makes every type of Qt, a few at each step, before another thread asks for one.

    PySide makes a type when it is first asked for, and lets another thread use it half made: an
    import of the charts' library, which asks for all of them, beside a cell that Python paints
    ended the program.
    """
    for module in (QtCore, QtGui, QtWidgets):
        for number, name in enumerate(dir(module), start=1):
            getattr(module, name)
            if number % _TYPES_AT_ONCE == 0:
                yield


class Warming(QObject):
    """Makes the tabs ready, beginning a moment after `start`."""

    def __init__(self, tabs: Tabs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages = tabs.make_all()
        self._garbage = Garbage(self)
        self._done = False
        self._imports = ImportAhead(MODULES, self)
        self._imports.finished.connect(self._on_imported)
        self._delay = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._delay.timeout.connect(self._on_painted)
        self._types = made_types()
        self._types_timer = QTimer(self, interval=0)
        self._types_timer.timeout.connect(self._make_types)
        self._timer = QTimer(self, interval=_BETWEEN_MS)
        self._timer.timeout.connect(self._step)

    @property
    def done(self) -> bool:
        """Whether everything is there."""
        return self._done

    def start(self) -> None:
        """Begin, once the window is painted."""
        self._delay.start()

    def close(self) -> None:
        """End it, and wait."""
        self._delay.stop()
        self._types_timer.stop()
        self._timer.stop()
        self._imports.stop()
        self._garbage.stop()

    def _on_painted(self) -> None:
        self._types_timer.start()

    def _make_types(self) -> None:
        if next(self._types, self) is self:
            self._types_timer.stop()
            self._imports.start()

    def _on_imported(self) -> None:
        if not self._imports.stopping:
            self._timer.start()

    def _step(self) -> None:
        if next(self._pages, None) is None:
            self._done = True
            self._timer.stop()
            self._garbage.start()
