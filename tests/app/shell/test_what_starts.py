"""What a start imports: the first picture of the window waits for nothing that it does not show.

Asked in a process of its own, which no other test has filled. Whoever makes this fail has put an
import at the head of a file that belongs into the function, or the page, that needs it; or the
first picture does need it, and its line is added here, knowing that every start pays for it.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT, run_python
from tests.support.imported import modules, newcomers

OURS = modules(
    """
    app: __main__ next_step project_views
    app.kit: boxes elided_label memory notice page signals text theme widgets
    app.project: navigation own_datasets preferred presenter presenting tabs
    app.shell: asking closing composition dropping garbage job_bar keeping main_window menus notices
    app.shell: parts place project_tree proxy session settings start_page tabs warming
    app.transfer: menu presenter
    app.workers: asked_process importing_ahead job_queue job_thread machinery queued waiting_thread
    core: causes damage errors files folders identity loading memory processes refusals runtime text
    core: giving_way sizes unfinished values
    core.images: placement
    core.jobs: ahead events handover job planned process quiet runner turn
    core.models: calibration_warnings choices detector info input_note input_size inputs plan
    core.models: model_note outputs_note plan_note preprocessing
    core.models: quantized stored
    core.models.decoders: registry
    core.remarks: remark words
    core.transfer: bundle
    core.wording: ended_early
    core.workspace: database listing projects records schema store tidying trash
    """
)
OTHERS = {"appdirs", "msgspec", "typing_extensions"}
HEAVY = {"asyncio", "concurrent", "csv", "email", "http", "multiprocessing", "ssl", "xml"}
"""Of Python's own, what the first picture has no use for."""
WORK = {"cv2", "nncf", "openvino"}
"""What jobs compute with, in processes of their own: 14 MB and more of the window's memory."""

OPENED = """
import json, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication([])
QMainWindow().show()
application.processEvents()
before = set(sys.modules)
from app.__main__ import composed

application, window = composed(Path(sys.argv[1]), "light")
window.show()
application.processEvents()
print(json.dumps([name for name in set(sys.modules) - before if sys.modules[name] is not None]))
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
print(json.dumps([sorted(before), sorted(set(sys.modules) - before)]))
window.close()
"""


def said_by(program: str, workspace: Path) -> Any:
    """What a program says of the modules that it imported."""
    return json.loads(run_python(program, workspace, QT_QPA_PLATFORM="offscreen"))


@pytest.fixture(params=["empty", "with projects"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A new workspace, and one with projects, benchmarks and reports."""
    if request.param == "with projects":
        with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
            stored.extractall(tmp_path)
    return tmp_path


def test_the_first_picture_waits_for_nothing_that_it_does_not_show(workspace: Path) -> None:
    imported = set(said_by(OPENED, workspace))
    assert newcomers(imported, OURS, OTHERS) == set()
    assert {module.split(".")[0] for module in imported} & HEAVY == set()


def test_pages_are_made_of_what_was_imported_in_the_thread(tmp_path: Path) -> None:
    early, late = said_by(MADE, tmp_path)
    assert not {*early, *late} & WORK
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
