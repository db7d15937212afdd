"""The logs of jobs in the window: listed, read in pieces, searched, copied and followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.kit.notice import Notice
from app.logs.dialog import LogsDialog
from app.shell.main_window import MainWindow
from core.jobs.logs import PIECE, entitle
from tests.support import user
from tests.support.window import import_project, make_material, open_window, wait_for_jobs

LINES = 400_000  # some 10 MB


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "short.log").write_text("one\ntwo\nthree\n")
    lines = (f"line {number:06} of the log\n" for number in range(LINES))
    (logs / "long.log").write_text("".join(lines))
    return logs


@pytest.fixture
def dialog(qtbot: QtBot, folder: Path) -> LogsDialog:
    made = LogsDialog(None, folder, folder / "long.log", running=False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: f"line {LINES - 1}" in made.text.toPlainText())
    return made


def shows(dialog: LogsDialog, words: str) -> bool:
    return words in dialog.text.toPlainText()


def test_a_long_log_is_read_in_pieces(qtbot: QtBot, dialog: LogsDialog) -> None:
    assert len(dialog.text.toPlainText()) <= PIECE
    assert not dialog.later.isEnabled()
    user.click(dialog.earlier)
    qtbot.waitUntil(lambda: not shows(dialog, f"line {LINES - 1}"))
    user.click(dialog.start)
    qtbot.waitUntil(lambda: shows(dialog, "line 000000"))
    assert not dialog.earlier.isEnabled()
    assert dialog.place.text().startswith("0.00 MB to 0.13 MB of 9.20 MB")
    user.click(dialog.end)
    qtbot.waitUntil(lambda: shows(dialog, f"line {LINES - 1}"))
    dialog.close()


def test_words_are_found_in_the_whole_log_one_after_the_other(
    qtbot: QtBot, dialog: LogsDialog
) -> None:
    user.click(dialog.start)
    qtbot.waitUntil(lambda: shows(dialog, "line 000000"))
    QTest.keyClicks(dialog.words, "12345 OF")
    for number in range(4):
        with qtbot.waitSignal(dialog.reader.found):
            QTest.keyClick(dialog.words, Qt.Key.Key_Return)
        cursor = dialog.text.textCursor()
        assert cursor.selectedText() == "12345 of"
        assert cursor.block().text() == f"line {number}12345 of the log"
    QTest.keyClick(dialog.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "no more" in dialog.place.text())
    user.click(dialog.previous)
    qtbot.waitUntil(lambda: "line 212345" in dialog.text.textCursor().block().text())
    dialog.close()


def test_lines_are_copied_and_the_file_can_be_opened_elsewhere(
    qtbot: QtBot, dialog: LogsDialog, folder: Path
) -> None:
    rows = user.column(dialog.list)
    short = next(n for n, row in enumerate(rows) if row.startswith("short"))
    user.click_cell(dialog.list, short)
    qtbot.waitUntil(lambda: shows(dialog, "three"))
    user.press(dialog, "Copy")
    assert QApplication.clipboard().text() == "one\ntwo\nthree\n"
    with qtbot.waitSignal(dialog.open_requested) as asked:
        user.press(dialog, "Open externally")
    assert asked.args == [folder / "short.log"]
    dialog.close()


def test_what_is_added_is_followed_until_somebody_reads_elsewhere(
    qtbot: QtBot, dialog: LogsDialog, folder: Path
) -> None:
    dialog.follow.click()
    with (folder / "long.log").open("a") as log:
        log.write("the newest line\n")
    qtbot.waitUntil(lambda: shows(dialog, "the newest line"))
    user.click(dialog.earlier)
    assert not dialog.follow.isChecked()
    dialog.close()


def test_logs_are_listed_by_what_was_done(qtbot: QtBot, folder: Path) -> None:
    entitle(folder / "20260102-100000-1a2b3c4d.log", "Optimize <b>ssd</b>\nto INT8")
    entitle(folder / "long title.log", "Benchmark " + "of a project " * 20)
    (folder / "checks.log").write_text("one\n")
    dialog = LogsDialog(None, folder, None, running=False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.list.horizontalScrollBar().maximum(), "long titles are elided"
    titles = {row.partition("\n")[0] for row in user.column(dialog.list)}
    assert len(titles) == 5
    assert titles > {"Optimize <b>ssd</b>\ufffdto INT8", "Looking at datasets", "short", "long"}
    dialog.close()


def test_a_log_that_goes_meanwhile_is_named(qtbot: QtBot, dialog: LogsDialog, folder: Path) -> None:
    (folder / "long.log").unlink()
    user.click(dialog.start)
    qtbot.waitUntil(lambda: "cannot be read" in dialog.place.text())
    dialog.close()


def test_the_job_bar_and_messages_open_the_log_in_the_window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window: MainWindow = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    material = make_material(tmp_path)
    import_project(window, material.model, material.validation)
    wait_for_jobs(qtbot, window)
    user.press(window.job_bar, "Log")
    (dialog,) = window.findChildren(LogsDialog)
    qtbot.waitUntil(lambda: shows(dialog, "Done."))
    assert shows(dialog, "Asked for:")
    assert any(row.startswith("Import ") for row in user.column(dialog.list))

    other = window.parts.workspace.logs / "other.log"
    other.write_text("it broke\n")
    window.parts.notices.post(Notice("It failed.", failed=True, log=other))
    user.press(window.notices, "Log")
    qtbot.waitUntil(lambda: shows(dialog, "it broke"))
    window.close()
