"""A layer, by what it adds to a network's error and by how much of the work it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weighed:
    """A layer by the operation's name: its shares of all errors and of all multiplications."""

    name: str
    error: float
    work: float
