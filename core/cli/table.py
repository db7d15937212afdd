"""The one table of the terminal's commands: what each is for, and the module that does it.

A module is imported when its command is typed, so that ``--help`` answers at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core.cli.command import Command


@dataclass(frozen=True)
class Entry:
    """A command: as it is typed, what it does in a sentence, and where it is."""

    name: str
    help: str
    module: str

    def load(self) -> Command[Any]:
        """The command itself, which is called in its module as it is typed."""
        found = getattr(import_module(f"core.cli.{self.module}"), self.constant)
        assert isinstance(found, Command)
        return found

    @property
    def constant(self) -> str:
        """Such as ``COMPARE_REPORTS``."""
        return self.name.upper().replace("-", "_")


GROUPS: dict[str, tuple[Entry, ...]] = {
    "Start": (
        Entry("tutorial", "Import, optimize, benchmark and compare, in one go.", "tutorial"),
        Entry("catalogue", "List the models of Open Model Zoo, or download one.", "catalogue"),
    ),
    "Models and datasets": (
        Entry("inspect", "What a model is, and how it will be used.", "importing"),
        Entry("import", "Import a model, and edit its settings.", "importing"),
        Entry("predict", "Detections on a dataset.", "predict"),
        Entry("check-dataset", "What to know before relying on a dataset.", "dataset_making"),
        Entry("create-dataset", "Make a dataset of images, with augmentation.", "dataset_making"),
    ),
    "Optimize": (
        Entry("optimize", "Quantize a model to INT8, or search for the best way.", "optimize"),
        Entry("plan", "A quantization plan in words, and its ignored scope.", "optimize"),
    ),
    "Performance": (
        Entry("benchmark", "Speed of one model, or of several in turns.", "benchmark"),
        Entry("devices", "Devices that a benchmark can run on.", "benchmark"),
        Entry("profile", "Where the time goes, layer by layer.", "profiling"),
        Entry("compare-projects", "Runs of projects side by side.", "project_comparison"),
    ),
    "Accuracy": (
        Entry("report", "Compare an optimized model with its parent.", "reports"),
        Entry("export-report", "Write a report in another format.", "reports"),
        Entry("compare-reports", "Compare two reports of one kind.", "reports"),
        Entry("check", "Check an optimized model against limits, for a build.", "check"),
    ),
    "Hand over": (
        Entry("package", "A detector that runs without this program.", "deployment"),
        Entry("export-project", "A project as one file, for another machine.", "transfer"),
        Entry("import-project", "Such a file into a workspace.", "transfer"),
    ),
}
ENTRIES = {entry.name: entry for group in GROUPS.values() for entry in group}
