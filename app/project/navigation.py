"""Where a page leads: to another project or tab, to a dialog over the window, to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app.kit.signals import Sends

if TYPE_CHECKING:
    from core.metrics.operating_point.basis import Basis
    from core.scorecard.score import Source

Tab = Literal["project", "optimize", "performance", "report"]


class Navigation(QObject):
    """What the pages and their presenters ask of the window; it listens to each of these."""

    show_project = Sends[int | None]()  # None: the start page
    show_tab = Sends[Tab]()
    show_search = Signal()  # among the ways to optimize
    keep_in_float = Sends[tuple[str, ...]]()  # operations, in the next optimization
    import_model = Sends[Path]()  # its file, into a project
    edit_model = Sends[int]()  # what is known of a project's model
    map_classes = Signal()  # of the selected project's dataset and model
    make_package = Sends[Path, "Basis"]()  # at the operating point of this report
    refresh = Signal()  # read the workspace anew: something in it was changed
    undo_delete = Signal()  # have back what was deleted last
    open_file = Sends[Path]()
    show_source = Sends["Source"]()  # the benchmark run or report that a figure comes from
    compare_projects = Sends[tuple[int, ...]]()
