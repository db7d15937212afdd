"""A project's model as files of OpenVINO: the IR, ready for any program that runs one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from core.jobs.context import JobContext
from core.jobs.handover import PlannedHandover, deliver
from core.jobs.job import Weight
from core.models.sources import safe_name
from core.refusals import require_empty
from core.values import Value
from core.workspace.projects import model_of, ready_project, title_of
from core.workspace.store import Workspace

_FOLDER = "model"
_NOTES_FILE = "notes.txt"


class ExportModelResult(Value):
    """Of an exported model: its files' names."""

    files: tuple[str, ...]


class ExportModelJob(Value, tag="export_model"):
    """A model's ``.xml`` and ``.bin``, byte for byte, called `name`, and the notes if any.

    Leaves them in the folder ``model``.
    """

    weight: ClassVar[Weight] = "light"

    model: Path
    name: str
    notes: str = ""

    def run(self, context: JobContext) -> ExportModelResult:
        """See `core.jobs.job.Job`; raises WorkbenchError where the model itself is damaged."""
        from core.models.stored import read_network

        context.step("Reading the model")
        read_network(self.model)
        context.step("Copying the model")
        folder = context.folder / _FOLDER
        folder.mkdir()
        for suffix in (".bin", ".xml"):
            shutil.copyfile(self.model.with_suffix(suffix), folder / f"{self.name}{suffix}")
            context.step("Copying the model")
        if self.notes:
            (folder / _NOTES_FILE).write_text(self.notes, "utf-8", "replace")
        return ExportModelResult(files=tuple(sorted(path.name for path in folder.iterdir())))


def plan_export_model(workspace: Workspace, project_id: int, output: Path) -> PlannedHandover:
    """The project's model in the folder `output`, which is new or empty.

    Raises InputError where it is neither: nothing is overwritten.
    """
    project = ready_project(workspace, project_id)
    title = title_of(workspace, project)
    require_empty(output)

    def finish(folder: Path) -> int:
        deliver(folder, _FOLDER, output)
        return project_id

    return PlannedHandover(
        output=output,
        title=f"Export the model of {title}",
        job=ExportModelJob(
            model=model_of(project), name=safe_name(project.name), notes=project.notes
        ),
        project_id=project_id,
        finish=finish,
    )
