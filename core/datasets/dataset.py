"""What a dataset is, once it has been opened."""

from __future__ import annotations

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
            ``open_images``.
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
        """Where the image with this index lies."""
        return self.root / self.images[image]

    def subset(self, size: int, seed: int) -> NDArray[np.intp]:
        """Indices of `size` images in an order that only the seed decides."""
        import numpy as np  # here: whoever lists datasets needs none of it

        order = np.random.default_rng(seed).permutation(len(self.images))
        return order[: max(0, size)]
