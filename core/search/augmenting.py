"""More images to evaluate on, out of few: each is also flipped, and cropped.

INT8 moves every score and box a little, and it is chance which of them then cross a threshold or
change places. In an augmented image of the same things it is others that do; over several the
estimate settles. No annotations are needed for that: the parent sees the same images.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.images.decode import ImageError, read_file, read_image
from core.images.encode import jpeg
from core.progress import Step
from core.remarks.remark import Remark

ENOUGH = 128  # images, from which on none are augmented
Image = NDArray[np.uint8]


def _flipped(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def _cropped(share: float, down: float, across: float) -> Callable[[Image], Image]:
    """A part with that share of each side; `down` and `across` 0..1 say where it lies."""

    def cut(image: Image) -> Image:
        height, width = image.shape[:2]
        rows, columns = max(1, round(share * height)), max(1, round(share * width))
        top, left = int(down * (height - rows)), int(across * (width - columns))
        return np.ascontiguousarray(image[top : top + rows, left : left + columns])

    return cut


AUGMENTATIONS: dict[str, Callable[[Image], Image]] = {
    "flipped": _flipped,
    "cropped": _cropped(0.75, 0.25, 0.75),
    "flipped-cropped": lambda image: _cropped(0.85, 0.3, 0.4)(_flipped(image)),
}


def evaluated_images(images: int) -> int:
    """How many images candidates are evaluated on with so many held out, augmented ones counted."""
    return images * min(1 + len(AUGMENTATIONS), max(1, ENOUGH // max(1, images)))


def augmented(dataset: Dataset, folder: Path, step: Step) -> tuple[Dataset, list[Remark]]:
    """The images and as many augmented ones as are needed for about `ENOUGH` of them.

    They are written below `folder`, which must not exist. The dataset is given back as it is where
    it has enough. Also gives the error of each image that cannot be read, and is left out.
    """
    count = len(dataset.images)
    wanted = list(AUGMENTATIONS.items())[: evaluated_images(count) // max(1, count) - 1]
    if not wanted:
        return dataset, []
    folder.mkdir(parents=True)
    names: list[str] = []
    problems: list[Remark] = []
    for number in range(count):
        step("Augmenting held-out images", number, count)
        path = dataset.path(number)
        try:
            image = read_image(path)
        except ImageError as error:
            problems.append(error.remark)
            continue
        names.append(f"{number:03}{PurePosixPath(path.name).suffix}")
        (folder / names[-1]).write_bytes(read_file(path))
        for name, augment in wanted:
            names.append(f"{number:03}-{name}.jpg")
            (folder / names[-1]).write_bytes(jpeg(augment(image)))
    return replace(dataset, root=folder, images=tuple(names), annotations=()), problems
