"""Pictures for the window: decoded in a thread of their own, kept for a while, read ahead."""

from __future__ import annotations

import atexit
import logging
import stat
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QFile, QIODevice, QObject, QThread, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter

from app.text import displayable

Pixels = NDArray[np.uint32]

_log = logging.getLogger(__name__)

MAX_PIXELS = 200_000_000  # as core.images: what the models were given can be shown
MAX_FILE_BYTES = 512 * 1024 * 1024
DEFAULT_CACHE_BYTES = 512 * 1024 * 1024
_SMALLEST_LEVEL = 512  # longest side, in pixels, from which no smaller copy is made
_BAND_PIXELS = 250_000  # at once: fits the processor's cache, and holds the window up for 3 ms
_PAUSE_S = 0.0005  # in which the window's thread gets its turn
_NO_LOWEST_BITS = np.uint32(0xFEFEFEFE)
_FORMATS = frozenset({"bmp", "jfif", "jpeg", "jpg", "png", "tif", "tiff", "webp"})


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """A picture, or the sentence that says why there is none.

    Attributes:
        levels: RGB32; the picture turned as EXIF says, then copies of half the size each.
        error: empty, or one sentence or two for the user; then `levels` is empty.
    """

    path: Path
    levels: tuple[QImage, ...] = ()
    error: str = ""

    @property
    def size_bytes(self) -> int:
        """Memory that the pixels take."""
        return sum(level.sizeInBytes() for level in self.levels)


class ImageLoader(QObject):
    """Gives pictures without ever blocking the window.

    `loaded` carries each `LoadedImage` that `fetch` did not have at once. Only the latest
    request counts: older ones that have not begun are dropped. Pictures read ahead come after it.
    """

    loaded = Signal(object)

    def __init__(
        self, parent: QObject | None = None, cache_bytes: int = DEFAULT_CACHE_BYTES
    ) -> None:
        super().__init__(parent)
        self._cache = _Cache(cache_bytes)
        self._thread: _DecodingThread | None = None

    def fetch(self, path: Path) -> LoadedImage | None:
        """The picture if it is at hand; otherwise None, and `loaded` follows."""
        found = self._cache.get(path)
        if found is None:
            self._running().want(path)
        return found

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Read these when there is nothing more urgent; replaces the list given before."""
        missing = [path for path in paths if path not in self._cache]
        if missing or self._thread is not None:
            self._running().read_ahead(missing)

    def close(self) -> None:
        """Stop the thread and wait for it: a decoding that has begun is finished first.

        The next request starts it again.
        """
        if self._thread is not None:
            thread, self._thread = self._thread, None
            thread.decoded.disconnect(self._on_decoded)
            thread.stop()

    def _running(self) -> _DecodingThread:
        if self._thread is None:
            self._thread = _DecodingThread()
            self._thread.decoded.connect(self._on_decoded)
            self._thread.start()
        return self._thread

    def _on_decoded(self, image: LoadedImage) -> None:
        dropped = self._cache.put(image)
        self.loaded.emit(image)
        if self._thread is not None:
            self._thread.free(dropped)


class _Cache:
    """The pictures used last, up to a number of bytes; one that is larger alone is kept alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._images: OrderedDict[Path, LoadedImage] = OrderedDict()

    def __contains__(self, path: Path) -> bool:
        return path in self._images

    def get(self, path: Path) -> LoadedImage | None:
        found = self._images.get(path)
        if found is not None:
            self._images.move_to_end(path)
        return found

    def put(self, image: LoadedImage) -> list[LoadedImage]:
        """Keep a picture; not a failure, so that a file that was put back is found.

        Gives those that are kept no longer.
        """
        dropped: list[LoadedImage] = []
        if image.error:
            return dropped
        old = self._images.pop(image.path, None)
        self._size += image.size_bytes - (old.size_bytes if old else 0)
        self._images[image.path] = image
        while self._size > self._limit and len(self._images) > 1:
            dropped.append(self._images.popitem(last=False)[1])
            self._size -= dropped[-1].size_bytes
        return dropped


class _DecodingThread(QThread):
    decoded = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("image-loader")
        self._condition = threading.Condition()
        self._wanted: Path | None = None
        self._current: Path | None = None
        self._ahead: list[Path] = []
        self._unneeded: list[LoadedImage] = []
        self._stopping = False
        # A QThread that still runs when the interpreter ends aborts the process.
        self._at_exit = _stopper(weakref.ref(self))
        atexit.register(self._at_exit)

    def want(self, path: Path) -> None:
        with self._condition:
            self._wanted = None if path == self._current else path
            self._condition.notify()

    def read_ahead(self, paths: Sequence[Path]) -> None:
        with self._condition:
            self._ahead = list(paths)
            self._condition.notify()

    def free(self, images: list[LoadedImage]) -> None:
        """Let go of pictures here: giving back 250 MB takes longer than two frames.

        The list is emptied, so that the caller holds none of them.
        """
        with self._condition:
            self._unneeded.extend(images)
            images.clear()
            self._condition.notify()

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self.wait()
        atexit.unregister(self._at_exit)

    def run(self) -> None:
        while (path := self._next()) is not None:
            image = _decode_or_explain(path, lambda: self._stopping)
            with self._condition:
                self._current = None  # before it is told: who asks then is not to be put off
            if not self._stopping:
                self.decoded.emit(image)
            del image  # or the next one would be decoded beside it

    def _next(self) -> Path | None:
        while True:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._stopping or self._wanted or self._ahead or self._unneeded
                )
                if self._stopping:
                    return None
                unneeded, self._unneeded = self._unneeded, []
                path = self._wanted or (self._ahead.pop(0) if self._ahead else None)
                self._current, self._wanted = path, None
                if path in self._ahead:
                    self._ahead.remove(path)
            unneeded.clear()  # not under the lock, which the window may want
            if path is not None:
                return path


def _stopper(thread: weakref.ref[_DecodingThread]) -> Callable[[], None]:
    def stop() -> None:
        running = thread()
        if running is not None:
            running.stop()

    return stop


class _Refused(Exception):
    """A sentence for the user."""


class _Stopped(Exception):
    """Nobody waits for the picture any more."""


def load_image(path: Path) -> LoadedImage:
    """Decode the picture at `path`, here and now. Never raises: failures are sentences."""
    return _decode_or_explain(path, lambda: False)


def _decode_or_explain(path: Path, stopping: Callable[[], bool]) -> LoadedImage:
    try:
        return LoadedImage(path, _with_smaller(_decode(path, stopping), stopping))
    except _Stopped:
        return LoadedImage(path, error="Stopped.")
    except _Refused as refusal:
        return LoadedImage(path, error=f"{displayable(path.name)} {refusal}")
    except Exception:  # the thread's boundary: a broken picture must not end it
        _log.exception("decoding %r failed", path)
        return LoadedImage(path, error=f"{displayable(path.name)} could not be decoded.")


def _decode(path: Path, stopping: Callable[[], bool]) -> QImage:
    """The picture from a file that Python opens, since Qt cannot open names that are no UTF-8."""
    try:
        # Looked at before it is opened: a pipe or a device would never end.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _Refused("is not a regular file.")
        if status.st_size > MAX_FILE_BYTES:
            raise _Refused(f"is larger than {MAX_FILE_BYTES // 2**20} MiB.")
        with path.open("rb", buffering=0) as file:
            if _is_cut_short(file, status.st_size):
                raise _Refused("is cut short. Copy the file again.")
            file.seek(0)
            image = _read(file.fileno())
    except FileNotFoundError:
        raise _Refused(
            f"is no longer in {displayable(str(path.parent))}. Put the file back to see it."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _Refused(f"cannot be read: {reason}.") from error
    return _as_rgb32(image, stopping)


def _is_cut_short(file: FileIO, size: int) -> bool:
    """Whether it is a JPEG file without its end, of which Qt would show the beginning."""
    if file.read(2) != b"\xff\xd8":
        return False
    file.seek(max(0, size - 65536))
    return b"\xff\xd9" not in (file.read(65536) or b"")


def _read(descriptor: int) -> QImage:
    device = QFile()
    if not device.open(descriptor, QIODevice.OpenModeFlag.ReadOnly):
        raise _Refused("cannot be read.")
    QImageReader.setAllocationLimit(MAX_PIXELS * 4 // 2**20 + 1)
    reader = QImageReader(device)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()).decode("ascii", "replace") not in _FORMATS:
        raise _Refused("is not a picture that can be read.")
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MAX_PIXELS:
        raise _Refused(f"has more than {MAX_PIXELS // 10**6} megapixels.")
    image = reader.read()
    if image.isNull():
        raise _Refused("is damaged: it cannot be decoded. Copy the file again.")
    return image


def _as_rgb32(image: QImage, stopping: Callable[[], bool]) -> QImage:
    """The format that is painted fastest; transparency is dropped, as for the models."""
    if image.format() == QImage.Format.Format_RGB32:
        return image
    result = QImage(image.size(), QImage.Format.Format_RGB32)
    _check(result)
    painter = QPainter(result)
    try:
        for top, rows in _bands(image, stopping):
            band = image.copy(0, top, image.width(), rows)
            painter.drawImage(0, top, band.convertToFormat(QImage.Format.Format_RGB32))
            time.sleep(_PAUSE_S)
    finally:
        painter.end()
    return result


def _with_smaller(image: QImage, stopping: Callable[[], bool]) -> tuple[QImage, ...]:
    levels = [image]
    while max(levels[-1].width(), levels[-1].height()) > _SMALLEST_LEVEL:
        levels.append(_halved(levels[-1], stopping))
    return tuple(levels)


def _halved(image: QImage, stopping: Callable[[], bool]) -> QImage:
    """A copy of half the size, rounded up: the means of two by two pixels.

    By NumPy, which lets the window's thread run meanwhile: QImage.scaled does not.
    """
    width, height = image.width(), image.height()
    result = QImage((width + 1) // 2, (height + 1) // 2, QImage.Format.Format_RGB32)
    _check(result)
    # Rows of RGB32 have no padding.
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, width)
    halves = np.frombuffer(result.bits(), np.uint32).reshape(result.height(), result.width())
    for top, rows in _bands(image, stopping):
        band = pixels[top : top + rows]
        if rows % 2:
            band = np.vstack([band, band[-1:]])
        lines = _mean_down(band[0::2], band[1::2])
        target = halves[top // 2 : top // 2 + len(lines)]
        paired = width // 2
        target[:, :paired] = _mean_up(lines[:, 0 : 2 * paired : 2], lines[:, 1 : 2 * paired : 2])
        target[:, paired:] = lines[:, 2 * paired :]
    return result


def _mean_down(a: Pixels, b: Pixels) -> Pixels:
    """The means of four bytes in each number, rounded down."""
    result: Pixels = (a & b) + (((a ^ b) & _NO_LOWEST_BITS) >> 1)
    return result


def _mean_up(a: Pixels, b: Pixels) -> Pixels:
    """The means of four bytes in each number, rounded up, so that no level gets darker."""
    result: Pixels = (a | b) - (((a ^ b) & _NO_LOWEST_BITS) >> 1)
    return result


def _bands(image: QImage, stopping: Callable[[], bool]) -> Iterator[tuple[int, int]]:
    """First row and number of rows of bands that start at even rows."""
    rows = max(2, _BAND_PIXELS // max(1, image.width()) // 2 * 2)
    for top in range(0, image.height(), rows):
        if stopping():
            raise _Stopped
        yield top, min(rows, image.height() - top)


def _check(image: QImage) -> None:
    if image.isNull():
        raise _Refused("is too large for the memory of this computer.")
