"""One stream of images through several parts, for as long as a next part is there.

Between two parts nothing idles: the first images of the next are inferred while the last of the one
before are. Every image is looked at before it is decoded: nothing but the very bytes that were
asked for is used.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from core.images.decode import ImageError, read_file
from core.inference.image_by_image import FoundInImage, Prepared, found_in_images
from core.inference.loading import LoadedImage, load_ahead, prepared_image
from core.models.detector import Detector
from core.predict.machine_conversation import DetectPart
from core.predict.parts import hash_of_failure
from core.predict.turns import Turns


@dataclass(eq=False)
class Streamed:
    """A part in the stream: what was `found` in its images, called by their places in it.

    It `differs` once one of them is another image than was asked for; the rest is left out then.
    """

    asked: DetectPart
    found: list[FoundInImage] = field(default_factory=list)
    differs: bool = False

    def load(self, place: int, detector: Detector) -> LoadedImage:
        """The image at that place, if it is the one that was asked for."""
        nothing = LoadedImage(place, None, None)
        if self.differs:
            return nothing
        path, wanted = self.asked.root / self.asked.images[place], self.asked.hashes[place]
        try:
            data = read_file(path)
        except ImageError as error:
            cause = error.__cause__
            if wanted and not (isinstance(cause, OSError) and hash_of_failure(cause) == wanted):
                self.differs = True
            return changed(nothing, problem=error.remark)
        if hashlib.sha256(data).hexdigest() != wanted:
            self.differs = True
            return nothing
        return prepared_image(place, data, path, detector)


def stream(
    models: Sequence[Prepared],
    detector: Detector,
    parts: Iterator[tuple[Streamed, Sequence[int]]],
    turns: Turns,
) -> Iterator[Streamed]:
    """The parts, once all their images are done, in order; each comes with the numbers of models.

    The next one is taken some images before the one before is done: who has none then ends the
    stream. Who waits for its turn has some images ready then.
    """
    places: dict[int, tuple[Streamed, int]] = {}
    begun: deque[Streamed] = deque()

    def wanted() -> Iterator[tuple[int, Sequence[int]]]:
        number = 0
        for part, some in parts:
            begun.append(part)
            for place in range(len(part.asked.images)):
                places[number] = part, place
                turns.take()
                yield number, some
                number += 1
        turns.release()

    def load(number: int) -> LoadedImage:
        part, place = places.pop(number)
        return part.load(place, detector)

    try:
        for image in found_in_images(
            models, detector, wanted(), lambda some: load_ahead(some, load)
        ):
            begun[0].found.append(image)
            if len(begun[0].found) == len(begun[0].asked.images):
                yield begun.popleft()
    finally:
        turns.release()
