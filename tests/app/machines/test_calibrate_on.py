"""Quantizing in the window with the statistics of a machine: the same model, by real workers."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.machines.dialog import MachinesDialog
from app.optimize.tab import OptimizeTab
from app.shell.main_window import MainWindow
from core.machines.machine import new_machine
from core.machines.store import add_machine, machine_named
from core.optimize.service import plan_optimize
from tests.app.machines.test_machines_dialog import answered, opened
from tests.support import user
from tests.support.dask_workers import Cluster
from tests.support.jobs import run
from tests.support.window import make_material, open_imported, show_tab, wait_for_jobs

pytest.importorskip("distributed")
ALONE = "Accuracy-aware quantization works on this machine alone."


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    material = make_material(tmp_path)
    where = qtbot, tmp_path / "workspace", monkeypatch
    made = open_imported(*where, material.model, material.validation)
    show_tab(qtbot, made, "optimize")
    made.tabs.optimize.calibration.set_path(material.calibration)
    return made


def pressed(tab: OptimizeTab, method: str) -> None:
    user.press(tab.methods, method)


def content(model: Path) -> list[bytes]:
    """Weights and recipe of a stored model."""
    files = [model.with_suffix(".bin"), *sorted(model.parent.glob("*recipe*"))]
    assert len(files) > 1
    return [re.sub(rb'"created": "[^"]*"', b"", one.read_bytes()) for one in files]


def test_a_machine_is_offered_where_there_is_one_and_none_where_the_method_has_no_use_for_it(
    window: MainWindow,
) -> None:
    tab = window.tabs.optimize
    where = tab.calibrate_on
    assert not where.isVisible() and where.machine is None
    dialog: MachinesDialog = opened(window)
    for name in ("lab", "hall"):
        add_machine(new_machine(name, "tcp://127.0.0.1:9"))
    user.press(dialog, "Close")
    assert where.isVisible(), "it is looked for when the dialog was closed"
    user.choose(where.choice, "lab: tcp://127.0.0.1:9")
    pressed(tab, "Accuracy-aware")
    assert not where.choice.isEnabled() and where.machine is None
    assert where.note.text() == ALONE
    pressed(tab, "Default")
    assert where.choice.isEnabled() and where.machine == "lab"
    assert "The model is the same" in where.note.text()
    window.close()


def test_the_model_is_that_of_this_machine_once_the_user_agrees(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    tab, parts = window.tabs.optimize, window.parts
    with Cluster(tmp_path / "cluster") as cluster:
        cluster.add()
        cluster.wait(1)
        add_machine(new_machine("lab", cluster.address))
        parts.session.refresh()
        user.choose(tab.calibrate_on.choice, f"lab: {cluster.address}")
        QTimer.singleShot(0, partial(answered, "Cancel", "Send images and models to lab"))
        user.click(tab.start)
        assert not parts.queue.state.title and not machine_named("lab").agreed
        QTimer.singleShot(0, partial(answered, "Agree", "Send images and models to lab"))
        user.click(tab.start)
        wait_for_jobs(qtbot, window)
        logs = [one.read_text("utf-8") for one in parts.session.log.parent.glob("*.log")]
        assert any("Statistics are collected on lab: 1 worker has joined." in one for one in logs)
    parent, there = [row.id for row in parts.session.rows]
    calibration, plan = tab.calibration.path, tab.plan()
    assert calibration is not None
    job = plan_optimize(parts.workspace, parent, calibration, plan)
    here = run(parts.workspace, job).end.project_id
    assert here is not None
    models = [parts.workspace.project(one).model for one in (there, here)]
    assert models[0] is not None and models[1] is not None and models[0] != models[1]
    assert content(models[0]) == content(models[1])
    window.close()
