"""What a network computes, said so that it is faster: the same values, with other operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.plan import Target

if TYPE_CHECKING:
    import openvino as ov

REWRITING = ("core.optimize.loops", "core.optimize.slices")
"""The modules whose definitions a recipe needs."""


def rewrite(model: ov.Model, target: Target) -> bool:
    """Rewrite it in place for a target; whether there was anything to rewrite.

    It is done after quantization, so that plans, statistics and weights are those of the network
    as it was given.
    """
    from core.optimize.loops import unroll_loops
    from core.optimize.slices import fold_slices
    from core.runtime import openvino_core

    found = unroll_loops(model)
    if target not in ("gpu", "npu"):  # measured on CPUs alone
        found += fold_slices(model, openvino_core())
    return found > 0


def rewriting_code(target: Target) -> str:
    """The lines of a recipe that do the same."""
    folded = "" if target in ("gpu", "npu") else "fold_slices(quantized, ov.Core())\n"
    return f"unroll_loops(quantized)\n{folded}"
