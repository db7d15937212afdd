"""The page of one kind of report in the window."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from app.kit.signals import Sends
from app.reports.kind_presenter import KindPresenter


class KindPage(QWidget):
    """Shows what its presenter reads and computes; each kind has a subclass.

    `keep_in_float_requested` carries names of operations for the next optimization's ignored
    scope.
    """

    keep_in_float_requested = Sends[tuple[str, ...]]()

    def __init__(self, presenter: KindPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        presenter.report_changed.connect(self.show_report)

    def show_report(self, view: Any) -> None:
        """Show the kind's view of a report, or none."""
        raise NotImplementedError

    def select_image(self, image: int, class_id: int | None = None) -> None:
        """Follow the image, and the class of the box, that is looked at in the viewer."""
