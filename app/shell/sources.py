"""Leads from a figure to where it comes from: a run of a benchmark, or a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.shell.parts import Parts
from app.shell.tabs import Tabs

if TYPE_CHECKING:
    from core.scorecard.score import Source


def show_source(parts: Parts, tabs: Tabs, source: Source) -> None:
    """Show the project that has the result, then the result on its tab."""
    artifacts = parts.workspace.artifacts(source.project_id)
    found = next((one for one in artifacts if one.id == source.artifact_id), None)
    if found is None:
        parts.session.refresh()  # it was deleted meanwhile
        return
    if found.kind == "benchmark":
        tabs.show_tab("performance")
        parts.session.select_project(source.project_id)
        tabs.performance.setCurrentIndex(0)
        parts.speed.select([(source.artifact_id, source.run)])
    else:
        tabs.report.setFocus()  # it is made now
        tabs.show_tab("report")
        parts.session.select_project(source.project_id)
        library = parts.reports.library
        reports = library.reports if library is not None else ()
        parts.reports.open(next((one for one in reports if one.artifact == found), None))


def compare_projects(parts: Parts, tabs: Tabs, project_ids: tuple[int, ...]) -> None:
    """Show the page that compares projects, with these chosen."""
    tabs.show_tab("performance")
    tabs.performance.setCurrentWidget(tabs.performance.compare)
    parts.comparing.compare_projects(project_ids)
