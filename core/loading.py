"""Tables of what is imported only when it is used: a line says where a thing stands."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(place: str) -> Any:
    """The thing at `place`, such as ``core.models.decoders.ssd:SsdDecoder``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
