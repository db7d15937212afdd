"""Preprocessing or NMS inside the network against outside: from the image to boxes, in turns.

    python -m tests.benchmarks.inside preprocessing|nms DATASET MODEL... [--compare-only]

For each model, in true f32 and as OpenVINO runs it by default: how many times as fast one image
after the other goes from its encoded bytes to boxes, with the 95% interval. Of NMS also by how much
the detections of all images differ: boxes in pixels of the original, scores, and what of an image
has no counterpart.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.deployment.comparing import Seen, difference
from core.deployment.inside import NMS, PREPROCESSING, placed
from core.errors import InputError
from core.inference.predicting import predict
from core.inference.settings import InferenceSettings, PrecisionHint
from core.models.importing import Evidence, import_model
from core.models.nms_inside import require_nms
from core.models.stored import StoredModel
from tests.support.unwinding import unwind_when_ended

MOVABLE = {"preprocessing": PREPROCESSING, "nms": NMS}
HINTS: tuple[PrecisionHint, ...] = ("f32", "default")


def nothing(*_: object) -> None:
    """Progress that nobody looks at."""


def compared(
    outside: StoredModel, inside: StoredModel, images: Dataset, hint: PrecisionHint
) -> str:
    """By how much their detections differ, in words."""
    settings = InferenceSettings(precision_hint=hint)
    mine, others = (
        predict(one.xml, one.card.detector, images, settings=settings).table
        for one in (outside, inside)
    )
    shares: list[float] = []
    boxes, scores, same = 0.0, 0.0, 0
    for one, other in zip(mine, others, strict=True):
        shares.append(
            difference(
                *(Seen(found.boxes, found.scores, found.class_ids) for found in (one, other))
            )
        )
        if np.array_equal(one.class_ids, other.class_ids):
            same += 1
            boxes = max(boxes, float(np.abs(one.boxes - other.boxes).max(initial=0)))
            scores = max(scores, float(np.abs(one.scores - other.scores).max(initial=0)))
    return (
        f"{len(mine.scores)} and {len(others.scores)} detections; {same} of {len(mine)} images "
        f"with the same list, boxes within {boxes:.2g} and scores within {scores:.2g}; differs by "
        f"at most {max(shares):.2g} of an image"
    )


def main() -> None:
    """Print a line or two for each model and precision."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=tuple(MOVABLE))
    parser.add_argument("dataset", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--compare-only", action="store_true", help="measure no time")
    options = parser.parse_args()
    what, dataset = MOVABLE[options.what], open_dataset(options.dataset)
    images = [dataset.path(number) for number in range(min(32, len(dataset.images)))]
    for model in options.models:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "own").mkdir()
            stored = import_model(model, folder / "own", evidence=Evidence(images=images[:8]))
            name, changed = stored.card.name, None
            if what is NMS:
                try:
                    require_nms(stored.card.detector, name)
                except InputError as error:
                    print(f"{name}: {error.what}", flush=True)
                    continue
                changed, _ = placed(stored, NMS, "inside", images, "f32", folder / "made", nothing)
            for hint in HINTS:
                if changed is not None:
                    print(f"{name} {hint}: {compared(stored, changed, dataset, hint)}", flush=True)
                if options.compare_only:
                    continue
                _, where = placed(stored, what, "if_faster", images, hint, folder / hint, nothing)
                gain = where.gain
                figures = f"{gain.value:.3f} ({gain.low:.3f} to {gain.high:.3f})" if gain else "-"
                print(f"{name} {hint}: {figures} times as fast", flush=True)


if __name__ == "__main__":
    unwind_when_ended()
    main()
