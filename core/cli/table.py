"""The one table of the terminal's commands: what each is for, and the module that does it.

A module is imported when its command is typed, so that ``--help`` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from core.cli.command import Command


class Entry(NamedTuple):
    """A command: as it is typed, what it does in a sentence, and where it is."""

    name: str
    help: str
    module: str

    def load(self) -> Command[Any]:
        """The command itself, which is called in its module as it is typed."""
        found = getattr(import_module(f"core.cli.{self.module}"), self.constant)
        return cast("Command[Any]", found)

    @property
    def constant(self) -> str:
        """Such as ``COMPARE_REPORTS``."""
        return self.name.upper().replace("-", "_")


GROUPS: dict[str, tuple[Entry, ...]] = {
    "Start": (
        Entry("tutorial", "Import, optimize, benchmark and compare a model in one go.", "tutorial"),
        Entry("catalogue", "List the models in Open Model Zoo, or download one.", "catalogue"),
        Entry("scorecard", "Show where a project stands, or all of them.", "scorecard"),
        Entry("updates", "Ask whether there is a newer version.", "updates"),
    ),
    "Models and datasets": (
        Entry("inspect", "Show what a model is, and how it will be run.", "importing"),
        Entry("import", "Import a model, overriding settings where needed.", "importing"),
        Entry("predict", "Run a model on a dataset, and save its detections.", "predict"),
        Entry("check-dataset", "Check a dataset before relying on it.", "dataset_making"),
        Entry(
            "create-dataset", "Create a dataset from images, with augmentation.", "dataset_making"
        ),
    ),
    "Optimize": (
        Entry("optimize", "Quantize a model to INT8, or search for the best plan.", "optimize"),
        Entry("target", "Show or set where a project's model is to run.", "target"),
        Entry("plan", "Show or save a quantization plan and its ignored scope.", "optimize"),
    ),
    "Performance": (
        Entry("benchmark", "Measure the speed of one model, or of several in turns.", "benchmark"),
        Entry("devices", "List devices, and what the processor supports.", "devices"),
        Entry("profile", "Profile layers: where the time goes.", "profiling"),
        Entry("compare-projects", "Compare runs of projects side by side.", "project_comparison"),
    ),
    "Other machines": (
        Entry("machines", "Add, list, check or remove machines to work on.", "machines"),
        Entry(
            "compare-machines",
            "Run two models on several machines, and show speed and verdict of each.",
            "machine_comparison",
        ),
    ),
    "Accuracy": (
        Entry("report", "Compare an optimized model with its parent.", "reports"),
        Entry("export-report", "Export a report in another format.", "report_export"),
        Entry("compare-reports", "Compare two reports of the same kind.", "reports"),
        Entry("check", "Check an optimized model against limits, for a build.", "check"),
    ),
    "Projects": (
        Entry("edit-project", "Show or set the name and the notes of a project.", "projects"),
        Entry("duplicate-project", "Duplicate a project, without its results.", "projects"),
        Entry(
            "delete-project",
            "Move a project, and everything made from it, to the trash.",
            "projects",
        ),
        Entry("results", "List the reports and benchmarks of projects.", "results"),
        Entry("edit-report", "Show or set the name of a report.", "results"),
        Entry("delete-result", "Move a report or a benchmark to the trash.", "results"),
        Entry("trash", "List what is in the trash, or empty it.", "projects"),
        Entry("restore", "Restore something from the trash.", "projects"),
    ),
    "Deploy and share": (
        Entry(
            "package",
            "Make a deployment package: a detector that runs without this program.",
            "deployment",
        ),
        Entry("test-package", "Run the self-test of a deployment package.", "self_test"),
        Entry("export-model", "Export a project's model as .xml and .bin.", "projects"),
        Entry("export-project", "Export a project as one file, for another machine.", "transfer"),
        Entry("import-project", "Import an exported project into a workspace.", "transfer"),
    ),
}
ENTRIES = {entry.name: entry for group in GROUPS.values() for entry in group}
