"""Computing beside the window: order, the latest only, errors as sentences."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.workers.computer import Computer
from app.workers.job_thread import JobThread
from core.errors import WorkbenchError


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

    with qtbot.waitSignal(computer.failed) as told:
        computer.ask("a", refuse, lambda _: None, now=now)
    assert str(told.args[0]) == "It is damaged. Make it again."
    with qtbot.waitSignal(computer.failed) as told:
        computer.ask("a", lambda: 1 / 0, lambda _: None, now=now)
    assert "division by zero" in str(told.args[0])

    def write() -> None:
        raise PermissionError(13, "Permission denied", "/a/folder/result.json")

    with qtbot.waitSignal(computer.failed) as told:
        computer.ask("a", write, lambda _: None, now=now)
    assert str(told.args[0]).startswith("/a/folder/result.json cannot be used: Permission denied.")


def test_what_the_system_refuses_a_thread_is_a_sentence(qtbot: QtBot) -> None:
    def write(tell: object, cancel: object) -> None:
        raise PermissionError(13, "Permission denied", "/a/folder/datasets")

    owner = QObject()
    thread = JobThread(write, owner)
    with qtbot.waitSignal(thread.failed) as told:
        thread.start()
    thread.wait()
    assert str(told.args[0]).startswith("/a/folder/datasets cannot be used: Permission denied.")


def test_after_closing_it_starts_again(computer: Computer, qtbot: QtBot) -> None:
    seen: list[int] = []
    computer.ask("a", lambda: 1, seen.append)
    computer.close()
    computer.ask("a", lambda: 2, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [2]
