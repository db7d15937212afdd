"""Models that cannot be optimized."""

from __future__ import annotations

from core.errors import InputError
from core.models.stored import StoredModel


def require_float(stored: StoredModel, called: str = "") -> None:
    """Raises InputError where the model is quantized; `called` is the user's name for it."""
    if stored.card.info.quantized:
        raise already_quantized(called or stored.card.name)


def already_quantized(name: str) -> InputError:
    """The refusal of a model that contains quantized operations: NNCF would not refuse it."""
    return InputError(
        f"{name} is quantized already; quantizing it again would only add error.",
        "Choose the model that it was made from.",
    )
