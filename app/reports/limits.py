"""What a project has now, as a file of limits for those after it."""

from __future__ import annotations

from pathlib import Path

from core.check.present import present_figures
from core.errors import WorkbenchError
from core.values import write_bytes_whole
from core.wording.limits_file import limits_file
from core.workspace.store import Workspace


def write_limits(workspace: Workspace, project_id: int, title: str, target: Path) -> None:
    """Write them to `target`; raises WorkbenchError where that cannot be written."""
    present = present_figures(workspace, project_id, lambda *_: None)
    try:
        write_bytes_whole(target, limits_file(title, present))
    except OSError as error:
        raise WorkbenchError(
            f"{target} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
