"""Computing beside the window: order, the latest only, errors as sentences."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from time import sleep

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.workers.computer import Computer
from app.workers.job_thread import JobThread
from app.workers.window_first import WindowFirst
from core.errors import WorkbenchError
from core.giving_way import give_way


@pytest.fixture
def computer(qtbot: QtBot) -> Iterator[Computer]:
    computer = Computer()
    yield computer
    computer.close()


def test_results_arrive_in_the_window_s_thread(computer: Computer, qtbot: QtBot) -> None:
    seen: list[tuple[bool, bool]] = []
    here = threading.get_ident()

    def deliver(there: int) -> None:
        seen.append((there == here, threading.get_ident() == here))

    computer.ask("a", threading.get_ident, deliver)
    qtbot.waitUntil(lambda: len(seen) == 1)
    computer.ask("a", threading.get_ident, deliver, now=True)
    assert seen == [(False, True), (True, True)]


def test_of_one_key_only_the_latest_counts(computer: Computer, qtbot: QtBot) -> None:
    go = threading.Event()
    seen: list[str] = []
    computer.ask("slider", lambda: go.wait(5), lambda _: seen.append("first"))
    for number in range(3):
        computer.ask("slider", partial(int, number), lambda n: seen.append(f"later {n}"))
    computer.ask("other", lambda: "other", seen.append)
    assert computer.is_wanted()
    go.set()
    qtbot.waitUntil(lambda: "other" in seen)
    assert seen == ["later 2", "other"]


def test_what_is_dropped_is_not_delivered(computer: Computer, qtbot: QtBot) -> None:
    go = threading.Event()
    seen: list[object] = []
    computer.ask("report", lambda: go.wait(5), seen.append)
    computer.drop("report")
    go.set()
    computer.ask("end", lambda: "end", seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["end"]


@pytest.mark.parametrize("now", [True, False])
def test_errors_become_sentences(computer: Computer, qtbot: QtBot, now: bool) -> None:
    def refuse() -> None:
        raise WorkbenchError("It is damaged.", "Make it again.")

    with qtbot.waitSignal(computer.failed) as said:
        computer.ask("a", refuse, lambda _: None, now=now)
    assert str(said.args[0]) == "It is damaged. Make it again."
    with qtbot.waitSignal(computer.failed) as said:
        computer.ask("a", lambda: 1 / 0, lambda _: None, now=now)
    assert "division by zero" in str(said.args[0])

    def write() -> None:
        raise PermissionError(13, "Permission denied", "/a/folder/result.json")

    with qtbot.waitSignal(computer.failed) as said:
        computer.ask("a", write, lambda _: None, now=now)
    assert str(said.args[0]).startswith("/a/folder/result.json cannot be used: Permission denied.")


def test_what_reads_gives_way_to_the_window(qtbot: QtBot) -> None:
    """Between two rows it waits until the window has done what it is at, but not for ever."""
    busy = threading.Event()
    during: list[int] = []
    done: list[int] = []
    read = [0]

    def many() -> int:
        for read[0] in range(200):
            sleep(0.001)
            give_way()
        return read[0]

    def work() -> None:
        before = read[0]
        busy.set()
        sleep(0.1)
        during.append(read[0] - before)

    computer = Computer(reads=True)
    computer.ask("rows", many, done.append)
    qtbot.waitUntil(lambda: read[0] > 20)
    QTimer.singleShot(0, work)
    qtbot.waitUntil(lambda: bool(during))
    assert during[0] <= 10  # of some 90 that it would have read
    assert not done
    sleep(1)  # a window that hangs does not stop it for ever
    qtbot.waitUntil(lambda: bool(done), timeout=100)
    computer.close()
    assert done == [199]


def test_a_window_that_waits_for_the_thread_holds_it_up_once(qtbot: QtBot) -> None:
    window_first = WindowFirst()

    def work() -> None:
        for _ in range(200):
            sleep(0.004)  # longer than its moment
            window_first.give_way()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(25)  # of the 50 s that it would wait in all
    assert not thread.is_alive()


def test_what_the_system_refuses_a_thread_is_a_sentence(qtbot: QtBot) -> None:
    def write(tell: object, cancel: object) -> None:
        raise PermissionError(13, "Permission denied", "/a/folder/datasets")

    owner = QObject()
    thread = JobThread(write, owner)
    with qtbot.waitSignal(thread.failed) as said:
        thread.start()
    thread.wait()
    assert str(said.args[0]).startswith("/a/folder/datasets cannot be used: Permission denied.")


def test_after_closing_it_starts_again(computer: Computer, qtbot: QtBot) -> None:
    seen: list[int] = []
    computer.ask("a", lambda: 1, seen.append)
    computer.close()
    computer.ask("a", lambda: 2, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [2]


def test_what_is_gone_gets_nothing(computer: Computer, qtbot: QtBot) -> None:
    """A table's rows came after its report had been closed."""
    go = threading.Event()
    seen: list[object] = []

    class Table(QObject):
        def show(self, rows: object) -> None:
            self.setObjectName("shown")
            seen.append(rows)

    gone, there = Table(), Table()
    computer.ask("gone", lambda: go.wait(5), gone.show)
    computer.ask("there", lambda: "rows", there.show)
    delete(gone)
    go.set()
    qtbot.waitUntil(lambda: seen == ["rows"])
