"""Which file a thing is saved to."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.kit.saving import ask_where_to_save


@pytest.mark.parametrize(
    ("typed", "there", "saved"),
    [
        ("a.csv", "a.csv", "a.csv"),  # the dialog has asked whether it may be replaced
        ("a.CSV", "", "a.CSV"),
        ("a", "", "a.csv"),
        ("a", "a.csv", "a-2.csv"),  # about this one nobody was asked
        ("model.v2", "model.v2.csv", "model.v2-2.csv"),
    ],
)
def test_a_file_has_its_ending_and_replaces_none_that_nobody_was_asked_about(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    there: str,
    saved: str,
) -> None:
    if there:
        (tmp_path / there).write_text("of somebody")
    asked: list[str] = []

    def answer(parent: object, title: str, start: str, forms: str) -> tuple[str, str]:
        asked.append(start)
        return str(tmp_path / typed), forms

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    parent = QWidget()
    qtbot.addWidget(parent)
    for _ in range(2):
        found = ask_where_to_save(parent, "Save", "test of saving", "table.csv", "CSV (*.csv)")
        assert found == tmp_path / saved
    assert asked[1] == str(tmp_path / "table.csv"), "it is opened where it was left"


def test_who_cancels_saves_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: ("", ""))
    parent = QWidget()
    qtbot.addWidget(parent)
    assert ask_where_to_save(parent, "Save", "test of saving", "a.csv", "CSV (*.csv)") is None
