"""The thread that shows what an augmentation does to an image."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.workers.decoding import LoadedImage
from app.workers.waiting_thread import WaitingThread
from core.errors import InputError
from core.images.augment import Augmentation, Image

log = logging.getLogger(__name__)

_LONGEST = 480  # pixels of the image that augmented images are shown of

Shown = tuple[tuple[str, LoadedImage], ...]
_Wish = tuple[tuple[Path, ...], Augmentation]


class AugmentWorker(WaitingThread):
    """Augments the first readable image; of several wishes only the newest counts."""

    made = Sends[Shown]()  # or one of "" and a sentence

    def __init__(self, parent: QObject) -> None:
        super().__init__("augmenting", parent)
        self._wish: _Wish | None = None
        self._image: tuple[tuple[Path, ...], Path, Image] | None = None

    def want(self, sources: Sequence[Path], augmentation: Augmentation) -> None:
        """Show the image and what is made of it; `made` follows."""
        with self.changing():
            self._wish = (tuple(sources), augmentation)

    def run(self) -> None:
        """In the thread: blocks until `stop`."""
        while (wish := self._newest()) is not None:
            try:
                self.made.emit(self._make(*wish))
            except InputError as error:
                self.made.emit((("", LoadedImage(Path(), error=error.what)),))
            except Exception as error:  # the thread's boundary
                log.exception("augmenting an image failed")
                sentence = f"The image cannot be shown: {error}."
                self.made.emit((("", LoadedImage(Path(), error=sentence)),))

    def _newest(self) -> _Wish | None:
        with self.waited_for(lambda: self._wish) as wanted:
            wish, self._wish = self._wish, None
            return wish if wanted else None

    def _make(self, sources: tuple[Path, ...], augmentation: Augmentation) -> Shown:
        from core.images.augment import augmented_images

        if self._image is None or self._image[0] != sources:
            self._image = (sources, *_first_image(sources))
        _, path, image = self._image
        shown = [("as it is", LoadedImage(path, (image,)))]
        shown += [
            (name.replace("-", " "), LoadedImage(path, (augmented,)))
            for name, augmented in augmented_images(image, augmentation, 0)
        ]
        return tuple(shown)


def _first_image(sources: tuple[Path, ...]) -> tuple[Path, Image]:
    """The first image that can be read, small; raises InputError where there is none."""
    from core.dataset_making.creating import images_of
    from core.images.decode import read_reduced

    refused: InputError | None = None
    for source in sources:
        for path, _ in images_of(source):
            try:
                return Path(path), read_reduced(Path(path), _LONGEST)
            except InputError as error:
                refused = refused or error
    raise refused or InputError("There are no images among these.", "Add others.")
