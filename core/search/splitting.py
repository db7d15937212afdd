"""Which images of a search calibrate, and which are held out to evaluate candidates on."""

from __future__ import annotations

from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.errors import InputError

FEWEST_IMAGES = 6
MOST_HELD_OUT = 100
MOST_CALIBRATING = 200


def split(dataset: Dataset, seed: int) -> tuple[int, Dataset]:
    """How many images calibrate, and those that are held out.

    The first ones of the seed's order calibrate, so that a plan with this number and this seed
    takes the same ones from the whole dataset. Raises InputError where there are too few.
    """
    count = len(dataset.images)
    if count < FEWEST_IMAGES:
        raise InputError(
            f"A search needs {FEWEST_IMAGES} images or more, and {dataset.name} has {count}.",
            "Add images of the kind that the model will see; 64 are enough, without annotations.",
        )
    held_out = min(MOST_HELD_OUT, count // 2)
    calibrating = min(MOST_CALIBRATING, count - held_out)
    order = dataset.subset(count, seed)
    chosen = sorted(order[calibrating : calibrating + held_out].tolist())
    return calibrating, replace(
        dataset, images=tuple(dataset.images[one] for one in chosen), annotations=()
    )
