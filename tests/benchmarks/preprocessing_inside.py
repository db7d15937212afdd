"""Preprocessing inside the network against outside: from the image to boxes, in turns.

    python -m tests.benchmarks.preprocessing_inside DATASET MODEL...

For each model, in true f32 and as OpenVINO runs it by default: how many times as fast one image
after the other goes from its encoded bytes to boxes, with the 95% interval.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from core.datasets.open import open_dataset
from core.deployment.inside import PREPROCESSING, placed
from core.inference.settings import PrecisionHint
from core.models.importing import Evidence, import_model

HINTS: tuple[PrecisionHint, ...] = ("f32", "default")


def main() -> None:
    """Print a line for each model and precision."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    options = parser.parse_args()
    dataset = open_dataset(options.dataset)
    images = [dataset.path(number) for number in range(min(32, len(dataset.images)))]
    for model in options.models:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "own").mkdir()
            stored = import_model(model, folder / "own", evidence=Evidence(images=images[:8]))
            for hint in HINTS:
                changed = folder / hint
                _, where = placed(
                    stored, PREPROCESSING, "if_faster", images, hint, changed, lambda *_: None
                )
                gain = where.gain
                figures = f"{gain.value:.3f} ({gain.low:.3f} to {gain.high:.3f})" if gain else "-"
                print(f"{stored.card.name} {hint}: {figures}", flush=True)


if __name__ == "__main__":
    main()
