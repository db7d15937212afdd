"""Images for tests, drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.images.opencv import cv2


def sample_image(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth colours with a few rectangles: uint8 ``[height, width, 3]``, BGR."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (4, 4, 3), np.uint8)
    drawn = np.asarray(cv2.resize(coarse, (width, height)), np.uint8)
    for _ in range(4):
        left, right = sorted(random.integers(0, width, 2))
        top, bottom = sorted(random.integers(0, height, 2))
        drawn[top : bottom + 1, left : right + 1] = random.integers(0, 256, 3)
    return drawn


def encoded(image: NDArray[np.uint8], suffix: str = ".jpg") -> bytes:
    """The bytes of an image file."""
    made, data = cv2.imencode(suffix, image)
    assert made
    return data.tobytes()


def write_image(path: Path, width: int = 96, height: int = 80, seed: int = 0) -> Path:
    """An image file, its folder made if need be; gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(sample_image(width, height, seed), path.suffix))
    return path


def write_images(
    folder: Path, count: int, width: int = 96, height: int = 80, first: int = 0
) -> Path:
    """A folder of images with numbers from `first` on; gives the folder."""
    for number in range(first, first + count):
        write_image(folder / f"image {number:03d}.jpg", width, height, seed=number)
    return folder


def write_some_broken(folder: Path, count: int) -> Path:
    """So many images, of which one is damaged and one among them is none; gives the folder."""
    write_images(folder, count - 2)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (folder / f"image {count // 3:03d}x.jpg").write_bytes(b"GIF89a of another kind")
    return folder


def write_many(folder: Path, count: int, width: int, height: int, drawn: int = 64) -> Path:
    """A folder of JPEGs, quickly: some are drawn, and a comment makes each of them another file."""
    folder.mkdir(parents=True)
    some = [encoded(sample_image(width, height, seed)) for seed in range(min(drawn, count))]
    for number in range(count):
        made = commented(some[number % len(some)], number)
        (folder / f"{number:09d}.jpg").write_bytes(made)
    return folder


def commented(image: bytes, number: int) -> bytes:
    """A JPEG with that number in a comment: of the same pixels, and another file."""
    comment = f"{number:09d}".encode()
    length = (len(comment) + 2).to_bytes(2, "big")
    return b"".join((image[:2], b"\xff\xfe", length, comment, image[2:]))
