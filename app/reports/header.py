"""What stands above every report: where it comes from, the way back, and the export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.kit.boxes import across, down
from app.kit.memory import left_at, start_folder
from app.kit.saving import ask_where_to_save, free_path
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label
from app.reports.presenter import Export
from app.reports.report_library import KeptReport
from core.remarks.sentences import sentences
from core.text import when

_FORMATS: tuple[tuple[Export, str], ...] = (
    ("html", "One HTML page…"),
    ("pdf", "PDF…"),
    ("csv", "CSV tables…"),
    ("json", "JSON…"),
    ("coco", "Detections as COCO results…"),
    ("images", "Annotated images…"),
)
_FILES: dict[Export, str] = {
    "html": "HTML pages (*.html)",
    "pdf": "PDF files (*.pdf)",
    "json": "JSON files (*.json)",
}
_LONGEST = 48  # characters of a name in the title


class ReportHeader(QWidget):
    """The open report's kind, dataset and date, how its models ran, and are not used alike."""

    back_requested = Signal()
    export_requested = Sends[Export]()

    def __init__(self) -> None:
        super().__init__()
        self.back = button("All reports")
        self.back.clicked.connect(self.back_requested)
        self.title = label(selectable=True)  # may be long, and wraps
        self.export = button("Export")
        self.menu = QMenu(self.export)
        self._actions: dict[Export, QAction] = {}
        for wanted, words in _FORMATS:
            action = self.menu.addAction(words)
            action.setData(wanted)
            self._actions[wanted] = action
        self.menu.triggered.connect(self._on_triggered)
        self.export.setMenu(self.menu)
        self.runs = label(quiet=True, selectable=True)
        self.differences = label()
        for lines in (self.runs, self.differences):
            lines.hide()
        row = across(self.back, (self.title, 1), self.export, spacing=GAP)
        facts = down(self.runs, self.differences, spacing=4)
        down(row, facts, spacing=GAP, margins=(MARGIN, GAP, MARGIN, 0), on=self)

    def show_report(self, report: KeptReport | None, formats: Sequence[Export] = ()) -> None:
        """Of this report and its formats; None: of two compared, which cannot be exported."""
        self.export.setVisible(report is not None)
        for wanted, action in self._actions.items():
            action.setVisible(wanted in formats)
        head = report.head if report is not None else None
        runs = report.kind.runs(head) if report is not None and head is not None else ()
        self.runs.setText("\n".join(runs))
        self.runs.setVisible(bool(runs))
        different = head.used_differently if head is not None else ()
        self.differences.setText("\n".join(sentences(different)))
        self.differences.setVisible(bool(different))
        if report is None:
            self.title.setText("")
            return
        about = (report.artifact.name, report.project, report.kind.title, report.dataset)
        parts = tuple(filter(None, about))
        created = f"created {when(report.created)}"
        self.title.setText(" · ".join((*map(_shortened, parts), created)))
        self.title.setToolTip(tooltip("\n".join((*parts, created))))

    def _on_triggered(self, action: QAction) -> None:
        self.export_requested.emit(action.data())


def _shortened(name: str) -> str:
    """A name as it is, or its beginning and end: a line is broken between names, not in them."""
    end = _LONGEST // 2
    return name if len(name) <= _LONGEST else f"{name[:end]}…{name[-end:]}"


def ask_where(parent: QWidget, wanted: Export, name: str) -> Path | None:
    """The file, or the new folder, that an export is to be written to; None where cancelled."""
    if wanted in _FILES:
        return ask_where_to_save(parent, "Export the report", "report", name, _FILES[wanted])
    folder = QFileDialog.getExistingDirectory(
        parent, f"Choose where the new folder {name} is created", str(start_folder("report"))
    )
    left_at("report", folder)
    return free_path(Path(folder) / name) if folder else None


def ask_where_limits(parent: QWidget) -> Path | None:
    """The file that limits are to be written to; None where cancelled."""
    forms = "TOML files (*.toml)"
    return ask_where_to_save(parent, "Write limits", "limits", "limits.toml", forms)
