"""Decoding images off the window's thread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThread
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.workers.decoding import LoadedImage, load_coarse, load_image, load_thumbnail
from app.workers.image_loader import ImageLoader
from tests.app.viewer.making import GREEN, RED, turn_by_exif, write_image_file
from tests.support.leaks import running_threads


@pytest.fixture
def loader(qtbot: QtBot) -> Iterator[ImageLoader]:
    loader = ImageLoader()
    yield loader
    loader.close()


def near(image: QImage, x: int, y: int, colour: QColor) -> bool:
    found = image.pixelColor(x, y)
    differences = (
        found.red() - colour.red(),
        found.green() - colour.green(),
        found.blue() - colour.blue(),
    )
    return max(map(abs, differences)) < 30


def test_levels_halve_the_image(tmp_path: Path) -> None:
    loaded = load_image(write_image_file(tmp_path / "a.png", 2001, 1501))
    assert [(i.width(), i.height()) for i in loaded.levels] == [
        (2001, 1501),
        (1001, 751),
        (501, 376),
    ]
    for level in loaded.levels:
        width, height = level.width(), level.height()
        assert near(level, width // 4, height // 4, GREEN)
        assert near(level, width // 4, height * 3 // 4, RED)
        assert near(level, width - 1, height - 1, RED)  # the last odd row and column too


def test_exif_turns_the_image(tmp_path: Path) -> None:
    path = write_image_file(tmp_path / "a.jpg", 320, 240)
    turn_by_exif(path, 6)  # the camera was held upright: turn by 90 degrees clockwise
    (image,) = load_image(path).levels
    assert (image.width(), image.height()) == (240, 320)
    assert near(image, 180, 80, GREEN) and near(image, 60, 80, RED)


def test_transparent_pixels_are_shown_as_the_models_saw_them(tmp_path: Path) -> None:
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0x00DC1414)
    assert image.save(str(tmp_path / "a.png"))
    (shown,) = load_image(tmp_path / "a.png").levels
    assert near(shown, 4, 4, QColor("white"))


def test_a_thumbnail_is_small_and_turned_as_well(tmp_path: Path) -> None:
    path = write_image_file(tmp_path / "a.jpg", 1600, 1200)
    turn_by_exif(path, 6)
    (image,) = load_thumbnail(path, 160).levels
    assert (image.width(), image.height()) == (120, 160)
    assert near(image, 90, 40, GREEN) and near(image, 30, 40, RED)
    (small,) = load_thumbnail(write_image_file(tmp_path / "b.png", 60, 40), 160).levels
    assert (small.width(), small.height()) == (60, 40)  # never larger than the image


def sentence(path: Path) -> str:
    loaded = load_image(path)
    assert loaded.levels == ()
    return loaded.error


def test_failures_are_sentences(tmp_path: Path) -> None:
    assert "no longer in" in sentence(tmp_path / "gone.jpg")
    (tmp_path / "text.jpg").write_text("not an image")
    assert sentence(tmp_path / "text.jpg") == "text.jpg is not an image that can be read."
    (tmp_path / "folder.jpg").mkdir()
    assert sentence(tmp_path / "folder.jpg") == "folder.jpg is not a regular file."
    cut = write_image_file(tmp_path / "cut.jpg")
    cut.write_bytes(cut.read_bytes()[:-800])
    assert "cut short" in sentence(cut)
    damaged = write_image_file(tmp_path / "damaged.png")
    damaged.write_bytes(damaged.read_bytes()[:60])
    assert "damaged" in sentence(damaged)
    (tmp_path / "drawing.jpg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert "a SVG file, which is not supported" in sentence(tmp_path / "drawing.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in sentence(tmp_path / "pipe.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(write_image_file(tmp_path / "a.png").read_bytes())
    assert len(load_image(path).levels) == 1
    path.unlink()
    assert load_image(path).error.startswith("caf\ufffd.png is no longer")


def test_decoded_in_another_thread_and_kept(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_image_file(tmp_path / "a.png")
    threads = []

    def noting(path: Path, stopping: Callable[[], bool]) -> LoadedImage:
        threads.append(QThread.currentThread())
        return load_image(path, stopping)

    loader = ImageLoader(decode=noting)
    with qtbot.waitSignal(loader.loaded) as arrived:
        assert loader.fetch(path) is None
    assert arrived.args is not None and arrived.args[0].path == path
    assert threads and threads[0] is not QThread.currentThread()
    assert loader.fetch(path) is loader.get(path) is arrived.args[0]
    assert len(threads) == 1
    loader.close()


def test_only_of_large_images_there_is_a_coarse_copy(tmp_path: Path) -> None:
    large = load_coarse(write_image_file(tmp_path / "large.jpg", 4200, 3000)).levels[0]
    assert (large.width(), large.height()) == (1024, 731)
    assert near(large, 100, 100, GREEN) and near(large, 900, 600, RED)
    for other in (write_image_file(tmp_path / "small.jpg"), tmp_path / "gone.jpg"):
        assert load_coarse(other).levels == () and load_coarse(other).error == ""


def test_failures_are_tried_again(loader: ImageLoader, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with qtbot.waitSignal(loader.loaded) as failed:
        loader.fetch(path)
    assert failed.args is not None and failed.args[0].error
    write_image_file(path)
    with qtbot.waitSignal(loader.loaded) as arrived:
        assert loader.fetch(path) is None
    assert arrived.args is not None and not arrived.args[0].error


class Gate:
    """Stands in for decoding: each waits until it is let through, and is noted."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)

    def decode(self, path: Path, stopping: Callable[[], bool]) -> LoadedImage:
        self.begun.append(path.name)
        self.entered.release()
        assert self.open.acquire(timeout=10)
        return LoadedImage(path, (np.zeros((8, 10, 3), np.uint8),))  # 240 bytes


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(qtbot: QtBot, gate: Gate) -> Iterator[ImageLoader]:
    """A loader with room for two images, which only decodes what the gate lets through."""
    loader = ImageLoader(cache_bytes=600, decode=gate.decode)
    yield loader
    for _ in range(9):
        gate.open.release()
    loader.close()


def test_stale_requests_are_dropped_and_reading_ahead_comes_last(
    gated: ImageLoader, gate: Gate, qtbot: QtBot
) -> None:
    arrived: list[str] = []
    gated.loaded.connect(lambda image: arrived.append(image.path.name))
    gated.fetch(Path("first"))
    assert gate.entered.acquire(timeout=10)
    for name in ("second", "third", "fourth"):
        gated.fetch(Path(name))
    gated.prefetch([Path("fifth"), Path("fourth"), Path("sixth")])
    for _ in range(4):
        gate.open.release()
    qtbot.waitUntil(lambda: len(arrived) == 4)
    assert arrived == gate.begun == ["first", "fourth", "fifth", "sixth"]


def test_what_is_being_read_ahead_is_not_decoded_twice(
    gated: ImageLoader, gate: Gate, qtbot: QtBot
) -> None:
    gated.prefetch([Path("a")])
    assert gate.entered.acquire(timeout=10)
    assert gated.fetch(Path("a")) is None
    gate.open.release()
    with qtbot.waitSignal(gated.loaded):
        pass
    gate.open.release()
    with qtbot.waitSignal(gated.loaded) as last:
        gated.fetch(Path("b"))
    assert last.args is not None and last.args[0].path == Path("b")
    assert gate.begun == ["a", "b"]


def test_the_cache_is_bounded_in_bytes(gated: ImageLoader, gate: Gate, qtbot: QtBot) -> None:
    for name in "abc":
        gate.open.release()
        with qtbot.waitSignal(gated.loaded):
            gated.fetch(Path(name))
    assert gated.get(Path("c")) is not None and gated.get(Path("b")) is not None
    assert gated.get(Path("a")) is None  # was used least lately


def test_reading_ahead_neither_drops_what_is_shown_nor_what_comes_first(
    gated: ImageLoader, gate: Gate, qtbot: QtBot
) -> None:
    for _ in range(9):
        gate.open.release()
    with qtbot.waitSignal(gated.loaded):
        gated.fetch(Path("shown"))
    with qtbot.waitSignal(gated.loaded):
        gated.prefetch([Path("next"), Path("previous"), Path("after next")])
    with qtbot.waitSignal(gated.loaded):
        gated.fetch(Path("far away"))
    assert gate.begun == ["shown", "next", "far away"]  # no room for more beside what is shown
    assert gated.get(Path("next")) is not None and gated.get(Path("shown")) is None


def test_close_joins_and_a_request_starts_anew(
    loader: ImageLoader, qtbot: QtBot, tmp_path: Path
) -> None:
    before = running_threads("image-loader")
    path = write_image_file(tmp_path / "a.png")
    with qtbot.waitSignal(loader.loaded):
        loader.fetch(path)
    (thread,) = running_threads("image-loader", but=before)
    loader.close()
    assert not thread.isRunning()
    loader.close()
    with qtbot.waitSignal(loader.loaded):
        loader.fetch(write_image_file(tmp_path / "b.png"))


@pytest.mark.parametrize(
    "ending",
    [
        "pass",
        "app.quit()",
        "viewer.close()",
        "viewer.deleteLater(); app.processEvents(); del viewer",
        "import shiboken6; shiboken6.delete(viewer)",
    ],
)
def test_the_process_ends_well_whatever_was_forgotten(ending: str, tmp_path: Path) -> None:
    photo = write_image_file(tmp_path / "a.png")
    script = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.viewer.comparison_viewer import ComparisonViewer
app = QApplication([])
viewer = ComparisonViewer()
viewer.show()
viewer.feed.prefetch([Path({str(photo)!r})])
assert viewer.feed.loader._thread.isRunning()
assert "cv2" not in sys.modules
{ending}
print("done")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
    assert "QThread" not in ended.stderr
