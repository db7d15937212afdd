"""Garbage is collected in the window's thread alone."""

from __future__ import annotations

import gc
import threading

from pytestqt.qtbot import QtBot

from app.shell.garbage import Garbage


class Knot:
    """Refers to itself, as a widget and its slots do, and says which thread deletes it."""

    deleted_in: list[int]

    def __init__(self, deleted_in: list[int]) -> None:
        self.deleted_in = deleted_in
        self.me = self

    def __del__(self) -> None:
        self.deleted_in.append(threading.get_ident())


def test_the_window_deletes_what_other_threads_left(qtbot: QtBot) -> None:
    """Also what outlived the first look at it."""
    deleted_in: list[int] = []
    kept: list[Knot] = []
    garbage = Garbage()

    def work() -> None:
        for number in range(3000):
            knot = Knot(deleted_in)
            if number % 3 == 0:
                kept.append(knot)

    garbage.start()
    try:
        assert not gc.isenabled()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert not deleted_in
        qtbot.waitUntil(lambda: len(deleted_in) >= 2000)
        kept.clear()

        def all_gone() -> bool:
            for _ in range(3000):  # so that it looks again
                Knot([])
            return len(deleted_in) == 3000

        qtbot.waitUntil(all_gone, timeout=20_000)
    finally:
        garbage.stop()
    assert set(deleted_in) == {threading.get_ident()}
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_window_that_was_never_ready_leaves_it_to_python() -> None:
    Garbage().stop()
    assert gc.isenabled()
