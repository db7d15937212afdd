"""Render training scenes once, as 300x300 arrays that ``train.py`` reads at speed.

    python -m sample.cache --seed 1001 --count 7000 --output DIR

writes ``DIR/<seed>-images.npy`` [N,300,300,3] and ``DIR/<seed>-boxes.npy`` [M,6]
(scene, class, x1, y1, x2, y2 in fractions of the image).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.format import open_memmap

from .scenes import CROWDED, STANDARD, Scene, SceneGenerator

SIZE = 300


def boxes_of(scene: Scene) -> list[tuple[float, ...]]:
    """Class, x1, y1, x2, y2 in fractions of the image for each object."""
    height, width = scene.image.shape[:2]
    rows: list[tuple[float, ...]] = []
    for item in scene.annotations:
        x, y, w, h = item.box
        rows.append((item.label, x / width, y / height, (x + w) / width, (y + h) / height))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--views", type=int, default=24)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--scenes", choices=["crowded", "standard"], default="standard")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.output.mkdir(parents=True, exist_ok=True)
    difficulty = CROWDED if options.scenes == "crowded" else STANDARD
    generator = SceneGenerator(
        options.seed, options.views, options.per_class, grounds=120, difficulty=difficulty
    )
    partial = options.output / f"{options.seed}-partial.npy"
    images = open_memmap(partial, "w+", np.uint8, (options.count, SIZE, SIZE, 3))
    boxes = []
    for index in range(options.count):
        scene = generator.scene(index)
        # Tools shrink photographs in different ways; the detector should not care.
        how = cv2.INTER_LINEAR if index % 3 else cv2.INTER_AREA
        images[index] = cv2.resize(scene.image, (SIZE, SIZE), interpolation=how)
        boxes += [(float(index), *row) for row in boxes_of(scene)]
    images.flush()
    np.save(
        options.output / f"{options.seed}-boxes.npy", np.asarray(boxes, np.float32).reshape(-1, 6)
    )
    partial.rename(options.output / f"{options.seed}-images.npy")


if __name__ == "__main__":
    main()
