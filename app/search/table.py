"""The candidates of a search as a table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent

from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.kit.tables.widths import remembered_widths
from app.search.presenter import SearchView, marks
from core.search.candidates import Candidate
from core.search.pareto import at_other_sizes
from core.sizes import megabytes
from core.wording.candidates import candidate_label
from core.wording.search import (
    about_sentence,
    failure_sentence,
    plan_summary,
    reason_sentence,
)

_VISIBLE_ROWS = 8
_PLAN_WIDTH = 480  # at most, of its own
_SMALL = "Small objects"  # shown where other input sizes were tried


class CandidateTable(RowsTable):
    """A row for each candidate, in the order tried."""

    def __init__(self) -> None:
        columns = candidate_columns(SearchView())
        super().__init__("Candidates", columns)
        self._small = [one.title for one in columns].index(_SMALL)

    def show_search(self, view: SearchView) -> None:
        """Show this search; the rows that were there stay where they are."""
        candidates = view.state.candidates if view.state else ()
        before = [one.id for one in self.rows.all_rows]
        if [one.id for one in candidates][: len(before)] == before:
            self.rows.update_rows(candidates, candidate_columns(view))
        else:
            self.show_rows(candidates, candidate_columns(view))
        self.setColumnHidden(self._small, not at_other_sizes(candidates))
        self.fit_columns()
        self._fit_plans()
        self.fit_height(_VISIBLE_ROWS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_plans()

    def _fit_plans(self) -> None:
        """What plans are can be read, if need be by scrolling; they fill what room there is."""
        last = self.rows.columnCount() - 1
        wanted = min(self.sizeHintForColumn(last), _PLAN_WIDTH)
        room = self.viewport().width() - self.header.sectionPosition(last)
        self.header.setStretchLastSection(wanted <= room)
        if wanted > room and not remembered_widths(self.header):
            self.setColumnWidth(last, wanted)

    @property
    def candidate(self) -> Candidate | None:
        """The candidate that is selected."""
        one: Candidate | None = self.current_row
        return one

    def select_candidate(self, identity: str) -> None:
        """Select a candidate, as a click does."""
        places = [n for n, one in enumerate(self.rows.all_rows) if one.id == identity]
        row = self.rows.row_of(places[0]) if places else None
        if row is not None:
            self.selectRow(row)


def candidate_columns(view: SearchView) -> tuple[Column[Candidate], ...]:
    """Of a search as it stands.

    Length: a table of data, a column each.
    """
    named = marks(view.state) if view.state else {}
    recommended = view.state.choice.recommended if view.state else ""

    def mark(one: Candidate) -> str:
        dot = "●" if one.id in view.front else "○" if one.id in view.front_of_sizes else ""
        return " ".join(filter(None, (dot, named.get(one.id, ""))))

    def font(one: Candidate) -> QFont | None:
        return _bold() if one.id == recommended else None

    def speed_font(one: Candidate) -> QFont | None:
        return _bold() if one.measurement else font(one)

    usual = {int(Qt.ItemDataRole.FontRole): font}
    return (
        Column("Candidate", "The model and how it runs.", candidate_label, hint=_why, roles=usual),
        Column("Mark", "What it is compared as; ● on the Pareto front,\n"
               "○ on that of other input sizes.", mark, hint=_why, roles=usual),
        Column(
            "Accuracy kept",
            "An estimate of its mAP as a share of the parent's in true f32: the parent's\n"
            "detections on the held-out images count as ground truth, by their squared scores.\n"
            "Where the target may compute INT8 in two ways, the worse of both. At other input\n"
            "sizes it is measured by annotations, where the images have some.",
            lambda one: one.accuracy_kept,
            "{:.4f}".format,
            hint=_why,
            right=True,
            roles=usual,
        ),
        Column(
            _SMALL,
            "The same of objects below 32 x 32 pixels, at other input sizes.\n"
            "Empty where there are too few of them.",
            lambda one: one.small_kept,
            "{:.4f}".format,
            hint=_why,
            right=True,
            roles=usual,
        ),
        Column(
            "Speed",
            "Throughput as a multiple of the parent's in true f32. Those of the final\n"
            "measurement, with all finalists in turns, are in bold; over one, its 95%\n"
            "interval is shown.",
            lambda one: one.speed.value if one.speed else None,
            "{:.2f}×".format,
            hint=_interval,
            right=True,
            roles={int(Qt.ItemDataRole.FontRole): speed_font},
        ),
        Column(
            "Size",
            "Graph and weights.",
            lambda one: one.size_bytes or None,
            megabytes,
            hint=_why,
            right=True,
            roles=usual,
        ),
        Column("Plan", "How it differs from the NNCF defaults.", _plan, hint=_why, roles=usual),
    )  # fmt: skip


def _plan(one: Candidate) -> str:
    """How the plan differs from the default; of a failure, why."""
    if one.failure is not None:
        return failure_sentence(one)
    if one.plan is None:
        return reason_sentence(one.reason)
    return plan_summary(one.plan)


def _why(one: Candidate) -> str:
    return failure_sentence(one) or f"{about_sentence(one)}\n{_plan(one)}"


def _interval(one: Candidate) -> str:
    if one.speed is None:
        return _why(one)
    of = f" of {one.rounds} rounds" if one.rounds else ""
    return f"95% interval {one.speed.low:.2f} to {one.speed.high:.2f}{of}\n{_why(one)}"


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
