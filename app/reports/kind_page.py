"""The page of one kind of report in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.kit.signals import Sends
from app.reports.image_rows import ImageRowsView
from app.reports.kind_presenter import KindPresenter
from app.viewer.folding import NARROW
from core.metrics.matching.thresholds import Thresholds
from core.metrics.operating_point.basis import Basis


class KindPage(QWidget):
    """Shows what its presenter reads and computes; each kind has a subclass.

    `keep_in_float_requested` carries names of operations for the next optimization's ignored
    scope; `look_requested` thresholds at which predictions are to be looked at; `package_requested`
    the folder of a report whose operating point a package is to use, and which of its thresholds.
    """

    keep_in_float_requested = Sends[tuple[str, ...]]()
    look_requested = Sends[Thresholds]()
    package_requested = Sends[Path, Basis]()

    def __init__(self, presenter: KindPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        presenter.report_changed.connect(self.show_report)

    def show_report(self, view: Any) -> None:
        """Show the kind's view of a report, or none."""
        raise NotImplementedError

    def make_ready(self) -> KindPage:
        """Make what the first report needs, apart from the page itself."""
        return self

    def close_workers(self) -> None:
        """End the threads that decode images, and wait for them."""
        for table in self.findChildren(ImageRowsView):
            table.small.close()

    def select_image(self, image: int, class_id: int | None = None) -> None:
        """Follow the image, and the class of the box, that is looked at in the viewer."""


class FoldingPage(KindPage):
    """A page whose panel at the side can be folded; `panel_folded` follows the user's doing so.

    Until the user folds or unfolds it, it is folded while the window is narrow: the tables need
    its room.
    """

    panel_folded = Sends[bool]()
    _by_width = False

    def fold_panel(self, folded: bool) -> None:
        """Fold it, or show it."""
        raise NotImplementedError

    def fold_panel_by_width(self) -> None:
        """Have the window's width fold it."""
        self._by_width = True
        self._fit_panel()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_panel()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_panel()

    def _on_panel_toggled(self, shown: bool) -> None:
        self._by_width = False
        self.panel_folded.emit(not shown)

    def _fit_panel(self) -> None:
        if self._by_width:
            self.fold_panel(self.window().width() <= NARROW)
