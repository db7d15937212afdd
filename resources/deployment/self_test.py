"""Does this package find here what it found where it was made?

The images in `self_test` are run in true 32-bit float and compared with the detections stored
beside them. Other processors round differently, so that boxes may move by a pixel or two and
scores by a few hundredths; the largest differences are printed.
"""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
from detector import HERE, Detector

LOWEST = 0.1  # detections that are less sure come and go
SAME_BOX = 0.9  # overlap
SAME_SCORE = 0.05


def main() -> int:
    """0 where everything is found again and nothing else."""
    folder = HERE / "self_test"
    detector = Detector(precision="f32")
    failed, compared, moved, drifted = 0, 0, 0.0, 0.0
    for entry in json.loads((folder / "detections.json").read_text(encoding="utf-8")):
        found = detector(cv2.imread(str(folder / entry["image"])))
        now = [
            (box, float(score), name)
            for box, score, name in zip(
                found.boxes, found.scores, detector.names(found), strict=True
            )
        ]
        then = [
            (np.array(one["box"]), one["score"], one["class_name"]) for one in entry["detections"]
        ]
        pairs = match(then, now)
        compared += len(pairs)
        missing = [one for one in then if one[1] >= LOWEST + SAME_SCORE]
        extra = [one for one in now if one[1] >= LOWEST + SAME_SCORE]
        lost = sum(not any(one is a for a, _ in pairs) for one in missing)
        added = sum(not any(one is b for _, b in pairs) for one in extra)
        for a, b in pairs:
            moved = max(moved, float(np.abs(a[0] - b[0]).max()))
            drifted = max(drifted, abs(a[1] - b[1]))
        print(f"{entry['image']}: {len(pairs)} found again, {lost} not, {added} more")
        failed += lost + added
    print(
        f"{compared} detections compared: boxes moved by at most {moved:.3f} pixels, "
        f"scores by at most {drifted:.4f}."
    )
    print("The self-test failed." if failed or not compared else "The self-test passed.")
    return 1 if failed or not compared else 0


def match(then: list, now: list) -> list:
    """Pairs of the same class, place and nearly the same score, the surest first."""
    pairs, free = [], list(now)
    for one in sorted(then, key=lambda detection: -detection[1]):
        alike = [
            other
            for other in free
            if other[2] == one[2]
            and abs(other[1] - one[1]) <= SAME_SCORE
            and overlap(one[0], other[0]) >= SAME_BOX
        ]
        if alike:
            best = max(alike, key=lambda other: overlap(one[0], other[0]))
            pairs.append((one, best))
            free = [other for other in free if other is not best]
    return pairs


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    shared = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    return float(shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared))


if __name__ == "__main__":
    sys.exit(main())
