"""The state of the pages on layers: which profile is shown, and which layer is selected."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from core.errors import WorkbenchError
from core.profiling.service import plan_profile, profile_result
from core.wording.profiling import profile_title

if TYPE_CHECKING:
    from core.profiling.findings import Finding
    from core.profiling.graph_places import GraphPlaces
    from core.profiling.profile import Profile
    from core.profiling.result import ProfileResult
    from core.profiling.sums import LayerSum
    from core.workspace.store import Artifact, Project


@dataclass(frozen=True, eq=False)
class LayersView:
    """One profile of a project, and what its layers sum up to.

    `titles` are those of all profiles of the job, `chosen` the place of the one that is shown;
    `keepable` are the operations that the parent's graph has and a plan can keep in float.
    """

    result: ProfileResult
    titles: tuple[str, ...]
    chosen: int
    profile: Profile
    findings: tuple[Finding, ...]
    places: GraphPlaces
    by_type: tuple[LayerSum, ...]
    by_precision: tuple[LayerSum, ...]
    keepable: frozenset[str]
    model: Path | None

    def operations_to_keep(self, place: int) -> tuple[str, ...]:
        """The operations of a layer that can be kept in float."""
        return tuple(n for n in self.profile.layers[place].operations if n in self.keepable)


class LayersPresenter(Presenter):
    """Reads the newest profile of a project, and starts new ones.

    Both pages show what is chosen and selected here.
    """

    profile_changed = Sends[LayersView | None]()
    layer_selected = Sends[int | None]()  # place among the layers

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.run_on: str | None = None  # the host that layers are profiled on
        self._project: Project | None = None
        self._artifact: Artifact | None = None
        self._result: ProfileResult | None = None
        self._view: LayersView | None = None
        self._selected: int | None = None

    @property
    def view(self) -> LayersView | None:
        """What is shown."""
        return self._view

    @property
    def selected(self) -> int | None:
        """The selected layer."""
        return self._selected

    def show_project(self, project: Project) -> None:
        """Show the newest profile of this project, the optimized model's first."""
        newest = None
        try:
            artifacts = self.workspace.artifacts(project.id, "profile")
            newest = artifacts[0] if artifacts else None
            if self._project is not None and (self._project.id, self._artifact) == (
                project.id,
                newest,
            ):
                return
            self._result = profile_result(newest) if newest else None
        except WorkbenchError as error:
            self._result = None  # and is not tried again
            self.notices.refuse(error)
        self._project, self._artifact = project, newest
        self.choose_profile(len(self._result.profiles) - 1 if self._result else 0)

    def choose_profile(self, chosen: int) -> None:
        """Show another profile of the same job."""
        self._view = self._made(chosen) if self._result is not None else None
        self._selected = None
        self.refresh()

    def refresh(self) -> None:
        """Tell what is shown and selected, to a page that was not there before, say."""
        self.profile_changed.emit(self._view)
        self.layer_selected.emit(self._selected)

    def select_layer(self, place: int | None) -> None:
        """Select a layer, wherever it was clicked."""
        if place != self._selected:
            self._selected = place
            self.layer_selected.emit(place)

    def run_profile(self) -> None:
        """Profile the layers of the shown project."""
        if self._project is not None:
            number = self._project.id
            self.queue.start(plan_profile, self.workspace, number, run_on=self.run_on)

    def keep_in_float(self, places: Sequence[int]) -> None:
        """Ask for a plan that keeps the operations of these layers in float."""
        if self._view is not None:
            names = [name for one in places for name in self._view.operations_to_keep(one)]
            self.go.keep_in_float.emit(tuple(dict.fromkeys(names)))

    def save_csv(self, path: Path, places: Sequence[int]) -> None:
        """Write the layers at these places, in this order."""
        if self._view is None:
            return
        from core.profiling.layers_csv import layers_csv
        from core.values import write_bytes_whole

        with self._writing(path):
            write_bytes_whole(path, layers_csv(self._view.profile, places))

    def _made(self, chosen: int) -> LayersView:
        from core.profiling.sums import by_precision, by_type

        result = self._result
        assert result is not None
        profile = result.profiles[chosen]
        return LayersView(
            result=result,
            titles=tuple(profile_title(one.key) for one in result.profiles),
            chosen=chosen,
            profile=profile,
            findings=result.findings[chosen],
            places=result.places[chosen],
            by_type=by_type(profile),
            by_precision=by_precision(profile),
            keepable=frozenset(
                name
                for one in result.profiles
                if one.model == result.profiles[0].model and not one.quantized
                for layer in one.layers
                if layer.type not in ("Input", "Output")
                for name in layer.operations
            ),
            model=self._model_of(profile),
        )

    def _model_of(self, profile: Profile) -> Path | None:
        """Where the profiled model lies, if it is still there."""
        from core.workspace.projects import PARENT

        project = self._project
        if project is not None and profile.model == PARENT and project.parent_id is not None:
            try:
                project = self.workspace.project(project.parent_id)
            except WorkbenchError:
                return None
        return project.model if project is not None else None


def netron_command(model: Path) -> list[str] | None:
    """How to open a model in Netron, where that is installed."""
    program = shutil.which("netron")
    if program is not None:
        return [program, str(model)]
    if not getattr(sys, "frozen", False) and importlib.util.find_spec("netron") is not None:
        return [sys.executable, "-m", "netron", str(model)]
    return None
