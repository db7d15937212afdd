"""Thresholds and filter as the user moves them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.filter_panel import FilterPanel
from app.reports.thresholds_panel import ANNOTATION_KNOBS, ThresholdsPanel
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds, VerdictLimits
from core.reports.filters import RowFilter


def test_slider_and_field_move_together_and_tell_once(qtbot: QtBot) -> None:
    panel = ThresholdsPanel()
    qtbot.addWidget(panel)
    said: list[Thresholds] = []
    panel.thresholds_changed.connect(said.append)
    panel.knob("iou").slider.setValue(65)
    assert panel.knob("iou").spin.value() == 0.65
    panel.knob("per_class_limit").slider.setValue(7)
    assert panel.knob("per_class_limit").slider.value() == 7
    assert said == [Thresholds(iou=0.65), Thresholds(iou=0.65, per_class_limit=7)]


def test_the_optimized_model_has_a_threshold_of_its_own_or_the_parents(qtbot: QtBot) -> None:
    panel = ThresholdsPanel()
    qtbot.addWidget(panel)
    said: list[Thresholds] = []
    panel.thresholds_changed.connect(said.append)
    own = panel.knob("optimized_score").spin
    panel.knob("score").slider.setValue(40)
    assert (said[-1], own.value()) == (Thresholds(score=0.4), 0.4)  # it follows the parent's
    panel.knob("optimized_score").slider.setValue(25)
    assert said[-1] == Thresholds(score=0.4, optimized_scores=ScoreThresholds(score=0.25))
    panel.knob("score").slider.setValue(50)
    assert said[-1] == Thresholds(score=0.5, optimized_scores=ScoreThresholds(score=0.25))
    panel.knob("optimized_score").slider.setValue(50)
    assert said[-1] == Thresholds(score=0.5)
    # Those of an operating point keep their decimals and classes while others move.
    point = ScoreThresholds(score=0.1653, classes={"cat": 0.21})
    panel.show_thresholds(Thresholds(optimized_scores=point), Thresholds())
    panel.knob("iou").slider.setValue(60)
    assert said[-1] == Thresholds(iou=0.6, optimized_scores=point)


def test_scores_go_down_to_0(qtbot: QtBot) -> None:
    panel = ThresholdsPanel()
    qtbot.addWidget(panel)
    said: list[Thresholds] = []
    panel.thresholds_changed.connect(said.append)
    QTest.keyClick(panel.knob("score").slider, Qt.Key.Key_Home)
    assert (said[-1], panel.knob("score").spin.value()) == (Thresholds(score=0.0), 0.0)
    panel.show_thresholds(Thresholds(score=0.3), Thresholds())
    panel.knob("optimized_score").slider.setValue(0)
    own = ScoreThresholds(score=0.0)
    assert said[-1] == Thresholds(score=0.3, optimized_scores=own)


def test_limits_of_the_verdict_and_the_way_back(qtbot: QtBot) -> None:
    panel = ThresholdsPanel()
    qtbot.addWidget(panel)
    own = Thresholds(score=0.4)
    panel.show_thresholds(own, own)
    assert not panel.reset.isEnabled()
    said: list[Thresholds] = []
    panel.thresholds_changed.connect(said.append)
    panel.limit("safe_kept").setValue(0.9)
    limits = VerdictLimits(safe_kept=0.9, not_safe_kept=0.89)
    assert said == [Thresholds(score=0.4, limits=limits)], "not safe stays below safe"
    panel.limit("not_safe_kept").setValue(0.95)
    assert said[-1].limits == VerdictLimits(safe_kept=0.96, not_safe_kept=0.95)
    panel.limit("not_safe_kept").setValue(1.0)
    assert said[-1].limits == VerdictLimits(safe_kept=1.0, not_safe_kept=0.99)
    panel.limit("safe_kept").setValue(0.0)
    assert said[-1].limits == VerdictLimits(safe_kept=0.01, not_safe_kept=0.0)
    QTest.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert said[-1] == own
    assert panel.limit("safe_kept").value() == 0.98


def test_limits_are_seen_and_kept_with_the_digits_that_they_were_set_with(qtbot: QtBot) -> None:
    """One of 98.5% was shown as 0.98, and became that when another one was moved."""
    panel = ThresholdsPanel()
    qtbot.addWidget(panel)
    own = Thresholds(limits=VerdictLimits(safe_kept=0.985, not_safe_kept=0.94125))
    panel.show_thresholds(own, own)
    assert panel.limit("safe_kept").value() == 0.985
    with qtbot.waitSignal(panel.thresholds_changed) as said:
        panel.limit("most_changed").setValue(0.1)
    limits = VerdictLimits(safe_kept=0.985, not_safe_kept=0.94125, most_changed=0.1)
    assert said.args == [Thresholds(limits=limits)]


def test_a_panel_with_fewer_knobs_leaves_the_others_alone(qtbot: QtBot) -> None:
    panel = ThresholdsPanel(ANNOTATION_KNOBS, limits=False)
    qtbot.addWidget(panel)
    shown = Thresholds(score_drift=0.35, limits=VerdictLimits(most_changed=0.5))
    panel.show_thresholds(shown, shown)
    with qtbot.waitSignal(panel.thresholds_changed) as said:
        panel.knob("score").slider.setValue(60)
    assert said.args == [
        Thresholds(score=0.6, score_drift=0.35, limits=VerdictLimits(most_changed=0.5))
    ]


def test_all_parts_of_the_filter_are_combined(qtbot: QtBot) -> None:
    panel = FilterPanel()
    qtbot.addWidget(panel)
    panel.show_classes(("cat", "dog", "bird"))
    said: list[RowFilter] = []
    panel.filter_changed.connect(said.append)
    QTest.keyClicks(panel.name, "a b")
    panel.statuses["missed"].setChecked(True)
    panel.classes.item(1).setCheckState(Qt.CheckState.Checked)
    row = panel.ranges.rows[0]
    row.choice.setCurrentIndex(row.choice.findData("damage"))
    row.highest.setValue(2.5)
    assert said[-1] == RowFilter(
        name="a b", statuses=("missed",), classes=("dog",), ranges={"damage": (1.0, 2.5)}
    )
    assert len(panel.ranges.rows) == 2  # an empty one for the next
    QTest.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    assert said[-1] == RowFilter()
    assert panel.name.text() == ""
    assert len(panel.ranges.rows) == 1


def test_a_stored_filter_is_shown_without_a_word(qtbot: QtBot) -> None:
    panel = FilterPanel()
    qtbot.addWidget(panel)
    panel.show_classes(("cat", "dog"))
    said: list[RowFilter] = []
    panel.filter_changed.connect(said.append)
    stored = RowFilter(
        classes=("cat",),
        statuses=("extra",),
        ranges={"missed": (1, None), "precision": (None, 0.7)},
        cell=("cat", None),
    )
    panel.show_filter(stored)
    assert said == []
    assert panel.ranges.ranges() == stored.ranges
    panel.name.setText("x")
    assert said[-1].cell == ("cat", None)  # what the panel does not show stays


def test_searching_a_class_hides_the_others(qtbot: QtBot) -> None:
    panel = FilterPanel()
    qtbot.addWidget(panel)
    panel.show_classes(("traffic light", "cat"))
    QTest.keyClicks(panel.search, "LIGHT")
    assert not panel.classes.item(0).isHidden()
    assert panel.classes.item(1).isHidden()
