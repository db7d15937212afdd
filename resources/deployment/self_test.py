"""Does this package find here what it found where it was made?

python self_test.py
python self_test.py --device GPU --precision-hint f16

The images in `self_test` are run on the device and in the precision that are asked for, and
compared with detections stored beside them: those that were made with the precision and the sums
of INT8 products that are executed here, if the package has them, else the nearest. What may differ
follows from that, and is said. README.md explains the limits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from itertools import combinations

import cv2
import numpy as np
import running
from detector import HERE, Detector, devices

FOLDER = HERE / "self_test"
PASSED, FAILED, NO_DEVICE, NOT_JUDGED = range(4)
SUMS = {"exact": "exact INT8 sums", "saturating": "INT8 sums that saturate"}


def main() -> int:
    """0 where the same is found, 1 where not, 2 for a wrong device, 3 where it cannot be judged."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="CPU", help="as OpenVINO names it (default: CPU)")
    parser.add_argument(
        "--precision-hint",
        choices=("f32", "default", "bf16", "f16"),
        help="f32: true f32; default: as OpenVINO chooses (default: as the package runs)",
    )
    options = parser.parse_args()
    try:
        detector = Detector(device=options.device, precision=options.precision_hint, score=0.0)
    except RuntimeError as error:
        known = ", ".join(devices())
        print(f"The model cannot run on {options.device}: {error}", file=sys.stderr)
        print(f"The devices of this machine: {known}.", file=sys.stderr)
        return NO_DEVICE
    return check(detector, detector.executed)


def check(detect: Callable, executed: running.Executed) -> int:
    """Compare what `detect` finds in each image with what is stored; the exit status."""
    stored = json.loads((FOLDER / "detections.json").read_text(encoding="utf-8"))
    runs, images = stored["runs"], stored["images"]
    here = way(executed.float_precision or executed.precision, executed.arithmetic, stored)
    chosen = nearest(here, runs)
    limits = running.allowed(here[0], runs[chosen]["precision"], len(images))
    moved = moves(runs, images)
    if stored["quantized"]:
        limits = running.allowed_int8(moved, len(images))
    rest = f" What is not INT8 runs in {here[0]}." if stored["quantized"] else ""
    print(f"Here: {running.executed_text(executed)}.{rest}")
    print(f"Compared with what was found where the package was made: {runs[chosen]['ran']}.")
    if here != of(runs[chosen]):
        sums = f" with {SUMS[here[1]]}" if stored["quantized"] else ""
        print(f"The package has nothing that was found in {here[0]}{sums}.")
    if stored["quantized"] and not moved:
        print(
            "It was made where this INT8 model could be computed in one way for each kind of sums: "
            "how far roundings alone move it is not known, and only what is wholly wrong is found."
        )
    if compare(detect, images, chosen, limits):
        print("The self-test passed.")
        return PASSED
    if here[1] != runs[chosen]["int8_sums"]:
        print(
            f"Not judged: this processor computes {SUMS[here[1]]}, and the package was made with "
            f"{SUMS[runs[chosen]['int8_sums']]}, which give other detections on a device without "
            "any fault. Make the package where both can be computed: on x86 with VNNI."
        )
        return NOT_JUDGED
    print("The self-test failed.")
    return FAILED


def compare(detect: Callable, images: list[dict], run: int, limits: running.Limits) -> bool:
    """Whether no more differs from what that run found than may; each image has a line."""
    differences, wrong = [], 0
    for entry, most in zip(images, limits.images, strict=True):
        found = detect(cv2.imread(str(FOLDER / entry["image"])))
        now = running.Seen(found.boxes, found.scores, found.class_ids)
        differences.append(running.difference(seen(entry["detections"][run]), now))
        much = " - too much" if differences[-1] > most else ""
        wrong += bool(much)
        print(f"{entry['image']}: {differences[-1]:.1%} differs (at most {most:.1%} may){much}")
    mean = float(np.mean(differences))
    print(f"On average {mean:.1%} differs (at most {limits.mean:.1%} may).")
    return not wrong and mean <= limits.mean


def way(precision: str, sums: str | None, stored: dict) -> tuple[str, str]:
    """Precision and INT8 sums; sums in float, and those of other devices than CPUs, are exact."""
    if not stored["quantized"]:
        return precision, ""
    return precision, "saturating" if sums == "saturating" else "exact"


def of(run: dict) -> tuple[str, str]:
    """Those of a stored run."""
    return run["precision"], run["int8_sums"]


def nearest(here: tuple[str, str], runs: list[dict]) -> int:
    """The run made so, else one with the same sums, in true f32 where there is one."""

    def apart(place: int) -> tuple[bool, bool, bool]:
        precision, sums = of(runs[place])
        return sums != here[1], precision != here[0], precision != "f32"

    return min(range(len(runs)), key=apart)


def moves(runs: list[dict], images: list[dict]) -> list[list[float]]:
    """How far the package's runs with the same sums lie apart: what roundings do to each image."""
    return [
        [running.difference(*(seen(one["detections"][place]) for place in pair)) for one in images]
        for pair in combinations(range(len(runs)), 2)
        if len({runs[place]["int8_sums"] for place in pair}) == 1
    ]


def seen(detections: list[dict]) -> running.Seen:
    """Stored detections of an image."""
    return running.Seen(
        np.array([one["box"] for one in detections], float).reshape(-1, 4),
        np.array([one["score"] for one in detections], float),
        np.array([one["class_id"] for one in detections], int),
    )


if __name__ == "__main__":
    sys.exit(main())
