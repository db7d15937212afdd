"""The viewer as a user meets it: real images, keys, wheel and mouse."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from app.viewer.scene.colours import STYLES
from app.viewer.scene.hit_test import NOTHING
from app.viewer.scene.scene import BoxStatus, Side
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from tests.app.viewer.looking import colour_at, count, fits, pixels, show, wheel
from tests.app.viewer.making import GREEN, RED, overlay, viewed, write_image_file
from tests.support.leaks import running_threads


def test_both_panes_show_the_image_and_their_own_boxes(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    missed = overlay([200, 140, 280, 220], status=BoxStatus.MISSED)
    extra = overlay([40, 140, 120, 220], status=BoxStatus.EXTRA)
    show(viewer, qtbot, viewed(image_path, missed, extra))
    for pane in (viewer.parent_pane, viewer.optimized_pane):
        assert colour_at(pane, 80, 60) == GREEN
        assert colour_at(pane, 300, 60) == RED
    orange = STYLES[BoxStatus.MISSED].colour
    blue = STYLES[BoxStatus.EXTRA].colour
    left, right = pixels(viewer.parent_pane), pixels(viewer.optimized_pane)
    assert count(left, orange) > 300 and count(left, blue) == 0
    assert count(right, blue) > 300 and count(right, orange) == 0


def test_titles_legend_name_and_position_tell_the_counts(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    parent = overlay([0, 0, 50, 50], [60, 60, 90, 90])
    parent.statuses[1] = BoxStatus.MISSED
    show(viewer, qtbot, viewed(image_path, parent, overlay([0, 0, 50, 51])))
    assert "2 boxes, 1 only here" in viewer.panes.titles[Side.PARENT].text()
    assert viewer.panes.titles[Side.OPTIMIZED].text().endswith("1 box")
    assert [item.text_shown for item in viewer.legend.items.values()] == [
        "Matched 1",
        "Missed 1",
        "Extra 0",
        "Class changed 0",
        "Shifted 0",
        "Score drift 0",
    ]
    assert viewer.navigation.position.text() == "3 / 128"
    assert viewer.navigation.name.text == "image.png"


def test_nothing_to_show_says_what_to_do(viewer: ComparisonViewer) -> None:
    viewer.show_image(None)
    assert viewer.parent_pane.message == "Choose an image in the table."
    assert not viewer.navigation.next.isEnabled() and not viewer.navigation.fit.isEnabled()
    assert viewer.navigation.back.isEnabled()
    background = pixels(viewer.parent_pane).pixelColor(2, 2)
    image = pixels(viewer.parent_pane)
    assert count(image, background) < image.width() * image.height()  # the words are drawn


def test_wheel_zooms_both_panes_at_the_cursor(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path))
    panes = (viewer.parent_pane, viewer.optimized_pane)
    at = (130.0, 180.0)
    under = panes[1].view.to_image(at, panes[1].size_shown)
    before = panes[1].view.scale
    wheel(panes[1], at, 3)
    for pane in panes:
        assert pane.view.scale == pytest.approx(before * 1.2**3)
    assert panes[1].view.to_screen(under, panes[1].size_shown) == pytest.approx(at)
    # The other pane looks at the same place: the same pixels, but for rounding.
    assert panes[0].view == panes[1].view
    wheel(panes[0], at, -30)
    assert fits(viewer)


def test_dragging_moves_both_and_double_click_fits(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path))
    pane = viewer.parent_pane
    wheel(pane, (200, 200), 5)
    point = pane.view.to_image((200, 200), pane.size_shown)
    QTest.mousePress(pane, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(pane, QPoint(220, 190))
    QTest.mouseMove(pane, QPoint(260, 170))
    QTest.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=QPoint(260, 170))
    assert pane.view.to_screen(point, pane.size_shown) == pytest.approx((260, 170))
    assert viewer.optimized_pane.view == pane.view
    QTest.mouseMove(pane, QPoint(100, 100))  # no longer held
    assert pane.view.to_screen(point, pane.size_shown) == pytest.approx((260, 170))
    QTest.mouseDClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert fits(viewer)


@pytest.mark.parametrize(
    ("key", "signal"),
    [
        (Qt.Key.Key_A, "previous_requested"),
        (Qt.Key.Key_Left, "previous_requested"),
        (Qt.Key.Key_D, "next_requested"),
        (Qt.Key.Key_Right, "next_requested"),
        (Qt.Key.Key_N, "next_difference_requested"),
        (Qt.Key.Key_Escape, "back_requested"),
    ],
)
@pytest.mark.parametrize("focus", ["", "parent_pane", "score.slider", "navigation.next"])
def test_keys_ask_wherever_the_focus_is(
    viewer: ComparisonViewer,
    qtbot: QtBot,
    image_path: Path,
    key: Qt.Key,
    signal: str,
    focus: str,
) -> None:
    show(viewer, qtbot, viewed(image_path))
    threshold = viewer.score.slider.value()
    widget = attrgetter(focus)(viewer) if focus else viewer
    widget.setFocus()
    with qtbot.waitSignal(getattr(viewer, signal), timeout=1000):
        QTest.keyClick(widget, key)
    assert viewer.score.slider.value() == threshold


def test_keys_zoom_and_fit(viewer: ComparisonViewer, qtbot: QtBot, image_path: Path) -> None:
    show(viewer, qtbot, viewed(image_path))
    fitted = viewer.parent_pane.view.scale
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.parent_pane.view.scale == pytest.approx(fitted * 1.25**2)
    QTest.keyClick(viewer, Qt.Key.Key_Minus)
    assert viewer.optimized_pane.view.scale == pytest.approx(fitted * 1.25)
    assert not fits(viewer)
    QTest.keyClick(viewer, Qt.Key.Key_F)
    assert fits(viewer)


def test_the_focus_is_there_once_it_is_shown(viewer: ComparisonViewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(viewer.hasFocus)


def test_the_ends_of_the_list_ask_for_nothing(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path, position=0, total=1))
    asked = []
    viewer.next_requested.connect(lambda: asked.append("next"))
    viewer.previous_requested.connect(lambda: asked.append("previous"))
    QTest.keyClick(viewer, Qt.Key.Key_A)
    QTest.keyClick(viewer, Qt.Key.Key_D)
    assert asked == []
    viewer.show_image(viewed(image_path, position=1, total=3))
    QTest.keyClick(viewer, Qt.Key.Key_A)
    QTest.mouseClick(viewer.navigation.next, Qt.MouseButton.LeftButton)
    assert asked == ["previous", "next"]


def test_the_slider_tells_and_setting_it_does_not(viewer: ComparisonViewer, qtbot: QtBot) -> None:
    said: list[object] = []
    viewer.score_threshold_changed.connect(said.append)
    viewer.score.show_thresholds(Thresholds(score=0.45))
    assert said == [] and viewer.score.number.text() == "0.45"
    own = ScoreThresholds(score=0.2)
    viewer.score.show_thresholds(Thresholds(score=0.45, optimized_scores=own))
    assert said == [] and viewer.score.number.text() == "0.45, optimized 0.2"
    viewer.score.show_thresholds(Thresholds(score=0.45))
    viewer.score.slider.setFocus()
    QTest.keyClick(viewer.score.slider, Qt.Key.Key_Up)
    assert said == [0.46] and isinstance(said[0], float)
    assert viewer.score.number.text() == "0.46"
    QTest.keyClick(viewer.score.slider, Qt.Key.Key_Home)
    QTest.keyClick(viewer.score.slider, Qt.Key.Key_End)
    assert said == [0.46, 0.0, 1.0]


def test_other_boxes_on_the_same_image_keep_pan_and_zoom(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path, tmp_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path, overlay([10, 10, 60, 60])))
    wheel(viewer.parent_pane, (100, 100), 4)
    view, photo = viewer.parent_pane.view, viewer.parent_pane.photo
    viewer.show_image(viewed(image_path))
    assert viewer.parent_pane.view == view and viewer.parent_pane.photo is photo
    assert len(viewer.parent_pane.overlay) == 0
    show(viewer, qtbot, viewed(write_image_file(tmp_path / "b.png", 100, 80), size=(100, 80)))
    assert fits(viewer)


def test_hovering_highlights_the_smallest_box_and_tells_its_hint(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    boxes = overlay([20, 20, 300, 220], [100, 60, 180, 160])
    show(viewer, qtbot, viewed(image_path, boxes, boxes))
    pane = viewer.parent_pane
    before = pixels(pane)

    def on(x: float, y: float) -> QPoint:
        return QPointF(*pane.view.to_screen((x, y), pane.size_shown)).toPoint()

    QTest.mouseMove(pane, on(140, 100))
    assert pane.hovered == 1
    assert "person 0.89" in QToolTip.text() and "IoU 0.83" in QToolTip.text()
    assert pixels(pane) != before
    assert viewer.optimized_pane.hovered == NOTHING
    QTest.mouseMove(pane, on(250, 200))
    assert pane.hovered == 0
    QTest.mouseMove(pane, on(5, 5))
    assert pane.hovered == NOTHING


def test_boxes_are_as_thick_at_any_zoom(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path, overlay([160, 0, 320, 240])))
    pane = viewer.parent_pane
    line = STYLES[BoxStatus.MATCHED].colour.rgb()

    def thickness() -> int:
        image = pixels(pane)
        x, y = (round(v) for v in pane.view.to_screen((160, pane.view.centre[1]), pane.size_shown))
        return sum(image.pixel(x + dx, y) == line for dx in range(-8, 9))

    assert thickness() == 2
    before = pane.view.scale
    wheel(pane, (pane.width() / 2, pane.height() / 2), 8)
    assert pane.view.scale > 4 * before
    assert thickness() == 2


def test_hostile_names_and_labels_are_drawn_as_they_are(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    name = "a folder/<b>caf\udce9\n" + "x" * 400 + ".png"
    boxes = overlay([20, 20, 300, 220], label="<img src=x>\ud800")
    show(viewer, qtbot, viewed(image_path, boxes, name=name))
    pixels(viewer.parent_pane)
    assert viewer.navigation.name.text.startswith("a folder/<b>caf\ufffd\ufffdxx")
    assert "…" in viewer.navigation.name.shown_text and viewer.navigation.name.shown_text.endswith(
        ".png"
    )
    assert viewer.width() == 1000
    QTest.mouseMove(viewer.parent_pane, QPoint(200, 200))
    assert "&lt;img" in QToolTip.text()


def test_hundreds_of_boxes_far_outside_are_painted(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    boxes = overlay(*([i - 1e6, -1e6, i + 1.0, 1e6] for i in range(300)))
    show(viewer, qtbot, viewed(image_path, boxes))
    wheel(viewer.parent_pane, (100, 100), 20)
    assert count(pixels(viewer.parent_pane), STYLES[BoxStatus.MATCHED].colour) > 0


def test_closing_joins_the_thread(qtbot: QtBot, image_path: Path) -> None:
    before = running_threads("image-loader")
    viewer = ComparisonViewer()
    qtbot.addWidget(viewer)
    viewer.feed.prefetch([image_path])
    threads = running_threads("image-loader", but=before)
    assert len(threads) == 2, "one for the images, one for small copies"
    viewer.close()
    assert not any(thread.isRunning() for thread in threads)


def test_deleting_it_joins_the_thread_too(qtbot: QtBot, image_path: Path) -> None:
    before = running_threads("image-loader")
    viewer = ComparisonViewer()
    viewer.feed.prefetch([image_path])
    threads = running_threads("image-loader", but=before)
    assert threads
    shiboken6.delete(viewer)  # as the window that it is in does
    assert not any(thread.isRunning() for thread in threads)
