"""Figures of INT8 models that hang on the processor's arithmetic, each with its own value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from core.inference.arithmetic import int8_arithmetic

T = TypeVar("T")


@dataclass(frozen=True)
class ByArithmetic(Generic[T]):
    """A figure that INT8 arithmetic decides: its value on each kind of processor."""

    exact: T
    saturating: T

    @property
    def here(self) -> T:
        """The value on the processor that runs the test."""
        return self.saturating if int8_arithmetic() == "saturating" else self.exact
