"""The viewer on large images and long lists: frame times, gaps of the event loop, waiting.

Run: ``python -m tests.benchmarks.viewer_big_images [WIDTHxHEIGHT] [images]``, by default eight of
8000x6000. Prints, for two panes with 40 boxes each in a window of 1366x768:

- what a frame of panning and zooming takes, and the longest gap of the event loop meanwhile
  (target: no gap above 50 ms);
- for a user who looks at each image for 3 s, and for one who hurries (0.3 s), how many images
  were there when they were asked for, and how long the others took, beside what decoding one takes;
- the same for small photos, at 20 a second;
- scrolling through 100 000 thumbnails: the longest gap, and the memory that they took.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.kit.theme import apply_theme
from app.viewer.comparison_viewer import ComparisonViewer
from app.viewer.scene.scene import Overlay, ViewedImage
from app.viewer.strip.thumbnail_items import Thumbnails
from app.workers.decoding import load_image
from core.images.opencv import cv2
from tests.app.viewer.looking import wheel
from tests.benchmarks.gap_meter import GapMeter

BOXES = 40
AT_ONCE_MS = 5.0


def main() -> None:
    """Measure."""
    width, height = map(int, (sys.argv[1] if len(sys.argv) > 1 else "8000x6000").split("x"))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    application = QApplication([])
    apply_theme(application, "light")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        big = [_image(folder / f"big-{n}.jpg", width, height, n) for n in range(count)]
        small = [_image(folder / f"small-{n}.jpg", 640, 480, n) for n in range(60)]
        started = time.perf_counter()
        load_image(big[0])
        print(f"decoding one of {width}x{height}: {_since(started):.0f} ms")
        viewer = ComparisonViewer()
        viewer.resize(1366, 768)
        viewer.show()
        meter = GapMeter()
        _wait(3000)
        print(f"the idle window, for comparison: longest gap {max(meter.gaps):.1f} ms")
        _pan_and_zoom(viewer, _scene(big, 0, (width, height)), meter)
        _walk(viewer, big, (width, height), 3.0, meter)
        _walk(viewer, big, (width, height), 0.3, meter)
        _walk(viewer, small, (640, 480), 0.05, meter)
        _thumbnails(viewer, folder, [path.name for path in small], meter)
        viewer.close()


def _pan_and_zoom(viewer: ComparisonViewer, image: ViewedImage, meter: GapMeter) -> None:
    viewer.show_image(image)
    while viewer.feed.photo is None:
        _wait(20)
    _wait(300)
    meter.reset()
    pane, frames = viewer.parent_pane, []
    for step in range(240):
        if step % 60 < 30:
            _turn_wheel(viewer, 1 if step % 120 < 60 else -1, step)
        else:
            viewer.view_state.pan(pane.size_shown, 17 * (-1) ** (step // 60), 11)
        started = time.perf_counter()
        viewer.panes.repaint()
        frames.append(_since(started))
        _wait(5)
    frames.sort()
    print(
        f"pan and zoom: frame median {statistics.median(frames):.1f} ms, "
        f"p99 {frames[int(0.99 * len(frames))]:.1f} ms; longest gap {max(meter.gaps):.1f} ms"
    )


def _walk(
    viewer: ComparisonViewer,
    paths: list[Path],
    size: tuple[int, int],
    looking_s: float,
    meter: GapMeter,
) -> None:
    waits: list[float] = []
    whole: list[float] = []
    viewer.show_image(None)
    _wait(200)
    meter.reset()
    for place in range(len(paths)):
        started = time.perf_counter()
        viewer.show_image(_scene(paths, place, size))
        near = (place + 1, place - 1, place + 2)  # as the report's presenter does
        viewer.feed.prefetch([paths[p] for p in near if 0 <= p < len(paths)])
        while viewer.feed.photo is None:
            _wait(2)
        waits.append(_since(started))
        until = started + looking_s
        while time.perf_counter() < until:
            _wait(5)
            if viewer.feed.is_whole and len(whole) < len(waits):
                whole.append(_since(started))
        whole += [math.nan] * (len(waits) - len(whole))
    late = [wait for wait in waits[1:] if wait > AT_ONCE_MS + 2]
    slowest = f", the others were seen after at most {max(late):.0f} ms" if late else ""
    unseen = sum(math.isnan(one) for one in whole[1:])
    passed = f", {unseen} were passed by before they were whole" if unseen else ""
    print(
        f"walking, {size[0]}x{size[1]}, {looking_s:g} s each: {len(waits) - 1 - len(late)} of "
        f"{len(waits) - 1} were there at once{slowest}{passed}; "
        f"longest gap {max(meter.gaps):.1f} ms"
    )


def _thumbnails(viewer: ComparisonViewer, folder: Path, names: list[str], meter: GapMeter) -> None:
    many = [names[n % len(names)] for n in range(100_000)]
    before = psutil.Process().memory_info().rss
    meter.reset()
    started = time.perf_counter()
    viewer.show_thumbnails(Thumbnails.of_folder(folder, many))
    shown = _since(started)
    viewer.view_bar.overview.click()
    for step in range(60):
        bar = viewer.overview.verticalScrollBar()
        bar.setValue(bar.maximum() * step // 60)
        _wait(50)
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    print(
        f"100 000 thumbnails: shown in {shown:.0f} ms, longest gap {max(meter.gaps):.1f} ms, "
        f"{grown:.0f} MiB more"
    )


def _scene(paths: list[Path], place: int, size: tuple[int, int]) -> ViewedImage:
    random = np.random.default_rng(place)
    corners = random.uniform(0, 0.8, (BOXES, 2)) * size
    boxes = np.hstack([corners, corners + random.uniform(0.02, 0.2, (BOXES, 2)) * size])
    found = Overlay.of_one_model(boxes.tolist(), ["person"] * BOXES, [0.9] * BOXES, [0] * BOXES)
    return ViewedImage(
        paths[place].name,
        paths[place],
        place,
        len(paths),
        *size,
        found,
        found,
        number=place,
        class_names=("person",),
        class_order=(0,),
    )


def _image(path: Path, width: int, height: int, seed: int) -> Path:
    """A JPEG with as much detail as a photo has: about 2 bits a pixel."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (height // 40 + 1, width // 40 + 1, 3), dtype=np.uint8)
    pixels = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = random.integers(0, 24, (256, 256, 1), dtype=np.uint8)
    tiles = np.tile(grain, (height // 256 + 1, width // 256 + 1, 3))[:height, :width]
    data = cv2.imencode(".jpg", cv2.add(pixels, tiles), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    path.write_bytes(data.tobytes())
    return path


def _turn_wheel(viewer: ComparisonViewer, notches: int, step: int) -> None:
    pane = viewer.parent_pane
    wheel(pane, (pane.width() * (0.3 + 0.4 * (step % 7) / 7), pane.height() * 0.6), notches)


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
