"""What a start imports: the first picture of the window waits for no room that it does not show.

Counted in a process of its own, which no other test has filled. Whoever makes this fail has put an
import at the head of a file that belongs into the function, or the page, that needs it.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.checkout import ROOT, run_python

HEAVY = {
    *("cv2", "csv", "faster_coco_eval", "filelock", "jinja2", "markupsafe", "nncf", "numpy"),
    *("openvino", "pandas", "psutil", "pyqtgraph", "re2", "rich", "scipy", "xml", "yaml"),
}
ROOMS = {
    *("app.kit", "app.project", "app.project_views", "app.shell", "app.transfer", "app.workers"),
    *("core.causes", "core.damage", "core.errors", "core.files", "core.folders", "core.identity"),
    *(
        "core.loading",
        "core.processes",
        "core.refusals",
        "core.runtime",
        "core.sizes",
        "core.text",
        "core.unfinished",
        "core.values",
    ),
    *("core.images", "core.jobs", "core.models", "core.remarks", "core.transfer"),
    "core.wording",  # what the lines of the tree warn of
    "core.workspace",
}
MOST = 152  # modules besides those of a bare PySide6 window; 126 when this was written

OPENED = """
import json, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication([])
QMainWindow().show()
application.processEvents()
before = set(sys.modules)
from app.kit.theme import apply_theme
from app.shell.composition import compose

window = compose(Path(sys.argv[1]))
apply_theme(application, "light")
window.show()
application.processEvents()
print(json.dumps(sorted(set(sys.modules) - before)))
window.close()
"""

MADE = """
import json, sys
from importlib import import_module
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.shell.composition import compose
from app.shell.warming import MODULES

application = QApplication([])
window = compose(Path(sys.argv[1]))
window.show()
for module in MODULES:
    import_module(module)
before = set(sys.modules)
for page in window.tabs.make_all():
    application.processEvents()
print(json.dumps(sorted(set(sys.modules) - before)))
window.close()
"""


def imported_by(program: str, workspace: Path) -> set[str]:
    """The modules that a program says it imported."""
    return set(json.loads(run_python(program, workspace, QT_QPA_PLATFORM="offscreen")))


@pytest.fixture(params=["empty", "with projects"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A new workspace, and one with projects, benchmarks and reports."""
    if request.param == "with projects":
        with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
            stored.extractall(tmp_path)
    return tmp_path


def test_the_first_picture_waits_for_nothing_that_it_does_not_show(workspace: Path) -> None:
    imported = imported_by(OPENED, workspace)
    assert {module.split(".")[0] for module in imported} & HEAVY == set()
    ours = {module for module in imported if module.startswith(("app.", "core."))}
    assert {".".join(module.split(".")[:2]) for module in ours} <= ROOMS
    assert len(imported) <= MOST


def test_pages_are_made_of_what_was_imported_in_the_thread(tmp_path: Path) -> None:
    late = imported_by(MADE, tmp_path)
    assert {one for one in late if one.startswith(("app.", "core.", "numpy", "pyqtgraph"))} == set()


TYPES = """
import sys
from pathlib import Path
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app.shell.composition import compose
from app.workers.importing_ahead import ImportAhead

missing = None
usual = ImportAhead.start

def starting(self):
    global missing
    modules = (QtCore, QtGui, QtWidgets)
    missing = [one for module in modules for one in set(dir(module)) - set(vars(module))]
    usual(self)

ImportAhead.start = starting
application = QApplication([])
window = compose(Path(sys.argv[1]))
window.show()
window.warming.start()
while missing is None:
    QTest.qWait(20)
print(missing)
window.close()
"""


def test_no_thread_is_the_first_to_ask_for_a_type_of_qt(tmp_path: Path) -> None:
    """Half made by a thread, a type ended the program where the window used it."""
    said = run_python(TYPES, tmp_path, QT_QPA_PLATFORM="offscreen")
    assert said.strip() == "[]"
