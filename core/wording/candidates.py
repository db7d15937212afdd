"""What candidates of a search are called."""

from __future__ import annotations

from core.search.candidates import Candidate


def candidate_label(one: Candidate) -> str:
    """The model and how it runs, such as ``Parent by default (bf16)``."""
    quantized = one.making in ("int8", "int8_resized")
    if one.precision_hint != "default":
        how = f"in {one.precision_hint}"
    elif quantized or not one.precision_executed:
        how = "by default"
    else:
        how = f"by default ({one.precision_executed})"
    return f"{one.title}, rest {how}" if quantized else f"{one.title} {how}"
