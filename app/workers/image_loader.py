"""Images for the window: decoded in a thread of their own, kept for a while, read ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.workers.decoding import LoadedImage, load_image
from app.workers.waiting_thread import WaitingThread

DEFAULT_CACHE_BYTES = 512 * 1024 * 1024

Decode = Callable[[Path, Callable[[], bool]], LoadedImage]


class ImageLoader(QObject):
    """Gives images without ever blocking the window.

    `loaded` carries each `LoadedImage` that was not at hand at once. Only the latest requests
    count: older ones that have not begun are dropped. Images read ahead come after `fetch`'s.
    """

    loaded = Sends[LoadedImage]()

    def __init__(
        self,
        parent: QObject | None = None,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        decode: Decode = load_image,
    ) -> None:
        super().__init__(parent)
        self._cache = _Cache(cache_bytes)
        self._decode = decode
        self._thread: _DecodingThread | None = None
        self._shown: Path | None = None
        self._ahead: list[Path] = []

    def get(self, path: Path) -> LoadedImage | None:
        """The image if it is at hand; nothing is requested."""
        return self._cache.get(path)

    def fetch(self, path: Path) -> LoadedImage | None:
        """The image if it is at hand; otherwise None, and `loaded` follows."""
        self._shown = path
        found = self._cache.get(path)
        if found is None:
            self._running().want(path)
        return found

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Read these when there is nothing more urgent; replaces the list given before.

        As many as there is room for beside the image fetched last, the first ones first.
        """
        self._ahead = list(paths[: self._cache.room])
        missing = [path for path in self._ahead if path not in self._cache]
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
            self._thread = _DecodingThread(self._decode)
            self._thread.decoded.connect(self._on_decoded)
            self._thread.start()
        return self._thread

    def _on_decoded(self, image: LoadedImage) -> None:
        dropped = self._cache.put(image, {self._shown, *self._ahead})
        self.loaded.emit(image)
        if self._thread is not None:
            self._thread.free(dropped)


class _Cache:
    """The images used last, up to a number of bytes; one that is larger alone is kept alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._images: OrderedDict[Path, LoadedImage] = OrderedDict()
        self._largest = 1  # bytes of an image, of those seen lately

    def __contains__(self, path: Path) -> bool:
        return path in self._images

    @property
    def room(self) -> int:
        """How many images fit beside the one that is shown, if they are like the last ones."""
        return max(1, self._limit // self._largest - 1)

    def get(self, path: Path) -> LoadedImage | None:
        found = self._images.get(path)
        if found is not None:
            self._images.move_to_end(path)
        return found

    def put(self, image: LoadedImage, needed: set[Path | None]) -> list[LoadedImage]:
        """Keep an image; no failure, so that a file that was put back is found.

        Gives those that are kept no longer, those that are not `needed` first.
        """
        dropped: list[LoadedImage] = []
        if not image.pixels:
            return dropped
        old = self._images.pop(image.path, None)
        self._size += image.size_bytes - (old.size_bytes if old else 0)
        self._images[image.path] = image
        self._largest = max(image.size_bytes, self._largest // 2)
        while self._size > self._limit and len(self._images) > 1:
            unneeded = (path for path in self._images if path not in needed)
            dropped.append(self._images.pop(next(unneeded, next(iter(self._images)))))
            self._size -= dropped[-1].size_bytes
        return dropped


class _DecodingThread(WaitingThread):
    decoded = Sends[LoadedImage]()

    def __init__(self, decode: Decode) -> None:
        super().__init__("image-loader")
        self._decode = decode
        self._wanted: Path | None = None
        self._current: Path | None = None
        self._ahead: list[Path] = []
        self._unneeded: list[LoadedImage] = []

    def want(self, path: Path) -> None:
        with self.changing():
            self._wanted = None if path == self._current else path

    def read_ahead(self, paths: Sequence[Path]) -> None:
        with self.changing():
            self._ahead = [path for path in paths if path != self._current]

    def free(self, images: list[LoadedImage]) -> None:
        """Let go of images here: giving back 250 MB takes longer than two frames.

        The list is emptied, so that the caller holds none of them.
        """
        with self.changing():
            self._unneeded.extend(images)
            images.clear()

    def run(self) -> None:
        while (path := self._next()) is not None:
            image = self._decode(path, lambda: self.stopping)
            with self.changing():
                self._current = None  # before it is told: who asks then is not to be put off
            if not self.stopping:
                self.decoded.emit(image)
            del image  # or the next one would be decoded beside it

    def _next(self) -> Path | None:
        while True:
            with self.waited_for(lambda: self._wanted or self._ahead or self._unneeded) as wanted:
                if not wanted:
                    return None
                unneeded, self._unneeded = self._unneeded, []
                path = self._wanted or (self._ahead.pop(0) if self._ahead else None)
                self._current, self._wanted = path, None
                if path in self._ahead:
                    self._ahead.remove(path)
            unneeded.clear()  # not under the lock, which the window may want
            if path is not None:
                return path
