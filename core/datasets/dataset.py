"""What a dataset is, once it has been read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.values import Value


class Dataset(Value):
    """Images on disk, with or without ground truth.

    Attributes:
        name: what the user sees.
        root: the folder that `images` are relative to.
        kind: the format it was read as: ``folder`` or ``yolo``.
        images: names below `root`, with ``/``; unique even where file names are not.
        class_names: of the ground truth; empty where there is none.
        label_files: for each image its ground-truth file, or "" (empty if not annotated).
    """

    name: str
    root: Path
    kind: str
    images: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    label_files: tuple[str, ...] = ()

    @property
    def annotated(self) -> bool:
        """Whether ground truth came with the images."""
        return any(self.label_files)

    def path(self, image: int) -> Path:
        """Where the image with this index lies."""
        return self.root / self.images[image]

    def subset(self, size: int, seed: int) -> NDArray[np.intp]:
        """Indices of `size` images in an order that only the seed decides."""
        order = np.random.default_rng(seed).permutation(len(self.images))
        return order[: max(0, size)]

    def fingerprint(self) -> str:
        """A hash of names, sizes and times: changes when an image is added or replaced."""
        digest = hashlib.sha256(str(self.root).encode("utf-8", "surrogateescape"))
        for name in self.images:
            try:
                status = (self.root / name).stat()
                stamp = f"{status.st_size} {status.st_mtime_ns}"
            except OSError:
                stamp = "missing"
            digest.update(f"\0{name}\0{stamp}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:32]
