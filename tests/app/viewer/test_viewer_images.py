"""Images that come late, are large, missing, turned, or of another size than was told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from app.workers.decoding import load_coarse
from core.images.marks import mark_of
from tests.app.viewer.looking import colour_at, count, fits, pixels, show, wheel
from tests.app.viewer.making import overlay, turn_by_exif, viewed, write_image_file


def test_a_late_image_does_not_replace_the_one_asked_for_since(
    viewer: ComparisonViewer, qtbot: QtBot, tmp_path: Path
) -> None:
    big = write_image_file(tmp_path / "big.png", 3000, 2000)
    small = write_image_file(tmp_path / "small.png")
    viewer.show_image(viewed(big, size=(3000, 2000)))
    viewer.show_image(viewed(small))
    with qtbot.waitSignal(
        viewer.feed.loader.loaded, check_params_cb=lambda loaded: loaded.path == small
    ):
        pass
    assert viewer.parent_pane.photo is not None and viewer.parent_pane.photo.path == small
    viewer.feed.prefetch([big])  # decoded already if it was begun before it was unwanted
    qtbot.waitUntil(lambda: viewer.feed.loader.get(big) is not None)
    assert viewer.parent_pane.photo.path == small
    viewer.show_image(viewed(big, size=(3000, 2000)))  # read ahead: there at once
    assert viewer.parent_pane.photo is not None and viewer.parent_pane.photo.path == big


def test_a_large_image_is_seen_coarsely_until_it_is_decoded(
    viewer: ComparisonViewer, qtbot: QtBot, tmp_path: Path
) -> None:
    large = write_image_file(tmp_path / "large.jpg", 4200, 3000)
    seen: list[tuple[int, bool]] = []

    def note() -> None:
        photo = viewer.feed.photo
        if photo is not None:
            seen.append((photo.levels[0].width(), viewer.feed.is_whole))

    viewer.feed.changed.connect(note)
    viewer.show_image(viewed(large, overlay([0, 0, 2100, 1500]), size=(4200, 3000)))
    qtbot.waitUntil(lambda: viewer.feed.is_whole, timeout=10_000)
    assert seen in ([(1024, False), (4200, True)], [(4200, True)])
    viewer.feed.coarse.loaded.emit(load_coarse(large))  # it comes too late
    assert viewer.feed.is_whole and viewer.parent_pane.warning == ""


def test_a_missing_or_broken_image_is_a_sentence(
    viewer: ComparisonViewer, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer.show_image(viewed(tmp_path / "gone.jpg", overlay([0, 0, 50, 50])))
    qtbot.waitUntil(lambda: "no longer in" in viewer.parent_pane.message)
    assert viewer.optimized_pane.message == viewer.parent_pane.message
    drawn = pixels(viewer.parent_pane)
    assert count(drawn, drawn.pixelColor(2, 2)) < drawn.width() * drawn.height()
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken \xff\xd9")
    viewer.show_image(viewed(tmp_path / "broken.jpg"))
    qtbot.waitUntil(lambda: "broken.jpg" in viewer.parent_pane.message)
    assert not viewer.navigation.zoom_in.isEnabled()
    wheel(viewer.parent_pane, (100, 100), 3)  # nothing to zoom
    assert fits(viewer)
    show(viewer, qtbot, viewed(write_image_file(tmp_path / "good.png")))
    assert viewer.parent_pane.message == "" and viewer.navigation.zoom_in.isEnabled()


def test_a_image_turned_by_exif_is_drawn_turned(
    viewer: ComparisonViewer, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_image_file(tmp_path / "upright.jpg", 320, 240)
    turn_by_exif(path, 6)
    show(viewer, qtbot, viewed(path, size=(240, 320)))
    assert viewer.parent_pane.warning == ""
    for pane in (viewer.parent_pane, viewer.optimized_pane):
        top_left, top_right = colour_at(pane, 60, 80), colour_at(pane, 180, 80)
        assert top_left.red() > 180 and top_right.green() > 150
        left, top = pane.view.to_screen((0, 0), pane.size_shown)
        right, bottom = pane.view.to_screen((240, 320), pane.size_shown)
        assert (right - left) / (bottom - top) == pytest.approx(240 / 320)


def test_a_image_of_another_size_is_shown_with_a_warning(
    viewer: ComparisonViewer, qtbot: QtBot, image_path: Path
) -> None:
    show(viewer, qtbot, viewed(image_path, size=(640, 480)))
    assert "320 × 240" in viewer.parent_pane.warning and "640 × 480" in viewer.parent_pane.warning


def test_an_image_that_was_replaced_is_shown_and_saved_with_a_warning(
    viewer: ComparisonViewer, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image_file(tmp_path / "000012.png")
    mark = mark_of(path.read_bytes())
    show(viewer, qtbot, viewed(path, mark=mark))
    assert viewer.parent_pane.warning == ""
    other = write_image_file(tmp_path / "others" / "000012.png")
    turned = QImage(str(other)).flipped()
    assert turned.save(str(other))
    show(viewer, qtbot, viewed(other, mark=mark))
    said = "000012.png was changed after the report was made: boxes may not fit. Make a new report."
    assert viewer.parent_pane.warning == viewer.optimized_pane.warning == said
    target = tmp_path / "saved.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: (str(target), ""))
    with qtbot.waitSignal(viewer.export.reported) as reported:
        viewer.export.save(viewed(other, mark=mark), viewer.feed, whole=True)
    assert reported.args == [f"Saved as {target}. {said}"]
