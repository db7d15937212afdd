"""Every preference really takes effect, is found again, and does no harm where it is damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.kit.theme import is_dark
from app.preferences.dialog import PreferencesDialog
from app.project.preferred import Preferences
from app.shell.main_window import MainWindow
from app.shell.proxy import is_proxy, use_proxy
from app.shell.settings import Settings, prefer_workspace, preferred_workspace
from core.benchmark.service import benchmark_result
from core.folders import default_workspace
from core.metrics.matching.thresholds import VerdictLimits
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.kinds import result_of
from core.reports.predictions.kind import PredictionsResult
from core.reports.service import reports_of
from core.sizes import prefer
from tests.support import user
from tests.support.checkout import ROOT, run_python
from tests.support.window import (
    Material,
    make_material,
    open_imported,
    open_window,
    shown_project,
    wait_for_jobs,
)

PARENT = 1  # column of the scorecard

STARTED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.__main__ import main

application = QApplication([])
QTimer.singleShot(1000, application.closeAllWindows)
sys.exit(main([]))
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the user's is touched, and sizes are as usual for the next test."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    yield
    prefer(Preferences().units)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("material"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_window(qtbot, tmp_path / "workspace", monkeypatch)


def opened(window: MainWindow) -> PreferencesDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = (one for one in window.findChildren(PreferencesDialog) if one.isVisible())
    return dialog


def test_device_threads_score_and_limits_are_those_of_benchmarks_and_reports(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material
) -> None:
    given = material.model, material.validation
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)
    dialog = opened(window)
    user.choose(dialog.device, next(t for t in _texts(dialog) if t.startswith("AUTO")))
    dialog.threads.setValue(1)
    dialog.score.setValue(0.4)
    dialog.limits["safe_kept"].setValue(97)
    dialog.limits["most_changed"].setValue(12.5)
    user.press(dialog, "OK")

    form = window.tabs.performance.speed.form
    assert form.request is not None
    assert (form.request.settings.device, form.request.settings.threads) == ("AUTO", 1)

    parts, parent = window.parts, window.parts.session.selected or 0
    plan = QuantizationPlan(subset_size=8)
    parts.queue.start(plan_optimize, parts.workspace, parent, material.calibration, plan)
    wait_for_jobs(qtbot, window)
    view = shown_project(window)
    benchmark = benchmark_result(parts.workspace.artifacts(view.project.id, "benchmark")[0])
    assert (benchmark.settings.device, benchmark.settings.threads) == ("AUTO", 1)

    parts.project.compare(view.project.id)
    wait_for_jobs(qtbot, window)
    result = result_of(reports_of(parts.workspace, view.project.id)[0].folder)[1]
    assert isinstance(result, PredictionsResult)
    assert result.optimized_executed.settings.device == "AUTO"
    assert result.thresholds.score == pytest.approx(0.4)
    assert result.thresholds.limits == VerdictLimits(safe_kept=0.97, most_changed=0.125)
    window.close()


def test_the_theme_is_used_at_once_and_ticked_in_the_menu(window: MainWindow) -> None:
    dialog = opened(window)
    user.choose(dialog.theme, "Dark")
    user.press(dialog, "OK")
    assert is_dark(QGuiApplication.palette())
    ticked = [one.title for one in window.menus.entries if one.action.isChecked()]
    assert ticked == ["Dark theme"]
    window.menus.use_theme("light")
    window.close()


def test_the_proxy_is_that_of_the_processes_that_download(window: MainWindow) -> None:
    asked = "import urllib.request as u; print(u.getproxies().get('https'), u.proxy_bypass('a.b'))"
    dialog = opened(window)
    user.choose(dialog.proxy_kind, "This one:")
    assert not dialog.ok.isEnabled()
    assert "address with a port" in dialog.problem.text()
    QTest.keyClicks(dialog.proxy, "proxy.example:3128")
    user.press(dialog, "OK")
    try:
        assert run_python(asked).split() == ["http://proxy.example:3128", "False"]
        dialog = opened(window)
        assert dialog.proxy.text() == "proxy.example:3128"
        user.choose(dialog.proxy_kind, "No proxy")
        user.press(dialog, "OK")
        assert run_python(asked).split() == ["None", "True"]
    finally:
        use_proxy("")
    window.close()


@pytest.mark.parametrize(
    ("address", "fits"),
    [("proxy:3128", True), ("http://a:b@proxy:80", True), ("proxy", False), ("ftp://a:1", False)],
)
def test_an_address_of_a_proxy_has_a_port(address: str, fits: bool) -> None:
    assert is_proxy(address) is fits


def test_another_workspace_is_opened_at_the_next_start(window: MainWindow, tmp_path: Path) -> None:
    assert preferred_workspace() == default_workspace()
    dialog = opened(window)
    dialog.workspace.clear()
    assert not dialog.ok.isEnabled()
    QTest.keyClicks(dialog.workspace, str(tmp_path / "elsewhere"))
    user.press(dialog, "OK")
    assert "is opened at the next start" in window.notices.said
    window.close()

    subprocess.run(
        [sys.executable, "-P", "-c", STARTED],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        check=True,
        timeout=60,
    )
    assert (tmp_path / "elsewhere" / "logs").is_dir()


def test_sizes_are_in_the_units_that_are_preferred(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material
) -> None:
    given = material.model, material.validation
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)
    tab = window.tabs.project
    cell = tab.scorecard.cells["size"][PARENT]
    qtbot.waitUntil(lambda: cell.value.text().endswith(" MB"), timeout=30_000)
    assert window.parts.session.rows[0].detail.endswith(" MB")

    dialog = opened(window)
    user.choose(dialog.units, "MiB: 1,048,576 bytes")
    user.press(dialog, "OK")
    qtbot.waitUntil(lambda: cell.value.text().endswith(" MiB"), timeout=30_000)
    assert window.parts.session.rows[0].detail.endswith(" MiB")
    assert any(one.text().endswith(" MiB") for one in user.labels(tab.model_card))
    assert window.parts.settings.preferences.units == "binary"
    window.close()


def test_which_jobs_the_desktop_is_told_of(window: MainWindow) -> None:
    dialog = opened(window)
    dialog.notable.setValue(5)
    user.press(dialog, "OK")
    assert window.parts.preferred.now == Preferences(notable_seconds=5)
    dialog = opened(window)
    assert dialog.notable.value() == 5
    user.click(dialog.notifies, QPoint(8, dialog.notifies.height() // 2))
    assert not dialog.notable.isEnabled()
    user.press(dialog, "OK")
    assert window.parts.preferred.now == Preferences(notifies=False, notable_seconds=5)
    window.close()


def test_limits_that_contradict_each_other_are_not_kept(window: MainWindow) -> None:
    dialog = opened(window)
    dialog.limits["not_safe_kept"].setValue(99)
    assert dialog.problem.text() == "Safe must lie above not safe."
    assert not dialog.ok.isEnabled()
    user.press(dialog, "Restore defaults")
    assert dialog.ok.isEnabled()
    user.press(dialog, "Cancel")
    assert window.parts.settings.preferences == Preferences()
    window.close()


@pytest.mark.parametrize(
    "line",
    [
        "score=x",
        "score=-1",
        "threads=99999999999999999999",
        "safe_kept=0.5",
        "device=",
        "proxy=\\x1",
        "units=feet",
        "notifies=",
        "notable_seconds=-1",
    ],
)
def test_what_is_damaged_counts_as_never_chosen(tmp_path: Path, line: str) -> None:
    (tmp_path / "window.ini").write_text(f"[preferences]\n{line}\n")
    assert Settings(tmp_path).preferences == Preferences()


def test_a_damaged_choice_of_a_workspace_is_the_usual_one(tmp_path: Path) -> None:
    prefer_workspace(tmp_path)
    assert preferred_workspace() == tmp_path
    prefer_workspace(Path("relative"))
    assert preferred_workspace() == default_workspace()


def _texts(dialog: PreferencesDialog) -> list[str]:
    return [dialog.device.itemText(number) for number in range(dialog.device.count())]
