"""How forms look: a name beside its field, and fields in our theme's colours, not in Fusion's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.kit.boxes import across, down
from app.kit.fields import Form, combo, decimal, note, spin
from app.kit.theme import Theme, apply_theme
from app.kit.widgets import Card
from tests.support.checkout import ROOT

ROUNDING = 1.0  # pixels between the middles of two odd heights


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    """Ours, for one test."""
    style, palette = qapp.styleSheet(), qapp.palette()
    chosen: Theme = request.param
    apply_theme(qapp, chosen)
    yield chosen
    qapp.setPalette(palette)
    qapp.setStyleSheet(style)


def middle(widget: QWidget) -> float:
    """Of its height, in its window."""
    return widget.mapTo(widget.window(), QPoint()).y() + widget.height() / 2


def test_names_stand_beside_the_first_line_of_their_fields(qtbot: QtBot, theme: Theme) -> None:
    """Theirs were up to 7 pixels above it."""
    form, box = Form(), QCheckBox("Erase")
    number, many, aim = decimal("Erase"), spin(0, 9, "Copies"), combo("Goal")
    line = QLineEdit()
    form.add_field(box, number)
    form.add_field("Copies", many)
    form.add_field("Name", line)
    form.add_field("Goal", down(aim, note("A sentence that explains it."), spacing=4))
    seconds = spin(0, 99, "Seconds")
    form.add_field("Notify", across(QCheckBox("After"), seconds))
    window = QWidget()
    window.setLayout(form)
    qtbot.addWidget(window)
    window.show()
    labels = {one.text(): one for one in window.findChildren(QLabel)}
    names = [box, *(labels[name] for name in ("Copies", "Name", "Goal", "Notify"))]
    for name, field in zip(names, (number, many, line, aim, seconds), strict=True):
        assert abs(middle(name) - middle(field)) <= ROUNDING, name


def test_fields_have_the_lines_of_the_theme(qtbot: QtBot, theme: Theme) -> None:
    """In the dark theme, Fusion's were nearly black, and the arrows of numbers on grey blocks."""
    number = spin(0, 9, "Copies")
    for field in (number, QLineEdit(), QPlainTextEdit()):
        field.setEnabled(False)  # without the focus, whose line is blue
        field.resize(120, 40)
        qtbot.addWidget(field)
        field.show()
        line = field.grab().toImage().pixelColor(0, 20)
        assert line == field.palette().mid().color(), field
    arrows = number.grab().toImage().pixelColor(112, 4)
    assert arrows == number.palette().base().color()


def test_every_form_is_the_kit_s() -> None:
    kit = ROOT / "app" / "kit" / "fields.py"
    own = re.compile(r"QFormLayout|usual\.insertRow\(|\.addRow\(")
    found = [path for path in (ROOT / "app").rglob("*.py") if own.search(path.read_text())]
    assert found == [kit]


def test_facts_that_are_replaced_are_gone_while_a_dialog_is_open(qtbot: QtBot) -> None:
    """Qt deletes nothing before the dialog ends: old and new ones lay on one another."""
    card = Card("Model")
    qtbot.addWidget(card)
    card.set_facts([("Precision", "FP16")])
    card.show()

    def replaced() -> None:
        card.set_facts([("Precision", "INT8")])
        qtbot.wait(20)
        seen.extend(one.text() for one in card.findChildren(QLabel) if one.isVisible())
        dialog.accept()

    seen: list[str] = []
    dialog = QDialog(card)
    QTimer.singleShot(0, replaced)
    dialog.exec()
    assert seen == ["Model", "Precision", "INT8"]
