"""What is profiled, and how."""

from __future__ import annotations

from pathlib import Path

from core.inference.settings import DEFAULT_DEVICE, PrecisionHint
from core.values import Value

DEFAULT_SECONDS = 6.0


class ProfiledModel(Value):
    """A model to be profiled at a precision hint.

    Attributes:
        name: such as ``parent`` and ``optimized``.
        xml: where it is stored.
    """

    name: str
    xml: Path
    precision_hint: PrecisionHint = "default"


class ProfileSettings(Value):
    """How long all models together are profiled, warm-up left out; on what, in which order."""

    seconds: float = DEFAULT_SECONDS
    device: str = DEFAULT_DEVICE
    seed: int = 0
