"""How many clicks lead to a scorecard with its verdict: 2 on the sample, 5 at most on one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.shell.main_window import MainWindow
from tests.support.window import JOB_TIMEOUT_MS, make_material, open_window


class Mouse:
    """Counts its clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, widget: QWidget) -> None:
        """As a user does: on what can be seen and is enabled."""
        assert widget.isVisible()
        assert widget.isEnabled()
        self.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def wait_for_verdict(qtbot: QtBot, window: MainWindow) -> None:
    """Until the page that is seen shows the finished scorecard."""
    queue = window.parts.queue  # three jobs, which take their time on a busy machine
    qtbot.waitUntil(lambda: not queue.state.title, timeout=3 * JOB_TIMEOUT_MS)
    assert not window.notices.isVisible(), window.notices.said
    page = window.tabs.project
    qtbot.waitUntil(lambda: page.scorecard.kept.value.text().endswith("%"), timeout=10_000)
    assert window.tabs.currentWidget() is page
    assert page.scorecard.verdict.text() in ("Safe", "Check", "Not safe")
    for name in ("throughput", "latency", "size"):
        for cell in page.scorecard.cells[name].values():
            assert cell.value.text()[-1] in "S×sB", (name, cell.value.text())
            assert cell.isVisible()
            assert not cell.fill.isVisible()


@pytest.mark.timeout(400)
def test_the_sample_takes_two(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, mouse = open_window(qtbot, tmp_path / "workspace", monkeypatch), Mouse()
    mouse.click(window.start_page.sample)
    qtbot.waitUntil(lambda: window.parts.session.selected is not None, timeout=JOB_TIMEOUT_MS)
    step = window.tabs.project.next_card
    assert step.button.text() == "Optimize and compare"
    mouse.click(step.button)  # the baseline is measured meanwhile; this waits for its turn
    qtbot.waitUntil(lambda: "Step 1 of 3" in step.text.text())
    assert not step.button.isVisible(), "a double click makes one job"
    wait_for_verdict(qtbot, window)
    assert mouse.clicks == 2
    assert window.tabs.project.scorecard.cells["ap"][3].value.text().startswith("0.")
    row = window.tree.view.model().index(0, 0)
    child = window.tree.view.model().index(0, 0, row).data()
    assert "×, " in child
    assert window.tabs.project.scorecard.verdict.text().lower() in child
    window.close()


def test_a_model_of_ones_own_takes_three_and_what_is_typed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    window, mouse = open_window(qtbot, tmp_path / "workspace", monkeypatch), Mouse()
    mouse.click(window.tree.new)
    dialog = window.findChild(NewProjectDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.model.edit, str(material.model))
    QTest.keyClicks(dialog.dataset.edit, str(material.validation))
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=JOB_TIMEOUT_MS)
    mouse.click(dialog.ok)
    qtbot.waitUntil(lambda: window.parts.session.selected is not None, timeout=JOB_TIMEOUT_MS)
    mouse.click(window.tabs.project.next_card.button)
    wait_for_verdict(qtbot, window)
    assert mouse.clicks == 3
    window.close()
