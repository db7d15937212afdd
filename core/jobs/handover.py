"""Files that leave the workspace, or never were in one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from core.folders import bring
from core.jobs.planned import PlannedJob
from core.refusals import explained
from core.unfinished import unfinished


@dataclass(frozen=True, kw_only=True)
class PlannedHandover(PlannedJob):
    """Something that leaves the workspace for `output`; it is made beside that.

    So it may leave a workspace that is open for looking, and moves to no other disk. `said` has, at
    its end, what the user is to know of what was made.
    """

    output: Path
    destination: Path = field(init=False)
    referred_to: bool = False
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "destination", unfinished(self.output.absolute()))


def deliver(folder: Path, name: str, output: Path) -> None:
    """What the job made, to where the user wants it; the job's folder goes away."""
    try:
        bring(folder / name, output)
    except OSError as error:
        raise explained(error, output.absolute().parent) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
