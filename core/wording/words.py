"""Words that several capabilities share."""

from __future__ import annotations

from core.inference.settings import PrecisionHint
from core.inference.words import HINTS
from core.workspace.projects import OPTIMIZED, PARENT

BF16_EMULATED = "This processor has no instructions for bf16: it is emulated, which is slow."
_LONG_NAME = 36
_ALONE = "the model"
_ROLES = {PARENT: "the parent", OPTIMIZED: "the optimized model"}


def precision(hint: PrecisionHint, executed: str) -> str:
    """What was asked for, and what it ran in: ``true f32``, ``default (bf16)``."""
    return HINTS[hint] if hint == executed else f"{HINTS[hint]} ({executed})"


def whom(model: str, *, alone: bool = False) -> str:
    """A model in a sentence: ``the parent``, ``the optimized model``, or its own name.

    Measured `alone`, it is nobody's parent: ``the model``.
    """
    return _ALONE if alone and model in _ROLES else _ROLES.get(model, model)


def beginning(words: str) -> str:
    """Words as they stand at the start of a sentence; a model's own name stays as it is."""
    return f"T{words[1:]}" if words in {*_ROLES.values(), _ALONE} else words


def short_name(name: str) -> str:
    """A layer's name; of a long one, its end, by which layers differ."""
    return name if len(name) <= _LONG_NAME else f"…{name[-_LONG_NAME:]}"


def letter(place: int) -> str:
    """What the first, second, ... of several things is called for short: A, B, ..."""
    return chr(ord("A") + place)
