"""Does this package find here what it found where it was made?

python self_test.py
python self_test.py --device GPU --precision-hint default

The images in `self_test` are run on the device and in the precision that are asked for, and
compared with the detections stored beside them, which were found in true 32-bit float on a CPU.
Other devices and precisions round differently, so that boxes may move by a pixel or two and scores
by a few hundredths; the largest differences are printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

import cv2
import numpy as np
from detector import HERE, Detector, devices

LOWEST = 0.1  # detections that are less sure come and go
SAME_BOX = 0.9  # overlap
SAME_SCORE = 0.05


def main() -> int:
    """0 where everything is found again and nothing else, 1 where not, 2 for a wrong device."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="CPU", help="as OpenVINO names it (default: CPU)")
    parser.add_argument(
        "--precision-hint",
        choices=("f32", "default", "bf16", "f16"),
        default="f32",
        help="f32: true f32 (the default); default: as OpenVINO chooses",
    )
    options = parser.parse_args()
    try:
        detector = Detector(device=options.device, precision=options.precision_hint, score=0.0)
    except RuntimeError as error:
        known = ", ".join(devices())
        print(f"The model cannot run on {options.device}: {error}", file=sys.stderr)
        print(f"The devices of this machine: {known}.", file=sys.stderr)
        return 2
    print(f"Device {options.device}, asked {options.precision_hint}, {detector.runs_in}.")
    return check(detector, detector.names)


def check(detect: Callable, names: Callable) -> int:
    """Compare what `detect` finds in an image with what is stored; `names` tells its classes."""
    folder = HERE / "self_test"
    failed, compared, moved, drifted = 0, 0, 0.0, 0.0
    for entry in json.loads((folder / "detections.json").read_text(encoding="utf-8")):
        found = detect(cv2.imread(str(folder / entry["image"])))
        now = [
            (box, float(score), name)
            for box, score, name in zip(found.boxes, found.scores, names(found), strict=True)
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
