"""Puts Qt out of reach of every Python that has this folder on its PYTHONPATH.

The suite runs the core's tests like that: what passes there runs without Qt installed, and so do
the child processes of those tests, since they inherit the variable.
"""

import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

OUT_OF_REACH = frozenset({"PySide6", "shiboken6", "pyqtgraph"})


class NoQt(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in OUT_OF_REACH:
            raise ModuleNotFoundError(f"{name} is out of reach in this run", name=name)
        return None


sys.meta_path.insert(0, NoQt())
