"""The report on the operating point: its curve, its thresholds, and where they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QWidget

from app.kit.boxes import across, down
from app.kit.fields import Choice
from app.kit.figures import FigureGrid
from app.kit.segments import Segments
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label
from app.reports.kind_page import KindPage
from app.reports.kind_presenter import KindPresenter, KindView
from app.reports.operating_curve import OperatingCurve
from app.reports.page_layout import fill_page, side_panel
from app.reports.thresholds_panel import POINT_KNOBS, ThresholdsPanel
from app.reports.typed_table import TypedTable, tiles
from core.metrics.matching.thresholds import Thresholds
from core.metrics.operating_point.basis import Basis
from core.metrics.operating_point.point import OperatingPoint
from core.reports.operating.kind import OperatingPointReport, load_operating_point
from core.reports.operating.tables import (
    CLASS_COLUMNS,
    F1_COLUMNS,
    SETTING_COLUMNS,
    class_table,
    f1_table,
    figures,
    setting_table,
)
from core.reports.operating.wording import BASIS_WORDS, main_sentences, more_sentences
from core.text import counted

if TYPE_CHECKING:
    from core.reports.kind import ViewState

_VIEWS = (
    ("Curve", "What each threshold leaves, in the half that thresholds are chosen on"),
    ("Thresholds", "What they give in the other half"),
    ("Classes", "The threshold of each class"),
)
CURVE, THRESHOLDS, CLASSES = range(3)


class OperatingPresenter(KindPresenter):
    """Finds the point anew where the parent is used at another threshold."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> KindView:
        """The report in `folder` as it was looked at the last time."""
        report = load_operating_point(folder, state)
        assert report.point  # found here, in the thread
        own = report.result.thresholds
        return KindView(report=report, thresholds=report.thresholds, own=own, chosen=state.chosen)

    def compute(self) -> None:
        """Choose and judge thresholds anew."""
        view: KindView | None = self._view
        thresholds = self._thresholds
        if view is None or thresholds is None:
            return
        state = self.state

        def task() -> KindView:
            report = OperatingPointReport(view.report.result, view.report.folder, state)
            assert report.point
            return replace(view, report=report, thresholds=thresholds)

        self.computer.ask("compute", task, self.show)


class OperatingPage(KindPage):
    """Thresholds are chosen in it, looked at in the viewer, and written into a package."""

    def __init__(self, presenter: KindPresenter) -> None:
        super().__init__(presenter)
        self._point: OperatingPoint | None = None
        self._bases: tuple[Basis, ...] = ()
        self.sentence = label(selectable=True)
        self.figures = FigureGrid(5)
        self.thresholds = ThresholdsPanel(POINT_KNOBS, limits=False)
        self.thresholds.thresholds_changed.connect(presenter.set_thresholds)
        self.note = label(quiet=True)
        bar = self._build_bar()
        row = across(side_panel(self.thresholds, self.note), (self._build_views(), 1), spacing=GAP)
        fill_page(
            self,
            self.sentence,
            self.figures,
            bar,
            (row, 1),
        )

    # Building

    def _build_bar(self) -> QHBoxLayout:
        self.views = Segments(_VIEWS)
        self.views.chosen.connect(self._on_view_chosen)
        self.basis = Choice("Which thresholds are used")
        self.basis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.basis.currentIndexChanged.connect(self._show_basis)
        self.apply = button("Apply in the viewer", primary=True)
        self.apply.setToolTip(
            "Compare the predictions with the optimized model at these thresholds, image by image"
        )
        self.apply.clicked.connect(self._on_apply_clicked)
        self.package = button("Make a package…")
        self.package.setToolTip("A deployment package that uses these thresholds")
        self.package.clicked.connect(self._on_package_clicked)
        return across(
            self.views, 1, label("Use", wrap=False), self.basis, self.package, self.apply,
            spacing=GAP,
        )  # fmt: skip

    def _build_views(self) -> QStackedWidget:
        self.curve = OperatingCurve()
        self.settings = TypedTable("Thresholds", SETTING_COLUMNS)
        self.best = TypedTable("Highest F1", F1_COLUMNS)
        self.best_title = heading("By the annotations", 1)
        self.class_table = TypedTable("Classes", CLASS_COLUMNS)
        for table, widths in (
            (self.settings, {0: 122, 1: 68, 2: 96, 5: 158, 6: 158}),
            (self.best, {0: 96, 1: 130, 2: 156, 3: 156}),
            (self.class_table, {0: 150, 2: 170}),
        ):
            for column, width in widths.items():
                table.setColumnWidth(column, width)
            table.widen_first(widths[0])
        both = QWidget()
        down(self.settings, self.best_title, self.best, 1, spacing=GAP, margins=0, on=both)
        self._stack = QStackedWidget()
        for view in (self.curve, both, self.class_table):
            self._stack.addWidget(view)
        return self._stack

    # What is shown

    def show_report(self, view: KindView | None) -> None:
        """Show a report, or none."""
        if view is None:
            self._point = None
            return
        self._point = point = view.report.point
        report: OperatingPointReport = view.report
        self.thresholds.show_thresholds(report.thresholds, report.result.thresholds)
        halves = (
            f"Thresholds are chosen on {counted(point.chosen_images, 'image')} and judged on "
            f"{counted(point.judged_images, 'other')}: the figures are of "
            f"{'that one' if point.judged_images == 1 else 'those'}."
        )
        self.note.setText("\n\n".join((halves, *more_sentences(point))))
        self.settings.show_table(setting_table(point))
        self.settings.fit_height()
        self.class_table.show_table(class_table(point))
        best = point.best_f1
        self.best_title.setVisible(best is not None)
        self.best.setVisible(best is not None)
        if best is not None:
            self.best.show_table(f1_table(best))
            self.best.fit_height()
        self._offer_bases(point)
        self._show_basis()

    def _offer_bases(self, point: OperatingPoint) -> None:
        kept = self._basis if self._bases == point.bases else point.recommended
        self._bases = point.bases
        blocked = self.basis.blockSignals(True)
        self.basis.clear()
        for basis in point.bases:
            words = BASIS_WORDS[basis]
            score = point.thresholds(basis).score
            title = words if basis == "per_class" else f"{words}: {score:g}"
            self.basis.addItem(title + (" (recommended)" if basis == point.recommended else ""))
        self.basis.setCurrentIndex(point.bases.index(kept))
        self.basis.blockSignals(blocked)

    @property
    def _basis(self) -> Basis:
        return self._bases[max(0, self.basis.currentIndex())]

    def _show_basis(self) -> None:
        """What the chosen thresholds come to."""
        point, basis = self._point, self._basis
        if point is not None:
            self.sentence.setText(" ".join(main_sentences(point, basis)))
            self.figures.show_figures(tiles(figures(point, basis), ()))
            self.curve.show_point(point, point.thresholds(basis).score)

    def _on_view_chosen(self, place: int) -> None:
        self._stack.setCurrentIndex(place)

    # What the user wants

    def _on_apply_clicked(self) -> None:
        if self._point is not None:
            point = self._point
            self.look_requested.emit(
                Thresholds(
                    score=point.parent_score,
                    iou=point.iou,
                    optimized_scores=point.thresholds(self._basis),
                )
            )

    def _on_package_clicked(self) -> None:
        artifact = self.presenter.artifact
        if artifact is not None:
            self.package_requested.emit(artifact.folder, self._basis)
