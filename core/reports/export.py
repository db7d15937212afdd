"""Reports in other formats: what each kind can be exported as, and the job that does it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

from core.documents.plain_files import write_plain
from core.errors import InputError
from core.folders import bring
from core.jobs.context import UNPACKED, JobContext
from core.jobs.job import RESULT_FILE, Weight, read_result
from core.jobs.planned import PlannedJob
from core.jobs.quiet import light_work
from core.progress import Step
from core.refusals import explained, require_empty, require_file
from core.remarks.remark import Remark
from core.reports.kind import ReportKind, ViewState
from core.reports.kinds import kind_of
from core.values import Value, write_bytes_whole
from core.workspace.database import DATABASE_FILE
from core.workspace.projects import title_of
from core.workspace.store import Artifact, Workspace

Names = tuple[str, ...]
FormatName = Literal["html", "csv", "json", "coco", "images"]
MOST_IMAGES = 20


@dataclass(frozen=True)
class Format:
    """A format: `suffix` is that of its one file, empty where it is a folder of files."""

    words: str
    suffix: str = ""
    of_images: bool = False  # needs a report that has images


FORMATS: dict[FormatName, Format] = {
    "html": Format("one HTML page", ".html"),
    "csv": Format("CSV tables"),
    "json": Format("JSON", ".json"),
    "coco": Format("COCO results", of_images=True),
    "images": Format("annotated images", of_images=True),
}


class Written(Value):
    """What the user wrote: the name of a report, and notes on its projects by their titles."""

    name: str = ""
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether that is nothing."""
        return not (self.name or self.notes)


NOTHING = Written()


class ExportResult(Value):
    """Of an export: names of the files, or of the folder that they lie in.

    `problems` are why images were left out, or may be others than the report was made of.
    """

    files: tuple[str, ...]
    problems: tuple[Remark, ...] = ()


class ExportJob(Value, tag="export_report"):
    """A report in another format; leaves its files.

    `report` is the folder that a report's job left, `view` how it is looked at: other thresholds,
    and which rows and images are written. At most so many `images` are drawn. What the user wrote
    stands in the page and in JSON.
    """

    weight: ClassVar[Weight] = "light"
    report: Path
    format: FormatName
    view: ViewState = ViewState()
    images: int = MOST_IMAGES
    written: Written = NOTHING

    def run(self, context: JobContext) -> ExportResult:
        """See `core.jobs.job.Job`."""
        context.step("Reading the report")
        kind = kind_of(self.report)
        require_format(kind, self.format)
        report = kind.read(self.report, self.view)
        context.step("Writing the report")
        problems: list[Remark] = []
        how = context.step, self.written, problems
        files = write_report(kind, report, self.format, context.folder, self.images, *how)
        context.log_problems(problems)
        return ExportResult(files=files, problems=tuple(problems))


def formats_of(kind: ReportKind[Any]) -> tuple[FormatName, ...]:
    """What reports of this kind can be exported as."""
    return tuple(name for name, one in FORMATS.items() if kind.has_images or not one.of_images)


def require_format(kind: ReportKind[Any], wanted: FormatName) -> None:
    """Raises InputError where this kind has no such format."""
    if wanted not in formats_of(kind):
        raise InputError(
            f"A report of the kind {kind.id} has no {FORMATS[wanted].words}.",
            f"It can be exported as {', '.join(formats_of(kind))}.",
        )


def write_report(
    kind: ReportKind[Any],
    report: Any,
    wanted: FormatName,
    folder: Path,
    images: int = MOST_IMAGES,
    step: Step = lambda stage, done, total: None,
    written: Written = NOTHING,
    problems: list[Remark] | None = None,
) -> Names:
    """Write a report in one format into `folder`; gives the names of the files.

    `problems` gets why images could not be drawn, or may be others than the report was made of.
    Raises InputError where there is no image to draw.
    """
    if wanted == "html":
        from core.documents.html import with_notes

        page = kind.page(report)
        if not written.empty:
            page = with_notes(page, written.name, written.notes)
        return (_write(folder, "report.html", page.encode("utf-8", "replace")),)
    if wanted == "json":
        labels = {} if written.empty else {"name": written.name, "notes": dict(written.notes)}
        with (folder / "report.json").open("w+b") as file:
            write_plain(file, {**labels, **kind.plain(report)})
        return ("report.json",)
    if wanted == "csv":
        tables = kind.tables(report)
        for name, table in tables.items():
            with (folder / f"{name}.csv").open("w+b") as file:
                table.write_csv(file)
        return tuple(f"{name}.csv" for name in tables)
    if wanted == "coco":
        return _write_coco(kind, report, folder)
    return _draw(kind, report, folder, images, step, [] if problems is None else problems)


def _write(folder: Path, name: str, data: bytes) -> str:
    write_bytes_whole(folder / name, data)
    return name


def _write_coco(kind: ReportKind[Any], report: Any, folder: Path) -> Names:
    from core.predict.coco_results import write_results

    found, names = kind.detections(report), []
    for side, role in enumerate(kind.files):
        names.append(f"{role}-detections.json")
        with (folder / names[-1]).open("w+b") as file:
            write_results(file, found.image_names, partial(found.of, side))
    return tuple(names)


def _draw(
    kind: ReportKind[Any],
    report: Any,
    folder: Path,
    most: int,
    step: Step,
    problems: list[Remark],
) -> Names:
    from core.reports.drawing import write_images

    images, stage = kind.images(report), "Drawing the images"
    total = min(most, len(images.chosen))
    step(stage, 0, total)
    target = folder / "images"
    drawn, left_out = write_images(images, target, most, lambda done: step(stage, done, total))
    problems += left_out
    if not drawn:
        kept = f"check that the images are still in {images.root}"
        if UNPACKED in images.root.parts:
            kept = "make the report of the unpacked folder: an archive's images are gone after it"
        raise InputError(
            "There is no image to draw: no image differs, or none could be read.",
            f"Widen the filter, and {kept}.",
        )
    return (target.name,)


# Bringing them to where they are wanted


def written_about(workspace: Workspace, artifact: Artifact) -> Written:
    """What the user wrote about a report, its project, and the project that that was made from."""
    project = workspace.project(artifact.project_id)
    both = [project]
    if project.parent_id is not None:
        both.append(workspace.project(project.parent_id))
    notes = tuple((title_of(workspace, one), one.notes) for one in both if one.notes)
    return Written(name=artifact.name, notes=notes)


def export_of(
    workspace: Workspace, artifact: Artifact, wanted: FormatName, view: ViewState
) -> ExportJob:
    """Of a report of a workspace, with what the user wrote about it."""
    written = written_about(workspace, artifact)
    return ExportJob(report=artifact.folder, format=wanted, view=view, written=written)


def written_in(report: Path) -> Written:
    """The same of a report in a folder: nothing where no workspace has it."""
    root = report.absolute().parent.parent
    if not (root / DATABASE_FILE).is_file():
        return NOTHING
    workspace = Workspace(root)
    for project in workspace.projects():
        for artifact in workspace.artifacts(project.id):
            if artifact.folder == report.absolute():
                return written_about(workspace, artifact)
    return NOTHING


def plan_export(
    workspace: Workspace,
    request: ExportJob,
    target: Path,
    convert: Callable[[Path], Path] = lambda file: file,
) -> PlannedJob:
    """A report's export to the file or folder `target`.

    `convert` makes another file of the page before it is brought there, such as a PDF.
    """
    require_format(kind_of(request.report), request.format)
    require_target(request.format, target)

    def finish(folder: Path) -> None:
        try:
            deliver(folder, target, convert)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return PlannedJob(
        title=f"Export the report to {target.name}",
        job=request,
        destination=workspace.new_folder("export"),
        project_id=None,
        finish=finish,
    )


def require_target(wanted: FormatName, target: Path) -> None:
    """Raises InputError where `target` cannot take an export of this format."""
    if FORMATS[wanted].suffix:
        require_file(target)
    else:
        require_empty(target)


def deliver(
    folder: Path, target: Path, convert: Callable[[Path], Path] = lambda file: file
) -> None:
    """Bring what an export left in `folder` to `target`: whole, or not at all.

    Raises WorkbenchError where that fails.
    """
    sources = [folder / name for name in read_result(folder, ExportResult).files]
    one = len(sources) == 1 and sources[0].suffix in (".html", ".json")
    try:
        if one:
            with light_work():  # a PDF takes seconds
                made = convert(sources[0])
            bring(made, target)
        elif sources[0].is_dir():
            bring(sources[0], target)
        else:
            (folder / RESULT_FILE).unlink()
            bring(folder, target)
    except OSError as error:
        raise explained(error) from error
