"""Closing the window while jobs run, by a click and by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.shell.closing import Choice, Closing
from app.shell.main_window import MainWindow
from core.importing.service import plan_import
from core.jobs.quiet import TimedRounds
from tests.support import user
from tests.support.checkout import environment
from tests.support.jobs import job_processes, leftovers
from tests.support.window import import_project, make_material, open_window, wait_for_jobs


@pytest.fixture
def busy(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window in which a model is being imported."""
    material = make_material(tmp_path)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    job = plan_import(window.parts.workspace, material.model, material.validation)
    window.parts.queue.submit(job)
    qtbot.waitUntil(lambda: bool(window.parts.queue.state.title))
    return window


@pytest.mark.parametrize("choice", ["stay", "wait", "stop"])
def test_jobs_are_asked_about(
    qtbot: QtBot, busy: MainWindow, choice: Choice, tmp_path: Path
) -> None:
    asked: list[Sequence[str]] = []

    def answer(titles: Sequence[str]) -> Choice:
        asked.append(titles)
        return choice

    busy.closing.ask = answer
    busy.close()
    assert asked == [["Import tiny ssd.xml"]]
    assert busy.isVisible() == (choice != "stop")
    assert busy.job_bar.stay.isVisibleTo(busy) == (choice == "wait")
    if choice == "wait":
        qtbot.waitUntil(lambda: not busy.isVisible(), timeout=60_000)
        assert len(busy.parts.workspace.projects()) == 1
    elif choice == "stop":
        assert busy.parts.workspace.projects() == ()
        assert leftovers(tmp_path / "workspace") == []
    else:
        wait_for_jobs(qtbot, busy)
        assert busy.isVisible()


def test_a_window_that_closes_when_the_jobs_are_done_can_be_kept_open(
    qtbot: QtBot, busy: MainWindow
) -> None:
    busy.closing.ask = lambda titles: "wait"
    busy.close()
    assert busy.isMinimized()
    busy.showNormal()
    user.click(busy.job_bar.stay)
    assert not busy.job_bar.stay.isVisible()
    wait_for_jobs(qtbot, busy)
    assert busy.isVisible()
    busy.closing.ask = lambda titles: "stop"


def test_the_next_start_says_what_was_stopped(
    qtbot: QtBot, busy: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.close()
    assert not busy.isVisible()
    sentence = "'Import tiny ssd.xml' was stopped when the window was closed."
    again = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    assert sentence in again.notices.said
    again.close()
    assert sentence not in open_window(qtbot, tmp_path / "workspace", monkeypatch).notices.said


def test_the_next_start_says_what_failed_while_the_window_was_closing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    material.model.with_suffix(".bin").write_bytes(b"")
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    window.closing.ask = lambda titles: "wait"
    with TimedRounds(lambda: None):
        assert import_project(window, material.model, material.validation)
        window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    again = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    assert "Import tiny ssd.xml: " in again.notices.said


@pytest.mark.parametrize(("button", "visible"), [("Back", True), ("Stop it and close", False)])
def test_the_question_names_the_jobs(
    qtbot: QtBot, busy: MainWindow, button: str, visible: bool
) -> None:
    busy.closing.ask = Closing(busy, busy.parts.queue).ask  # the real one
    seen: list[str] = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            return
        seen.append(f"{box.text()} {box.informativeText()}")
        (wanted,) = [one for one in box.findChildren(QPushButton) if one.text() == button]
        wanted.click()

    from PySide6.QtCore import QTimer

    timer = QTimer(interval=50)
    timer.timeout.connect(click)
    timer.start()
    busy.close()
    timer.stop()
    busy.closing.ask = lambda titles: "stop"
    assert seen == ["1 job is running or waiting. Import tiny ssd.xml"]
    assert busy.isVisible() == visible


Process = subprocess.Popen[str]


@contextmanager
def started(program: str, mark: str, *arguments: object) -> Iterator[Process]:
    """A process of Python that runs `program`, from when it has printed `mark` on."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(QT_QPA_PLATFORM="offscreen"),
    ) as process:
        try:
            wait_for(mark, process)
            yield process
        finally:
            process.kill()  # where a test fails: it would be waited for without end


def wait_for(mark: str, process: Process) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == f"{mark}\n"


def ended(process: Process) -> tuple[int, str]:
    """With which number, and what was said to stderr; waits for as long as a busy machine takes."""
    _, said = process.communicate(timeout=120)
    return process.returncode, said


PROGRAM = """
import sys
from app.__main__ import main
from PySide6.QtCore import QTimer
import app.shell.composition as composition
made = composition.compose
def compose(root):
    window = made(root)
    QTimer.singleShot(500, lambda: print("ready", flush=True))
    return window
composition.compose = compose
sys.exit(main(["--workspace", sys.argv[1]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_the_window_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with started(PROGRAM, "ready", tmp_path / "workspace") as process:
        process.send_signal(number)
        assert ended(process) == (0, "")
    assert job_processes() == []


BUSY = """
import sys
from pathlib import Path
from app.__main__ import main
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
import app.shell.composition as composition
from core.importing.service import plan_import
from core.jobs.quiet import TimedRounds
from tests.support import user
made = composition.compose
said = []
def compose(root):
    window = made(root)
    job = plan_import(window.parts.workspace, Path(sys.argv[2]), Path(sys.argv[3]))
    def begin():
        window.parts.queue.submit(job)
        print("ready", flush=True)
    def look():
        if isinstance(QApplication.activeModalWidget(), QMessageBox) and not said:
            said.append(1)
            print("asked", flush=True)
    QTimer.singleShot(500, begin)
    window.looking = QTimer(interval=20)
    window.looking.timeout.connect(look)
    window.looking.start()
    return window
composition.compose = compose
sys.exit(main(["--workspace", sys.argv[1]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_heard_while_the_window_asks(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C asks about the jobs; whoever ends the session then does not wait for an answer."""
    material = make_material(tmp_path)
    given = (tmp_path / "workspace", material.model, material.validation)
    with started(BUSY, "ready", *given) as process:
        process.send_signal(signal.SIGINT)
        wait_for("asked", process)
        process.send_signal(number)
        status, said = ended(process)
    assert status == 0
    assert "Traceback" not in said
    assert job_processes() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_during_the_start_is_quiet(tmp_path: Path) -> None:
    program = """
import os, signal, sys
import app.shell.composition as composition
def compose(root):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10_000_000):
        pass
    print("went on", flush=True)
composition.compose = compose
from app.__main__ import main
main(["--workspace", sys.argv[1]])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "workspace")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**environment(), "QT_QPA_PLATFORM": "offscreen"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


TAKEN_OVER = """
import signal, sys
from app.__main__ import main
take = signal.signal
def taken(*given):
    before = take(*given)
    print("up", flush=True)
    return before
signal.signal = taken
sys.exit(main(["--workspace", sys.argv[1]]))
"""  # says so by its first line: on a busy machine that may come at any time after its start


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_at_any_instant_of_the_start_is_quiet(tmp_path: Path) -> None:
    """While libraries are loaded, while the window is made, and once it is there."""
    for hundredths in (2, 5, 9, 14, 19, 24, 30, 36, 42, 48, 54, 60):
        with started(TAKEN_OVER, "up", tmp_path / "workspace") as process:
            time.sleep(hundredths / 100)
            process.send_signal(signal.SIGINT)
            status, said = ended(process)
        assert status in (-signal.SIGINT, 0), hundredths
        assert said == "", hundredths
