"""Modes, legend, list, keys, copying and saving, by real keys and the mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from app.viewer.keys import CLASS_KEYS, KEYS, Action
from app.viewer.panes.painting import LabelledOverlay
from app.viewer.panes.pane import ImagePane
from app.viewer.scene.choices import Mode
from app.viewer.scene.colours import STYLES, Colouring, class_colour
from app.viewer.scene.scene import BoxStatus, Overlay, Side, ViewedImage
from app.viewer.strip.thumbnail_items import Thumbnails
from tests.app.viewer.making import RED, viewed, with_columns, write_image_file
from tests.support.user import click_header, column

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
PERSON, CAR, DOG = 0, 1, 2


def scene(path: Path, truth: Overlay | None = None) -> ViewedImage:
    """Of each model a pair that matches, and a box that only it has."""
    found = {} if truth is None else {Side.TRUTH: [0, -1]}
    found_too = {} if truth is None else {Side.TRUTH: [-1, 0]}
    parent = with_columns(
        (BoxStatus.MATCHED, PERSON, 0.875),
        (BoxStatus.MISSED, CAR, 0.75),
        links={Side.OPTIMIZED: [1, -1], **found},
    )
    optimized = with_columns(
        (BoxStatus.EXTRA, DOG, 0.5),
        (BoxStatus.MATCHED, PERSON, 0.375),
        links={Side.PARENT: [-1, 0], **found_too},
    )
    return viewed(path, parent, optimized, truth)


def objects() -> Overlay:
    return with_columns(
        (BoxStatus.FOUND_BY_BOTH, PERSON, 1), links={Side.PARENT: [0], Side.OPTIMIZED: [1]}
    )


@pytest.fixture
def shown(viewer: ComparisonViewer, image_path: Path, qtbot: QtBot) -> ComparisonViewer:
    """The viewer with the scene on it."""
    viewer.show_image(scene(image_path))
    qtbot.waitUntil(lambda: viewer.feed.photo is not None)
    return viewer


def on_box(pane: ImagePane, index: int) -> QPoint:
    x1, y1, x2, y2 = pane.overlay.boxes[index].tolist()
    middle = pane.view.to_screen(((x1 + x2) / 2, (y1 + y2) / 2), pane.size_shown)
    return QPointF(*middle).toPoint()


def hover(pane: ImagePane, at: QPoint) -> None:
    QTest.mouseMove(pane, QPoint(1, 1))  # the mouse may be there already
    QTest.mouseMove(pane, at)


def count(image: QImage, status: BoxStatus) -> int:
    rgb = STYLES[status].colour.rgb()
    return sum(
        image.pixel(x, y) == rgb for y in range(image.height()) for x in range(image.width())
    )


def test_the_wipe_shows_the_parent_left_of_a_line_that_can_be_dragged(
    shown: ComparisonViewer,
) -> None:
    QTest.keyClick(shown, Key.Key_W)
    area = shown.panes
    assert area.sides_seen == (Side.PARENT, Side.OPTIMIZED)
    assert shown.parent_pane.geometry() == shown.optimized_pane.geometry()
    assert shown.view_bar.mode_buttons[Mode.WIPE].isChecked()

    def seen() -> tuple[int, int]:
        image = area.grab().toImage()
        return count(image, BoxStatus.MISSED), count(image, BoxStatus.EXTRA)

    def drag_to(share: float) -> None:
        handle = QPoint(area.divider.width() // 2, area.divider.height() // 2)
        aim = area.divider.mapFrom(area, QPoint(round(area.width() * share), handle.y()))
        QTest.mousePress(area.divider, LEFT, pos=handle)
        QTest.mouseMove(area.divider, aim)
        QTest.mouseRelease(area.divider, LEFT, pos=aim)

    drag_to(1.0)
    assert area.slider.value() == area.slider.maximum()
    assert seen()[0] > 50 and seen()[1] == 0
    drag_to(0.0)
    assert seen()[0] == 0 and seen()[1] > 50
    QTest.keyClick(shown, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert area.slider.value() == area.slider.singleStep()
    QTest.keyClick(shown, Key.Key_S)
    assert shown.parent_pane.geometry() != shown.optimized_pane.geometry()
    assert seen()[0] > 50 and seen()[1] > 50


def test_space_blinks_between_the_models_in_one_place(shown: ComparisonViewer) -> None:
    QTest.keyClick(shown, Key.Key_Space)
    assert shown.choices.value.mode is Mode.BLINK
    first = shown.panes.sides_seen
    place = shown.panes.main_pane.geometry()
    QTest.keyClick(shown, Key.Key_Space)
    assert shown.panes.sides_seen != first
    assert shown.panes.main_pane.geometry() == place
    assert shown.parent_pane.isHidden() != shown.optimized_pane.isHidden()
    QTest.keyClick(shown, Key.Key_Space)
    assert shown.panes.sides_seen == first


def test_space_on_a_button_presses_it(shown: ComparisonViewer) -> None:
    shown.view_bar.differences.setFocus()
    QTest.keyClick(shown.view_bar.differences, Key.Key_Space)
    assert shown.choices.value.only_differences and shown.view_bar.differences.isChecked()
    assert shown.choices.value.mode is Mode.SIDE_BY_SIDE


def test_only_differences(shown: ComparisonViewer) -> None:
    QTest.keyClick(shown, Key.Key_X)
    assert shown.parent_pane.shown.tolist() == [False, True]
    assert count(shown.parent_pane.grab().toImage(), BoxStatus.MATCHED) == 0
    assert [row.class_name for row in shown.side_panel.list.rows.shown_rows()] == ["car", "dog"]
    hover(shown.parent_pane, on_box(shown.parent_pane, 0))
    assert shown.parent_pane.hovered == -1  # what is not seen is not hit
    QTest.keyClick(shown, Key.Key_X)
    assert shown.parent_pane.shown.all()


def test_legend_and_number_keys_leave_boxes_out(shown: ComparisonViewer, tmp_path: Path) -> None:
    QTest.mouseClick(shown.legend.items[BoxStatus.MISSED], LEFT)
    assert shown.parent_pane.shown.tolist() == [True, False]
    QTest.keyClick(shown, Key.Key_2)  # the report's second class: person
    assert shown.parent_pane.shown.tolist() == [False, False]
    assert shown.optimized_pane.shown.tolist() == [True, False]
    shown.show_image(scene(write_image_file(tmp_path / "other.png")))
    assert shown.optimized_pane.shown.tolist() == [True, False]  # as on the image before
    item = shown.side_panel.classes.item(1)
    assert item.text().split() == ["2", "person", "1"]
    assert item.checkState() == Qt.CheckState.Unchecked
    area = shown.side_panel.classes.visualItemRect(item)
    QTest.mouseClick(shown.side_panel.classes.viewport(), LEFT, pos=area.center())
    assert shown.optimized_pane.shown.tolist() == [True, True]
    QTest.keyClick(shown, Key.Key_0)
    assert shown.parent_pane.shown.all()
    QTest.keyClick(shown, Key.Key_9)  # no such class


def test_colours_by_class_keep_the_dashes(shown: ComparisonViewer) -> None:
    QTest.keyClick(shown, Key.Key_C)
    assert shown.choices.value.colouring is Colouring.CLASS
    image = shown.parent_pane.grab().toImage()
    colours = {image.pixel(x, y) for y in range(image.height()) for x in range(image.width())}
    assert {class_colour(PERSON).rgb(), class_colour(CAR).rgb()} <= colours
    pane, colouring = shown.parent_pane, shown.choices.value.colouring
    labelled = LabelledOverlay.measured(pane.overlay, pane.font(), colouring)
    assert [style.dashes for style in labelled.styles] == [
        STYLES[BoxStatus.MATCHED].dashes,
        STYLES[BoxStatus.MISSED].dashes,
    ]


def test_a_click_picks_in_both_panes_and_the_list(
    shown: ComparisonViewer, image_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(shown.box_picked) as picked:
        QTest.mouseClick(shown.optimized_pane, LEFT, pos=on_box(shown.optimized_pane, 1))
    assert picked.args == [2, PERSON]  # the image's number, and the class
    assert shown.optimized_pane.marked == (1,) and shown.parent_pane.marked == (0,)
    row = shown.side_panel.list.current_row
    assert row is not None and row.class_name == "person"
    shown.show_image(scene(image_path))  # as after a moved threshold
    assert shown.parent_pane.marked == (0,)
    assert shown.side_panel.list.current_row is not None
    QTest.mouseClick(shown.parent_pane, LEFT, pos=QPoint(3, 3))
    assert not shown.parent_pane.marked and shown.side_panel.list.current_row is None


def test_the_list_picks_in_the_panes_and_brings_into_view(shown: ComparisonViewer) -> None:
    boxes = shown.side_panel.list
    for _ in range(8):
        QTest.keyClick(shown, Key.Key_Plus)
    boxes.setFocus()
    QTest.keyClick(boxes, Key.Key_Down)
    QTest.keyClick(boxes, Key.Key_Down)
    row = boxes.current_row
    assert row is not None
    side, index = row.places[0]
    pane = shown.panes.panes[side]
    assert pane.marked == (index,)
    assert pane.rect().contains(on_box(pane, index))
    scale = pane.view.scale
    QTest.keyClick(boxes, Key.Key_Return)
    assert pane.view.scale != scale and pane.rect().contains(on_box(pane, index))


def test_hovering_marks_what_belongs_to_the_box(shown: ComparisonViewer) -> None:
    hover(shown.parent_pane, on_box(shown.parent_pane, 0))
    assert shown.parent_pane.hovered == 0 and shown.optimized_pane.marked == (1,)
    hover(shown.parent_pane, QPoint(3, 3))
    assert not shown.optimized_pane.marked


def test_the_list_sorts_by_its_columns(shown: ComparisonViewer) -> None:
    boxes = shown.side_panel.list
    assert [row.status for row in boxes.rows.shown_rows()] == [
        BoxStatus.MISSED,
        BoxStatus.EXTRA,
        BoxStatus.MATCHED,
    ]
    click_header(boxes, 1)
    assert column(boxes, 1) == ["car", "dog", "person"]
    click_header(boxes, 1)
    assert column(boxes, 1) == ["person", "dog", "car"]


def offered(viewer: ComparisonViewer) -> list[QWidget]:
    """The buttons of the bar, in its row or in its own menu."""
    bar = viewer.view_bar
    return [bar.widgetForAction(action) for action in bar.actions() if action.isVisible()]


def test_ground_truth_is_a_third_pane_that_can_be_left_out(
    shown: ComparisonViewer, image_path: Path
) -> None:
    assert shown.truth_pane.isHidden() and shown.view_bar.truth not in offered(shown)
    shown.show_image(scene(image_path, objects()))
    assert shown.truth_pane.isVisible() and shown.view_bar.truth in offered(shown)
    assert shown.truth_pane.photo is shown.feed.photo
    QTest.mouseClick(shown.truth_pane, LEFT, pos=on_box(shown.truth_pane, 0))
    assert shown.parent_pane.marked == (0,) and shown.optimized_pane.marked == (1,)
    QTest.keyClick(shown, Key.Key_G)
    assert shown.truth_pane.isHidden()
    QTest.keyClick(shown, Key.Key_W)
    QTest.keyClick(shown, Key.Key_G)
    assert shown.truth_pane.isHidden()  # the wipe is between the models


def test_the_question_mark_shows_the_keys_and_escape_closes_one_thing_after_the_other(
    shown: ComparisonViewer, qtbot: QtBot
) -> None:
    QTest.keyClick(shown, Key.Key_O)
    QTest.keyClick(shown, Key.Key_Question)
    assert shown.key_sheet.isVisible() and shown.overview.isVisible()
    assert shown.key_sheet.sizeHint().width() < 748  # the viewer's width in the smallest window
    with qtbot.assertNotEmitted(shown.back_requested):
        QTest.keyClick(shown, Key.Key_Escape)
        assert shown.key_sheet.isHidden() and shown.overview.isVisible()
        QTest.keyClick(shown, Key.Key_Escape)
        assert shown.panes.isVisible()
    with qtbot.waitSignal(shown.back_requested):
        QTest.keyClick(shown, Key.Key_Escape)


def test_strip_and_overview_ask_for_an_image(
    shown: ComparisonViewer, tmp_path: Path, qtbot: QtBot
) -> None:
    names = ("image.png", "gone.png", "gone too.png")
    shown.show_thumbnails(Thumbnails(tmp_path, names, np.array([2, 0, 1])))
    assert shown.strip.current_image == 2  # the scene's number
    with qtbot.waitSignal(shown.image_requested) as asked:
        place = shown.strip.visualRect(shown.strip.model().index(0, 1)).center()
        QTest.mouseClick(shown.strip.viewport(), LEFT, pos=place)
    assert asked.args == [0]
    QTest.keyClick(shown, Key.Key_O)
    assert shown.overview.hasFocus()
    with qtbot.waitSignal(shown.image_requested) as asked:
        QTest.keyClick(shown.overview, Key.Key_Return)
    assert asked.args == [2] and shown.panes.isVisible()


def test_list_and_strip_can_be_put_away(shown: ComparisonViewer, qtbot: QtBot) -> None:
    narrow = shown.parent_pane.width()
    QTest.keyClick(shown, Key.Key_L)
    QTest.keyClick(shown, Key.Key_T)
    assert shown.side_panel.isHidden() and shown.strip.isHidden()
    assert not shown.view_bar.list.isChecked() and not shown.view_bar.strip.isChecked()
    qtbot.waitUntil(lambda: shown.parent_pane.width() > narrow)
    QTest.mouseClick(shown.view_bar.list, LEFT)
    assert shown.side_panel.isVisible() and shown.view_bar.list.isChecked()


def test_copying_puts_the_panes_on_the_clipboard(shown: ComparisonViewer) -> None:
    QTest.keyClick(shown, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == shown.panes.size()
    assert count(copied, BoxStatus.MISSED) > 50 and count(copied, BoxStatus.EXTRA) > 50
    assert "clipboard" in shown.toast.text() and shown.toast.isVisible()
    assert shown.choices.value.colouring is Colouring.STATUS  # it was not the key C


@pytest.mark.parametrize(
    ("modifiers", "size"),
    [
        (Qt.KeyboardModifier.ControlModifier, None),
        (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
            (2 * 320 + 10, 240 + 26),
        ),
    ],
)
def test_saving_as_seen_and_at_the_images_own_resolution(
    shown: ComparisonViewer,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    modifiers: Qt.KeyboardModifier,
    size: tuple[int, int] | None,
) -> None:
    asked: list[str] = []

    def answer(parent: object, title: str, name: str, formats: str) -> tuple[str, str]:
        asked.append(Path(name).name)
        return str(tmp_path / "saved"), formats

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    with qtbot.waitSignal(shown.export.reported):
        QTest.keyClick(shown, Key.Key_S, modifiers)
    saved = QImage(str(tmp_path / "saved.png"))
    assert asked == ["image parent optimized.png"]
    assert (saved.width(), saved.height()) == (size or shown.panes.size().toTuple())
    assert count(saved, BoxStatus.MISSED) > 50 and count(saved, BoxStatus.EXTRA) > 50
    if size is not None:
        assert saved.pixelColor(300, 26 + 60) == saved.pixelColor(330 + 300, 26 + 60) == RED


def test_a_image_that_cannot_be_saved_is_told(
    shown: ComparisonViewer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *arguments: ("/no/such/folder/a.png", "")
    )
    with qtbot.waitSignal(shown.export.reported):
        QTest.keyClick(shown, Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "could not be saved: No such file" in shown.toast.text()


def test_f11_gives_the_viewer_the_screen_and_esc_takes_it_back(
    shown: ComparisonViewer, qtbot: QtBot
) -> None:
    asked: list[str] = []
    shown.next_requested.connect(lambda: asked.append("next"))
    shown.back_requested.connect(lambda: asked.append("back"))
    QTest.keyClick(shown.body, Key.Key_F11)
    screen = shown.body.window()
    assert screen is not shown.window() and screen.isFullScreen()
    assert shown.navigation.full.isChecked()
    qtbot.waitUntil(shown.body.hasFocus)
    QTest.keyClick(shown.body, Key.Key_D)
    QTest.keyClick(shown.body, Key.Key_Escape)
    assert shown.body.window() is shown.window()
    assert asked == ["next"], "Esc leaves the full screen first"
    assert not shown.navigation.full.isChecked()
    qtbot.waitUntil(shown.body.hasFocus)
    QTest.keyClick(shown.body, Key.Key_F11)
    qtbot.waitUntil(shown.body.hasFocus)
    shown.body.window().close()  # as the window manager's own key does
    assert shown.body.window() is shown.window()
    qtbot.waitUntil(shown.body.hasFocus)
    QTest.keyClick(shown.body, Key.Key_Escape)
    assert asked == ["next", "back"]


def test_the_viewer_has_its_keys_when_the_overview_closes(
    shown: ComparisonViewer, qtbot: QtBot
) -> None:
    shown.show_thumbnails(Thumbnails.of_folder(Path("/"), ("a.png", "b.png")))
    shown.activateWindow()
    QTest.keyClick(shown.body, Key.Key_O)
    assert shown.overview.isVisible()
    shown.overview.setCurrentIndex(shown.overview.model().index(0, 1))
    QTest.keyClick(shown.overview, Key.Key_Escape)
    assert not shown.overview.isVisible()
    qtbot.waitUntil(shown.body.hasFocus)


def test_every_key_has_one_meaning_and_is_documented() -> None:
    sequences = [sequence for key in KEYS for sequence in key.sequences] + list(CLASS_KEYS)
    assert len(set(sequences)) == len(sequences)
    assert {key.action for key in KEYS} == set(Action)
    documented = (Path(__file__).parents[3] / "resources" / "help" / "viewer.md").read_text("utf-8")
    keys = " ".join(line.split("|")[1] for line in documented.splitlines() if line.count("|") == 3)
    for key in KEYS:
        for shown in key.shown.split("  "):
            assert shown in keys, key.action
