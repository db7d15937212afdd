"""What a dataset is, once it has been opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.remarks.remark import Remark
from core.values import Stored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Dataset(Stored):
    """Images on disk, with or without ground truth.

    Attributes:
        name: what the user sees.
        root: the folder that `images` are relative to.
        kind: the format it was read as, a reader's: ``folder``, ``coco``, ``voc``, ``yolo``,
            ``open_images``, ``webdataset``.
        images: names below `root`, with ``/``; unique even where file names are not.
        class_names: of the ground truth, as far as they are known without reading all of it.
        annotations: the files or folders that hold the ground truth; empty if not annotated.
        warnings: what was left out or looked odd when it was opened.
    """

    name: str
    root: Path
    kind: str
    images: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    annotations: tuple[Path, ...] = ()
    warnings: tuple[Remark, ...] = ()

    @property
    def annotated(self) -> bool:
        """Whether ground truth came with the images."""
        return bool(self.annotations)

    def path(self, image: int) -> Path:
        """Where the image with this index lies; `core.images.opening` opens it."""
        return self.root / self.images[image]

    def files(self) -> Iterator[Path]:
        """The files that its images lie in, each once: themselves, or tar shards."""
        from core.images.opening import file_of  # here: who opens no image needs none of it

        seen: set[Path] = set()
        for image in range(len(self.images)):
            file = file_of(self.path(image))
            if file not in seen:
                seen.add(file)
                yield file

    def subset(self, size: int, seed: int) -> NDArray[np.intp]:
        """Indices of `size` images in an order that only the seed decides."""
        import numpy as np  # here: whoever lists datasets needs none of it

        order = np.random.default_rng(seed).permutation(len(self.images))
        return order[: max(0, size)]
