"""Which of an operating point's thresholds are used."""

from __future__ import annotations

from typing import Literal, get_args

Basis = Literal["global", "per_class", "best_f1"]
"""One for all classes, one for each that has enough detections, or that of the best F1."""

BASES: tuple[Basis, ...] = get_args(Basis)
