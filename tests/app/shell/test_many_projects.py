"""What the window waits for does not grow with what lies in the workspace: counted, not timed."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from tests.support.many import many_projects
from tests.support.window import open_window

FEW, MANY = 3, 24
_counted: Counter[str] = Counter()
_watching: list[int] = []  # threads whose reads are counted


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("open", "sqlite3.connect") and threading.get_ident() in _watching:
        _counted[event] += 1


@pytest.fixture(scope="module", autouse=True)
def _hook() -> None:
    sys.addaudithook(_note)


@contextmanager
def reads() -> Iterator[Counter[str]]:
    """Files that this thread opens meanwhile, and questions to the database."""
    _counted.clear()
    _watching.append(threading.get_ident())
    try:
        yield _counted
    finally:
        _watching.clear()


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """All tabs are there, and where the models stand was read."""
    for _ in window.tabs.make_all():
        pass
    reader = window.parts.project.standing
    qtbot.waitUntil(lambda: bool(reader.standing.families), timeout=30_000)
    qtbot.wait(200)


def in_family(window: MainWindow, number: int) -> int:
    """The id of an optimized project, counted from the oldest."""
    rows = window.parts.session.rows
    return [row.id for row in rows if row.parent_id is not None][number]


def refresh(window: MainWindow) -> None:
    window.parts.session.refresh()


def select(window: MainWindow) -> None:
    window.parts.session.select_project(in_family(window, 0))


def rename(window: MainWindow) -> None:
    before = window.parts.session.rows[1].name
    window.parts.session.rename_project(in_family(window, 0), f"not {before}")


def start_page(window: MainWindow) -> None:
    window.parts.session.select_project(None)


@pytest.mark.parametrize("act", [refresh, select, rename, start_page])
def test_the_window_reads_no_more_of_many_projects_than_of_few(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[MainWindow], None],
) -> None:
    found = []
    for count in (FEW, MANY):
        many_projects(tmp_path / str(count), count, count)
        window = open_window(qtbot, tmp_path / str(count), monkeypatch)
        window.parts.session.select_project(in_family(window, -1))
        settled(qtbot, window)
        act(window)  # imports what it needs
        window.parts.session.select_project(in_family(window, -1))
        qtbot.wait(200)
        with reads() as counted:
            act(window)
        found.append(dict(counted))
        window.close()
    assert found[0] == found[1]
    assert found[0] or act is start_page, "which reads nothing"
