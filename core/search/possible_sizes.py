"""Which other input sizes a model's network can have: found out before a search begins."""

from __future__ import annotations

from core.errors import InputError
from core.models.input_size import InputSize, sizes_to_try
from core.models.resizing import resized
from core.models.stored import StoredModel, read_network
from core.search.settings import InputSizes


def possible_sizes(parent: StoredModel, wanted: InputSizes) -> tuple[InputSize, ...]:
    """Those to try, the largest first; raises InputError where the network takes its own alone."""
    card, own = parent.card, InputSize.of(parent.card.detector.preprocessing)
    sizes = sizes_to_try(own, larger=wanted == "smaller_and_larger")
    if not sizes:
        raise InputError(
            f"There is no smaller size to try beside an input of {own}.",
            "Search at the model's own input size.",
        )
    found, refused = [], None
    for size in sizes:
        model = read_network(parent.xml)
        try:
            resized(model, card.detector, size, card.name)
        except InputError as error:
            refused = error
        else:
            found.append(size)
    if not found and refused is not None:
        raise InputError(refused.what, "Search at its own input size, or export it anew.")
    return tuple(found)
