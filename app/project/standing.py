"""Where all models of the workspace stand, read in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.workers.computer import Computer

if TYPE_CHECKING:
    from core.scorecard.reading import Results
    from core.scorecard.service import Family
    from core.workspace.store import Workspace


@dataclass(frozen=True)
class Standing:
    """All families; `short` is what a list says of each project, such as ``1.9×, check``."""

    families: tuple[Family, ...] = ()
    short: Mapping[int, str] = field(default_factory=dict)

    def family_of(self, project_id: int) -> Family:
        """The family that a project belongs to; empty while it is not known."""
        for family in self.families:
            if any(one.project_id == project_id for one in family):
                return family
        return ()


class StandingReader(Presenter):
    """Reads what there is whenever something may have changed; of files, those that did."""

    changed = Sends[Standing]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.standing = Standing()
        self._results: Results | None = None
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self.notices.refuse)

    def refresh(self) -> None:
        """Read anew; `changed` follows if that gives something else."""
        self._computer.ask("standing", self._read, self._show)

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._computer.close()

    def _read(self) -> Standing:
        """In the thread."""
        from core.scorecard.reading import Results

        if self._results is None:
            self._results = Results()
        return _read(self.workspace, self._results)

    def _show(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.changed.emit(standing)


def _read(workspace: Workspace, results: Results) -> Standing:
    from core.scorecard.service import families
    from core.wording.scorecard import in_short

    found = families(workspace, results)
    return Standing(found, {one.project_id: in_short(one) for family in found for one in family})
