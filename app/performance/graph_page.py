"""Graph: the executed graph, beside a short table of its layers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QProcess, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QRadioButton,
    QStackedWidget,
    QWidget,
)

from app.kit.boxes import across, divided, down
from app.kit.page import Page
from app.kit.tables.rows_table import RowsTable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import Card, EmptyState, button, label
from app.performance.graph.graph_view import GraphView
from app.performance.graph.legend import ColourLegend
from app.performance.layers_model import short_layer_columns
from app.performance.layers_presenter import LayersPresenter, LayersView, netron_command
from app.performance.profile_picker import ProfilePicker
from app.project_views import ProjectView
from core.wording.profiling import layer_facts

_WIDTHS = {"No.": 50, "Layer": 118, "Type": 112, "Time, ms": 86, "Precision": 76}


class GraphPage(QStackedWidget):
    """Graph and table select the same layer; `layer_listed` asks for it on the page of layers."""

    layer_listed = Signal()

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._model: Path | None = None
        self.empty = EmptyState(
            "No graph yet",
            "Profile the layers first: here is the graph that was executed, coloured by time or by "
            "precision.",
            "Profile layers",
        )
        self.empty.action.clicked.connect(presenter.run_profile)
        self.whole = QWidget()
        self.addWidget(self.empty)
        self.addWidget(self.whole)
        self.graph = GraphView()
        self.graph.layer_clicked.connect(presenter.select_layer)
        down(
            self._bar(),
            (divided(self.graph, self._side(), (590, 470), (6, 4)), 1),
            spacing=GAP,
            margins=(MARGIN, MARGIN - 4, MARGIN, MARGIN - 4),
            on=self.whole,
        )
        presenter.profile_changed.connect(self._on_profile_changed)
        presenter.layer_selected.connect(self._on_layer_selected)
        self._on_layer_selected(None)

    def show_project(self, view: ProjectView) -> None:
        """Show the newest profile of this project, or how to get one."""
        self.empty.action.setVisible(view.ready)
        self._presenter.show_project(view.project)

    def _bar(self) -> QHBoxLayout:
        self.profiles = ProfilePicker(self._presenter)
        self.by_time, self.by_precision = QRadioButton("Time"), QRadioButton("Precision")
        self.by_time.setChecked(True)
        self.colours = QButtonGroup(self)
        self.colours.addButton(self.by_time, 0)
        self.colours.addButton(self.by_precision, 1)
        self.colours.idToggled.connect(self._on_colours_chosen)
        self.legend = ColourLegend()
        self.closer, self.further = button("+"), button("−")
        self.fit, self.start = button("Whole graph"), button("Start")
        self.closer.setToolTip("Zoom in (wheel, +)")
        self.further.setToolTip("Zoom out (wheel, −)")
        self.fit.setToolTip("Show the whole graph (F)")
        self.start.setToolTip("Show the first layers at a readable size")
        self.closer.clicked.connect(self._on_closer_clicked)
        self.further.clicked.connect(self._on_further_clicked)
        self.fit.clicked.connect(self.graph.fit)
        self.start.clicked.connect(self.graph.show_start)
        colour = label("Colour by")
        colour.setWordWrap(False)
        return across(
            self.profiles,
            colour,
            self.by_time,
            self.by_precision,
            self.legend,
            1,
            self.further,
            self.closer,
            self.start,
            self.fit,
            spacing=GAP,
        )

    def _side(self) -> QWidget:
        self.table = RowsTable("Layers", short_layer_columns(None), _WIDTHS)
        self.table.row_chosen.connect(self._on_row_chosen)
        self.facts = Card("No layer is selected")
        self.keep = button("Keep in float")
        self.keep.setToolTip("Add its operations to the ignored scope of the next optimization")
        self.keep.clicked.connect(self._on_keep_clicked)
        self.list = button("Show in Layers")
        self.list.setToolTip("Find this layer in the table of the page Layers")
        self.list.clicked.connect(self.layer_listed)
        self.netron = button("Open in Netron")
        self.netron.setToolTip("Open the model file in Netron")
        self.netron.clicked.connect(self._on_netron_clicked)
        self.facts.box.addLayout(across(self.keep, self.list, self.netron, 1, spacing=GAP))
        scrolled = Page()
        scrolled.box.setContentsMargins(0, 0, 0, 0)
        scrolled.box.addWidget(self.facts)
        scrolled.box.addStretch(1)
        return divided(self.table, scrolled, (300, 300), upright=True)

    def _on_profile_changed(self, view: LayersView | None) -> None:
        self.setCurrentWidget(self.empty if view is None else self.whole)
        self.graph.show_graph(view)
        profile = view.profile if view else None
        self.table.show_rows(profile.layers if profile else (), short_layer_columns(profile))
        if view is None:
            return
        self._model = view.model
        self.netron.setVisible(self._model is not None and netron_command(self._model) is not None)
        self._show_legend()

    def _show_legend(self) -> None:
        view = self._presenter.view
        if view is None:
            return
        if self.by_precision.isChecked():
            self.legend.show_precisions([one.name for one in view.by_precision])
        else:
            times = [layer.time_ms for layer in view.profile.layers]
            self.legend.show_time(max(times, default=0.0))

    def _on_colours_chosen(self) -> None:
        self.graph.colour_by("precision" if self.by_precision.isChecked() else "time")
        self._show_legend()

    def _on_layer_selected(self, place: int | None) -> None:
        self.table.select(place)
        self.graph.select(place, centre=not self.graph.hasFocus())
        view = self._presenter.view
        if place is None or view is None:
            self.facts.title.setText("No layer is selected")
            self.facts.set_facts([("", "Click one in the graph or in the table.")])
            self.keep.setEnabled(False)
            self.list.setEnabled(False)
            return
        self.list.setEnabled(True)
        layer = view.profile.layers[place]
        self.facts.title.setText(layer.label)
        self.facts.set_facts(layer_facts(layer))
        self.keep.setEnabled(bool(view.operations_to_keep(place)))

    def _on_row_chosen(self, place: int) -> None:
        self._presenter.select_layer(place)
        self.graph.select(place, centre=True)

    def _on_closer_clicked(self) -> None:
        self.graph.zoom_by(1.4)

    def _on_further_clicked(self) -> None:
        self.graph.zoom_by(1 / 1.4)

    def _on_keep_clicked(self) -> None:
        if self._presenter.selected is not None:
            self._presenter.keep_in_float((self._presenter.selected,))

    def _on_netron_clicked(self) -> None:
        command = netron_command(self._model) if self._model else None
        if command is not None:
            QProcess.startDetached(command[0], command[1:])
