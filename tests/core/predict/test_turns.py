"""Processes that detect on the same cores take turns."""

from __future__ import annotations

import threading

import pytest

from core.predict import turns
from core.predict.turns import Turns


def test_who_waits_is_let_in_and_who_was_there_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    first, second, had = Turns(), Turns(), threading.Event()

    def other() -> None:
        second.take()
        had.set()
        second.release()

    first.take()
    thread = threading.Thread(target=other)
    thread.start()
    while not had.is_set():
        first.take()
    thread.join()
    first.take()
    first.release()


def test_who_never_gives_its_turn_away_is_not_waited_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "PATIENT_SECONDS", 0.1)
    first, second = Turns(), Turns()
    first.take()
    second.take()
    monkeypatch.setattr(turns, "PATIENT_SECONDS", -1.0)  # for ever
    second.take()
    second.release()
    first.release()
