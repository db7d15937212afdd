"""Decoding pictures off the window's thread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.workers import image_loader
from app.workers.image_loader import ImageLoader, LoadedImage, load_image
from tests.app.viewer.making import GREEN, RED, turn_by_exif, write_picture


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


def test_levels_halve_the_picture(tmp_path: Path) -> None:
    loaded = load_image(write_picture(tmp_path / "a.png", 2001, 1501))
    assert [(i.width(), i.height()) for i in loaded.levels] == [
        (2001, 1501),
        (1001, 751),
        (501, 376),
    ]
    for level in loaded.levels:
        width, height = level.width(), level.height()
        assert level.format() == QImage.Format.Format_RGB32
        assert near(level, width // 4, height // 4, GREEN)
        assert near(level, width // 4, height * 3 // 4, RED)
        assert near(level, width - 1, height - 1, RED)  # the last odd row and column too


def test_exif_turns_the_picture(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.jpg", 320, 240)
    turn_by_exif(path, 6)  # the camera was held upright: turn by 90 degrees clockwise
    (image,) = load_image(path).levels
    assert (image.width(), image.height()) == (240, 320)
    assert near(image, 180, 80, GREEN) and near(image, 60, 80, RED)


@pytest.mark.parametrize("kind", ["Format_Grayscale8", "Format_ARGB32", "Format_RGBX64"])
def test_other_pixel_formats(tmp_path: Path, kind: str) -> None:
    path = write_picture(tmp_path / "a.png")
    converted = QImage(str(path)).convertToFormat(QImage.Format[kind])
    assert converted.save(str(path))
    (image,) = load_image(path).levels
    assert image.format() == QImage.Format.Format_RGB32
    assert image.pixelColor(10, 10) != image.pixelColor(10, 200)


def test_transparent_pixels_show_the_colour_that_the_models_saw(tmp_path: Path) -> None:
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0x00DC1414)
    assert image.save(str(tmp_path / "a.png"))
    (shown,) = load_image(tmp_path / "a.png").levels
    assert near(shown, 4, 4, RED)


def sentence(path: Path) -> str:
    loaded = load_image(path)
    assert loaded.levels == ()
    return loaded.error


def test_failures_are_sentences(tmp_path: Path) -> None:
    assert "no longer in" in sentence(tmp_path / "gone.jpg")
    (tmp_path / "text.jpg").write_text("not a picture")
    assert sentence(tmp_path / "text.jpg") == "text.jpg is not a picture that can be read."
    (tmp_path / "folder.jpg").mkdir()
    assert sentence(tmp_path / "folder.jpg") == "folder.jpg is not a regular file."
    cut = write_picture(tmp_path / "cut.jpg")
    cut.write_bytes(cut.read_bytes()[:-800])
    assert "cut short" in sentence(cut)
    damaged = write_picture(tmp_path / "damaged.png")
    damaged.write_bytes(damaged.read_bytes()[:60])
    assert "damaged" in sentence(damaged)
    (tmp_path / "drawing.jpg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert "not a picture" in sentence(tmp_path / "drawing.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in sentence(tmp_path / "pipe.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(write_picture(tmp_path / "a.png").read_bytes())
    assert len(load_image(path).levels) == 1
    path.unlink()
    assert load_image(path).error.startswith("caf\ufffd.png is no longer")


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_loader, "MAX_PIXELS", 320 * 240 - 1)
    assert "megapixels" in sentence(write_picture(tmp_path / "a.png"))


def test_decoded_in_another_thread_and_kept(
    loader: ImageLoader, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_picture(tmp_path / "a.png")
    threads = []
    decode = image_loader._decode_or_explain

    def noting(*arguments: object) -> LoadedImage:
        threads.append(QThread.currentThread())
        return decode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(image_loader, "_decode_or_explain", noting)
    with qtbot.waitSignal(loader.loaded) as arrived:
        assert loader.fetch(path) is None
    assert arrived.args is not None and arrived.args[0].path == path
    assert threads and threads[0] is not QThread.currentThread()
    assert loader.fetch(path) is arrived.args[0]
    assert len(threads) == 1


def test_failures_are_tried_again(loader: ImageLoader, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with qtbot.waitSignal(loader.loaded) as failed:
        loader.fetch(path)
    assert failed.args is not None and failed.args[0].error
    write_picture(path)
    with qtbot.waitSignal(loader.loaded) as arrived:
        assert loader.fetch(path) is None
    assert arrived.args is not None and not arrived.args[0].error


class Gate:
    """Stands in for decoding: each waits until it is let through, and is noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[str] = []
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)
        monkeypatch.setattr(image_loader, "_decode_or_explain", self._decode)

    def _decode(self, path: Path, stopping: object) -> LoadedImage:
        self.begun.append(path.name)
        self.entered.release()
        assert self.open.acquire(timeout=10)
        image = QImage(8, 8, QImage.Format.Format_RGB32)  # 256 bytes
        return LoadedImage(path, (image,))


def test_stale_requests_are_dropped_and_reading_ahead_comes_last(
    loader: ImageLoader, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    arrived: list[str] = []
    loader.loaded.connect(lambda image: arrived.append(image.path.name))
    loader.fetch(Path("first"))
    assert gate.entered.acquire(timeout=10)
    for name in ("second", "third", "fourth"):
        loader.fetch(Path(name))
    loader.prefetch([Path("fifth"), Path("fourth"), Path("sixth")])
    for _ in range(4):
        gate.open.release()
    qtbot.waitUntil(lambda: len(arrived) == 4)
    assert arrived == gate.begun == ["first", "fourth", "fifth", "sixth"]


def test_what_is_being_read_ahead_is_not_decoded_twice(
    loader: ImageLoader, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    loader.prefetch([Path("a")])
    assert gate.entered.acquire(timeout=10)
    assert loader.fetch(Path("a")) is None
    gate.open.release()
    with qtbot.waitSignal(loader.loaded):
        pass
    gate.open.release()
    with qtbot.waitSignal(loader.loaded) as last:
        loader.fetch(Path("b"))
    assert last.args is not None and last.args[0].path == Path("b")
    assert gate.begun == ["a", "b"]


def test_the_cache_is_bounded_in_bytes(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    loader = ImageLoader(cache_bytes=600)  # two of 256 bytes
    for name in "abc":
        gate.open.release()
        with qtbot.waitSignal(loader.loaded):
            loader.fetch(Path(name))
    assert loader.fetch(Path("b")) is not None and loader.fetch(Path("c")) is not None
    gate.open.release()
    with qtbot.waitSignal(loader.loaded):
        assert loader.fetch(Path("a")) is None  # was used least lately
    assert loader.fetch(Path("c")) is not None
    loader.close()
    assert gate.begun == ["a", "b", "c", "a"]


def test_close_joins_and_a_request_starts_anew(
    loader: ImageLoader, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_picture(tmp_path / "a.png")
    with qtbot.waitSignal(loader.loaded):
        loader.fetch(path)
    thread = loader._thread
    assert thread is not None and thread.isRunning()
    loader.close()
    assert not thread.isRunning()
    loader.close()
    with qtbot.waitSignal(loader.loaded):
        loader.fetch(write_picture(tmp_path / "b.png"))


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
    picture = write_picture(tmp_path / "a.png")
    script = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.viewer.comparison_viewer import ComparisonViewer
app = QApplication([])
viewer = ComparisonViewer()
viewer.show()
viewer.prefetch([Path({str(picture)!r})])
assert viewer._loader._thread.isRunning()
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
