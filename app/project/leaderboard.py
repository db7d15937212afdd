"""The leaderboard: all models of a family in a table, the parent first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QLineEdit

from app.kit.boxes import across
from app.kit.fields import combo
from app.kit.saving import ask_where_to_save
from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.kit.text import tooltip
from app.kit.widgets import Card, button, label
from core.sizes import megabytes
from core.text import counted

if TYPE_CHECKING:
    from core.scorecard.score import Score

T = TypeVar("T")
_MOST_ROWS = 10  # seen at a time
_TICK_WIDTH, _NAME_WIDTH = 34, 190
_VERDICTS = {
    "All verdicts": "",
    "Safe": "safe",
    "Check": "check",
    "Not safe": "not_safe",
    "No verdict": "none",
}
_RANKS = {"safe": 0, "check": 1, "not_safe": 2}
_Role = Qt.ItemDataRole


class LeaderboardCard(Card):
    """Filtered, sorted and exported; a click opens a project, two that are ticked are compared."""

    project_requested = Sends[int | None]()
    comparison_requested = Sends[tuple[int, ...]]()
    export_requested = Sends[Path, tuple["Score", ...]]()  # the file, and the rows as shown

    def __init__(self) -> None:
        super().__init__("Leaderboard")
        self._family: tuple[Score, ...] = ()
        self._ticked: set[int] = set()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter by name or plan")
        self.search.setAccessibleName("Filter by name or plan")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(230)
        self.verdict = combo("Filter by verdict", widest=140)
        for title, name in _VERDICTS.items():
            self.verdict.addItem(title, name)
        self.note = label(quiet=True, wrap=False)
        self.compare = button("Compare projects")
        self.export = button("Export CSV…")
        self.table = RowsTable("Models of this family", self._columns(), _WIDTHS)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.box.addLayout(
            across(self.search, self.verdict, (self.note, 1), self.compare, self.export)
        )
        self.box.addWidget(self.table)
        self.search.textChanged.connect(self._filter)
        self.verdict.currentIndexChanged.connect(self._filter)
        self.table.clicked.connect(self._on_clicked)
        self.table.row_activated.connect(self._on_row_activated)
        self.compare.clicked.connect(self._on_compare_clicked)
        self.export.clicked.connect(self._on_export_clicked)
        self._show_ticked()

    def show_family(self, family: tuple[Score, ...]) -> None:
        """Show the models of a family; the same ones as before stay as they are sorted."""
        if family == self._family:
            return
        before, self._family = self._family, family
        same = [one.project_id for one in before] == [one.project_id for one in family]
        if same:
            self.table.rows.update_rows(family)
        else:
            self._ticked &= {one.project_id for one in family}
            self.table.show_rows(family)
            self.table.fit_height(_MOST_ROWS)
        if self.search.text() or self.verdict.currentData():
            self._filter()
        else:
            self._show_ticked()

    def export_to(self, path: Path) -> None:
        """Write the rows that are shown."""
        self.export_requested.emit(path, self.table.rows.shown_rows())

    def _columns(self) -> tuple[Column[Score], ...]:
        def ticked(one: Score) -> Qt.CheckState:
            states = Qt.CheckState
            return states.Checked if one.project_id in self._ticked else states.Unchecked

        tick: Column[Score] = Column(
            "",
            "Tick two to compare them",
            lambda one: "",
            roles={_Role.CheckStateRole: ticked},
            check=self._tick,
        )
        return (tick, *_COLUMNS)

    def _tick(self, one: Score, ticked: bool) -> None:
        (self._ticked.add if ticked else self._ticked.discard)(one.project_id)
        self._show_ticked()

    def _show_ticked(self) -> None:
        count = len(self._ticked)
        self.compare.setEnabled(count == 2)
        none = bool(self._family) and not self.table.rows.rowCount()
        ticked = f"{counted(count, 'model')} ticked" if count else ""
        self.note.setText("No model fits the filter." if none else ticked)
        hint = "Speed, size, accuracy and layers of the two side by side"
        self.compare.setToolTip(tooltip(hint if count == 2 else "Tick two models first"))

    def _filter(self) -> None:
        from core.wording.leaderboard import plan_text

        wanted, verdict = self.search.text().casefold(), self.verdict.currentData()

        def fits(place: int, one: Score) -> bool:
            name = one.judged.verdict if one.judged else "none"
            text = f"{one.title} {plan_text(one)}".casefold()
            return (not verdict or name == verdict) and wanted in text

        self.table.choose(fits)
        self._show_ticked()

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() > 0:
            self._on_row_activated(index.data(_Role.UserRole))

    def _on_row_activated(self, one: Score) -> None:
        self.project_requested.emit(one.project_id)

    def _on_compare_clicked(self) -> None:
        chosen = [one.project_id for one in self._family if one.project_id in self._ticked]
        self.comparison_requested.emit(tuple(chosen))

    def _on_export_clicked(self) -> None:
        asked = "leaderboard", "leaderboard.csv", "CSV (*.csv)"
        path = ask_where_to_save(self, "Export the leaderboard", *asked)
        if path is not None:
            self.export_to(path)


def _number(
    title: str, meaning: str, value: Callable[[Score], float | None], form: str
) -> Column[Score]:
    return Column(title, meaning, value, f"{{:{form}}}".format, hint=_hint, right=True)


def _of(part: Callable[[Score], T | None], value: Callable[[T], float | None]) -> Any:
    def of(one: Score) -> float | None:
        found = part(one)
        return None if found is None else value(found)

    return of


def _hint(one: Score) -> str:
    """How it was measured, or why its speeds are not divided."""
    from core.wording.scorecard import APART, ran_as

    lines = [one.title, one.message]
    if one.speed is not None:
        lines.append(ran_as(one.speed))
    if one.apart is not None:
        lines.append(APART[one.apart])
    return "\n".join(filter(None, lines))


def _verdict(one: Score) -> str | None:
    from core.wording.judged import verdict_in_list

    return verdict_in_list(one)


def _judged_for(one: Score) -> str:
    from core.wording.judged import judged_in_words

    return judged_in_words(one)


def _kept(one: Score) -> str | None:
    """Percent, on its own side of the limits."""
    from core.wording.judged import kept_text

    return kept_text(one.judged).removesuffix("%") if one.kept else None


def _rank(one: Score) -> int | None:
    return _RANKS[one.judged.verdict] if one.judged and one.is_judged else None


def _plan(one: Score) -> str:
    from core.wording.leaderboard import plan_text

    if one.state != "ready":
        return one.message or one.state.replace("_", " ")
    return plan_text(one)


_COLUMNS: tuple[Column[Score], ...] = (
    Column("Model", "Click to open the project", lambda one: one.name, hint=_hint),
    _number(
        "FPS",
        "Throughput: beside its parent's, of the rounds that the ratio belongs to",
        _of(lambda one: one.speed, lambda speed: speed.fps),
        ".1f",
    ),
    _number(
        "Parent FPS",
        "The parent's in the same benchmark",
        _of(lambda one: one.parent_speed, lambda speed: speed.fps),
        ".1f",
    ),
    _number(
        "Speed-up",
        "Throughput over the parent's, measured in turns",
        _of(lambda one: one.speed_up, lambda ratio: ratio.throughput.value),
        ".2f",
    ),
    _number(
        "Latency, ms",
        "One inference at a time",
        _of(lambda one: one.speed, lambda speed: speed.latency_ms),
        ".2f",
    ),
    Column(
        "Size",
        "Graph and weights on disk",
        lambda one: one.size_bytes,
        megabytes,
        hint=_hint,
        right=True,
    ),
    Column("Verdict", "Of the newest report on predictions", _verdict, hint=_judged_for, key=_rank),
    Column(
        "Kept, %",
        "Share of the parent's accuracy that is kept",
        _kept,
        key=_of(lambda one: one.kept, lambda kept: kept.share.value),
        hint=_hint,
        right=True,
    ),
    _number("AP", "COCO AP@[.50:.95]", _of(lambda one: one.ap, lambda ap: ap.ap), ".3f"),
    Column("Plan", "How it differs from the default plan", _plan, hint=_plan),
)
_WIDTHS = {
    "": _TICK_WIDTH,
    "Model": _NAME_WIDTH,
    **dict.fromkeys(("FPS", "AP"), 64),
    **dict.fromkeys(("Parent FPS", "Kept, %"), 72),
    **dict.fromkeys(("Latency, ms", "Size"), 80),
    **dict.fromkeys(("Speed-up", "Verdict"), 96),
}
