"""Names may be anyone's: nothing that shows them takes them for markup, anywhere in the window."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsTextItem, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.kit.charts.chart import Chart
from app.kit.text import as_markup, displayable, tooltip
from app.kit.widgets import alert, label
from app.next_step import next_step
from launcher.checkout import ROOT
from tests.support import user

EVIL = "<img src='file:///x.png'><b>x</b>\x1b\u202e caf\udce9"
SHOWN = "<img src='file:///x.png'><b>x</b>\ufffd\ufffd caf\ufffd"
APP = ROOT / "app"
BOXES = ("about", "critical", "information", "question", "warning")  # of QMessageBox


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call in the window's code: the file, the call, and the name of what is called."""
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call):
                yield path, node, ast.unparse(node.func)


def is_our_own(text: ast.expr) -> bool:
    """Whether it holds nothing but what stands in the code."""
    if isinstance(text, ast.IfExp):
        return is_our_own(text.body) and is_our_own(text.orelse)
    if isinstance(text, ast.JoinedStr):
        return all(is_our_own(part) for part in text.values)
    if isinstance(text, ast.FormattedValue):
        return ast.unparse(text.value).strip("_").isupper() or is_version(text.value)
    return isinstance(text, ast.Constant) or is_title(text)


def is_version(text: ast.expr) -> bool:
    return ast.unparse(text) == "__version__"


def is_title(text: ast.expr) -> bool:
    return isinstance(text, ast.Name) and text.id.isupper()


def is_tooltip(text: ast.expr) -> bool:
    if isinstance(text, ast.IfExp):
        return is_tooltip(text.body) and is_tooltip(text.orelse)
    made = isinstance(text, ast.Call) and ast.unparse(text.func) == "tooltip"
    return made or isinstance(text, ast.Constant)


def test_every_tooltip_is_a_constant_or_made_by_the_kit() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call, name in calls()
        if name.endswith((".setToolTip", "QToolTip.showText"))
        and not is_tooltip(call.args[name.endswith("showText")])
    ]
    assert not found


def test_every_label_and_message_is_made_by_the_kit() -> None:
    kit = APP / "kit" / "widgets.py"
    found = []
    for path, call, name in calls():
        room, _, function = name.rpartition(".")
        made = name == "QLabel" or (room == "QMessageBox" and function in BOXES)
        own = room == "QMessageBox" and all(is_our_own(text) for text in call.args[1:3])
        if made and not own and path != kit:
            found.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not found


def test_a_label_shows_a_name_letter_for_letter(qtbot: QtBot) -> None:
    made = label()
    qtbot.addWidget(made)
    made.setText(f"{EVIL}\nsecond line")
    assert made.text() == f"{SHOWN}\nsecond line"
    assert made.textFormat() is Qt.TextFormat.PlainText


def test_a_tooltip_shows_a_name_letter_for_letter() -> None:
    made = tooltip(f"{EVIL}\nsecond line")
    assert plain(made) == f"{SHOWN}\nsecond line"
    assert "<img" not in made
    assert tooltip("") == ""
    assert displayable(EVIL) == SHOWN


def plain(markup: str) -> str:
    item = QGraphicsTextItem()
    item.setHtml(markup)
    return item.toPlainText()


def test_markup_shows_a_name_letter_for_letter(qtbot: QtBot) -> None:
    assert plain(f"<b>{as_markup(EVIL)}</b>") == SHOWN


def test_a_message_shows_a_name_letter_for_letter(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[QMessageBox] = []

    def shown(box: QMessageBox) -> None:
        seen.append(box)

    monkeypatch.setattr(QMessageBox, "exec", shown)
    alert(None, "Title", f"{EVIL}\nnext step")
    assert seen[0].textFormat() is Qt.TextFormat.PlainText
    assert seen[0].text() == f"{SHOWN}\nnext step"


class Curve(Chart):
    def draw(self) -> None:
        self.place_legend(-10, 10)
        self.plot.plot(np.arange(3), np.arange(3), name=EVIL)
        self.write(EVIL, 1, 1, (0, 0))
        self.name_axes(EVIL, EVIL)


def test_a_chart_shows_a_name_letter_for_letter(qtbot: QtBot) -> None:
    made = Curve()
    qtbot.addWidget(made)
    made.redraw()
    made.show()
    assert texts(user.drawn(made)).count(SHOWN) == 4  # legend, words, and both axes


def texts(plot: QWidget) -> list[str]:
    items = plot.scene().items()  # type: ignore[attr-defined]
    return [one.toPlainText().strip() for one in items if isinstance(one, QGraphicsTextItem)]


def test_a_sentence_about_a_folder_stays_on_its_line() -> None:
    project: Any = SimpleNamespace(state="ready", parent_id=None)
    card: Any = SimpleNamespace(info=SimpleNamespace(quantized=False))
    folder = Path("two\nlines")
    step = next_step(project, card, None, None, None, folder, None, not_safe=False)
    assert step.text.endswith("Calibrated on the images in two\ufffdlines.")
