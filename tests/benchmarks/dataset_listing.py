"""How long it takes to list 100 000 images, and how much memory: run by hand.

    python -m tests.benchmarks.dataset_listing [images]

Makes the files in a temporary folder, 1000 to a folder, half with YOLO labels beside them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

from core.datasets.open import open_dataset
from core.images.listing import list_images
from core.predict.parts import parts_of
from core.values import from_json, to_json
from tests.support.unwinding import unwind_when_ended

COUNT = 100_000
PER_FOLDER = 1000


def main(count: int = COUNT) -> None:
    """Print seconds and peak memory of each step, and how they compare with a bare os.walk."""
    with tempfile.TemporaryDirectory() as temporary:
        plain, labelled = Path(temporary, "plain"), Path(temporary, "yolo")
        _make(plain, count, ".jpg")
        _make(labelled / "images", count, ".jpg")
        _make(labelled / "labels", count // 2, ".txt")
        walk, _ = _measured("os.walk, bare", lambda: sum(len(f) for _, _, f in os.walk(plain)))
        first, _ = _measured("first image", lambda: next(list_images(plain)))
        listing, _ = _measured("list_images", lambda: list(list_images(plain)))
        opened, dataset = _measured("open_dataset, folder", lambda: open_dataset(plain))
        _measured("open_dataset, YOLO with labels", lambda: open_dataset(labelled))
        known = Path(temporary, "known")
        parts_of(dataset, known, lambda done: None)
        sleep(2.1)  # an image that is younger is hashed again
        parts_of(dataset, known, lambda done: None)
        _measured("hashes, remembered", lambda: parts_of(dataset, known, lambda done: None))
        _, stored = _measured("stored as JSON", lambda: to_json(dataset))
        _measured("read from JSON", lambda: from_json(stored, type(dataset)))
        print(
            f"\nlist_images takes {listing / walk:.1f} times as long as os.walk, opening a folder"
        )
        print(f"{opened / walk:.1f} times; the first image comes after {first * 1000:.2f} ms.")


def _make(folder: Path, count: int, suffix: str) -> None:
    for start in range(0, count, PER_FOLDER):
        inner = folder / f"folder {start // PER_FOLDER:03d}"
        inner.mkdir(parents=True)
        for number in range(start, min(count, start + PER_FOLDER)):
            (inner / f"image {number:06d}{suffix}").touch()


def _measured(what: str, do: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, the median of three, and the result; memory in a run of its own."""
    seconds = []
    for _ in range(3):
        begin = perf_counter()
        result = do()
        seconds.append(perf_counter() - begin)
    tracemalloc.start()
    do()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{what:<32} {median(seconds):8.3f} s   peak {peak / 2**20:7.1f} MiB")
    return median(seconds), result


if __name__ == "__main__":
    unwind_when_ended()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
