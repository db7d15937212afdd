"""The place where the user was is found again, and all of it is on the screen."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.kit.memory import MEMORY, left_at, start_folder
from app.shell.main_window import MainWindow
from core.workspace.store import Workspace
from tests.support.checkout import ROOT, run_python
from tests.support.window import open_window, show_tab
from tests.support.xvfb import PROGRAM, virtual_screen


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(root)
    return root


def test_project_and_tab_are_found_again(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, root, monkeypatch)
    assert window.pages.currentWidget() is window.start_page
    child = window.parts.session.rows[1].id
    window.parts.session.select_project(child)
    show_tab(qtbot, window, "performance")
    window.close()
    again = open_window(qtbot, root, monkeypatch)
    assert again.parts.session.selected == child
    assert again.tabs.current_tab() == "performance"
    assert again.pages.currentWidget() is again.tabs
    again.close()
    Workspace(root).trash.add_project(child)
    without = open_window(qtbot, root, monkeypatch)
    assert without.pages.currentWidget() is without.start_page
    without.close()


@pytest.mark.parametrize(
    "damage",
    ["place/project=-1", "place/project=x", "place/tab=99", "place/list=999999999",
     "folders\\\\open=/no/such/folder", "geometry=@ByteArray(\\x1\\x2)", "\x00\x01[[["],
)  # fmt: skip
def test_damaged_settings_are_ignored(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    lines = ("[memory]", damage.replace("/", "\\"), "place\\project=1", "[General]", damage)
    (root / "window.ini").write_text("\n".join(lines), "utf-8")
    window = open_window(qtbot, root, monkeypatch)
    assert start_folder("open") == Path.home()
    assert window.tree.width() >= 200
    assert window.pages.width() >= 400
    window.close()


def test_a_window_does_not_wander_from_start_to_start(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of a window and that of its frame are two things."""
    window = open_window(qtbot, root, monkeypatch)
    assert window.frameGeometry() != window.geometry()
    size = window.minimumSizeHint()
    window.setGeometry(40, 30, size.width(), size.height())
    left = window.geometry().top()  # the width is more than this screen has
    window.close()
    again = open_window(qtbot, root, monkeypatch)
    assert again.geometry().top() == left
    again.close()


def test_each_kind_of_file_dialog_has_its_folder(
    qtbot: QtBot, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, root, monkeypatch)
    opened: list[str] = []

    def answer(parent: object, title: str, start: str, *more: object) -> tuple[str, str]:
        opened.append(start)
        return str(tmp_path / "out" / "limits.toml"), ""

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    window.parts.session.select_project(window.parts.session.rows[1].id)
    show_tab(qtbot, window, "report")
    for _ in range(2):
        window.tabs.report.library.kept.limits.click()
    assert opened == [str(Path.home() / "limits.toml"), str(tmp_path / "out" / "limits.toml")]
    left_at("model", "")
    assert start_folder("model") == Path.home()
    window.close()
    again = open_window(qtbot, root, monkeypatch)
    assert start_folder("limits") == tmp_path / "out"
    shutil.rmtree(tmp_path / "out")
    assert start_folder("limits") == Path.home()
    again.close()


def test_columns_are_as_wide_as_they_were_left(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report_table(window: MainWindow) -> object:
        window.parts.session.select_project(window.parts.session.rows[1].id)
        show_tab(qtbot, window, "report")
        window.parts.reports.show_library()
        return window.tabs.report.library.kept.table

    window = open_window(qtbot, root, monkeypatch)
    table = report_table(window)
    header = table.header  # type: ignore[attr-defined]
    before = header.sectionSize(2)
    edge = QPoint(header.sectionViewportPosition(2) + before - 1, header.height() // 2)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(20, 0))
    QTest.mouseMove(header.viewport(), edge + QPoint(40, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(40, 0))
    left = header.sectionSize(2)
    assert left > before
    window.close()
    again = open_window(qtbot, root, monkeypatch)
    found = report_table(again)
    qtbot.waitUntil(lambda: found.header.sectionSize(2) == left)  # type: ignore[attr-defined]
    again.close()


def test_memory_ends_with_its_window(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, root, monkeypatch)
    MEMORY.remember("a", "b")
    window.close()
    assert MEMORY.text("a") == ""


_SIZES = """
import sys
from pathlib import Path
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app.shell.composition import compose
application = QApplication([])
window = compose(Path(sys.argv[1]))
window.show()
QTest.qWait(300)
bar = window.job_bar.mapTo(window, QPoint(0, window.job_bar.height()))
print(*window.geometry().getCoords(), window.mapToGlobal(bar).y())
if len(sys.argv) > 2:
    window.setGeometry(900, 500, 1280, 800)
    QTest.qWait(300)
window.close()
"""


@pytest.mark.skipif(PROGRAM is None, reason="Xvfb is not installed")
@pytest.mark.parametrize("before", ["the first start", "left on a larger screen"])
def test_all_of_the_window_is_on_a_small_screen(root: Path, before: str) -> None:
    """Also the bar of jobs at its foot, with *Cancel*."""
    if before == "left on a larger screen":
        _on_screen("2560x1440", root, "left")
    left, top, right, bottom, bar = _on_screen("1366x768", root)
    assert left >= 0
    assert top >= 0
    assert right < 1366
    assert bottom < 768
    assert bar <= 768


def _on_screen(size: str, *arguments: object) -> list[int]:
    with virtual_screen(f"{size}x24") as display:
        variables = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        said = run_python(_SIZES, *arguments, **variables)
    return list(map(int, said.split()))
