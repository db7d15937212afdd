"""More to judge by, out of few images: each is also seen mirrored, and from nearer.

INT8 moves every score and box a little, and it is chance which of them then cross a threshold or
change places. In another view of the same things it is others that do; over several views the
estimate settles. No annotations are needed for that: the parent sees the same views.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.errors import InputError
from core.images.decode import read_image
from core.images.encode import jpeg
from core.progress import Step

ENOUGH = 128  # pictures, from which on no other views are needed
Image = NDArray[np.uint8]


def _mirrored(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def _nearer(share: float, down: float, across: float) -> Callable[[Image], Image]:
    """A part with that share of each side; `down` and `across` 0..1 say where it lies."""

    def cut(image: Image) -> Image:
        height, width = image.shape[:2]
        rows, columns = max(1, round(share * height)), max(1, round(share * width))
        top, left = int(down * (height - rows)), int(across * (width - columns))
        return np.ascontiguousarray(image[top : top + rows, left : left + columns])

    return cut


VIEWS: dict[str, Callable[[Image], Image]] = {
    "mirrored": _mirrored,
    "nearer": _nearer(0.75, 0.25, 0.75),
    "mirrored-nearer": lambda image: _nearer(0.85, 0.3, 0.4)(_mirrored(image)),
}


def pictures_of(images: int) -> int:
    """How many pictures so many images are judged by, all views of them counted."""
    return images * min(1 + len(VIEWS), max(1, ENOUGH // max(1, images)))


def with_views(dataset: Dataset, folder: Path, step: Step) -> tuple[Dataset, list[str]]:
    """The images and as many other views of them as are needed for about `ENOUGH` pictures.

    They are written below `folder`, which must not exist. The dataset is given back as it is where
    it has enough. Also gives a sentence for each image that cannot be read, and is left out.
    """
    count = len(dataset.images)
    wanted = list(VIEWS.items())[: pictures_of(count) // max(1, count) - 1]
    if not wanted:
        return dataset, []
    folder.mkdir(parents=True)
    names: list[str] = []
    problems: list[str] = []
    for number in range(count):
        step("Making views of the images held back", number, count)
        path = dataset.path(number)
        try:
            image = read_image(path)
        except InputError as error:
            problems.append(str(error))
            continue
        names.append(f"{number:03}{PurePosixPath(path.name).suffix}")
        shutil.copyfile(path, folder / names[-1])
        for name, view in wanted:
            names.append(f"{number:03}-{name}.jpg")
            (folder / names[-1]).write_bytes(jpeg(view(image)))
    return replace(dataset, root=folder, images=tuple(names), annotations=()), problems
