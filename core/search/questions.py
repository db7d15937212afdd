"""What a search asks of whoever does its work, and what it is told of a plan."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from core.models.plan import QuantizationPlan
from core.optimize.weighed import Weighed
from core.search.candidates import Reason
from core.search.plan_changes import Operations


@dataclass(frozen=True)
class Try:
    """Asks for the accuracy kept and the speed of a plan; answered by a `Trial`."""

    plan: QuantizationPlan
    reason: Reason


@dataclass(frozen=True)
class Rank:
    """Asks for the layers of a plan's model, the one that adds most error first.

    Answered by the names of the operations of each layer.
    """

    plan: QuantizationPlan


@dataclass(frozen=True)
class Weigh:
    """Asks what each layer of a plan's model adds to the error of the last ones, for which work.

    Answered by `Weighed` layers; by none where that cannot be told.
    """

    plan: QuantizationPlan


@dataclass(frozen=True)
class InFloat:
    """Asks for the operations that a plan quantizes and the device executes in float all the same.

    Their quantizers cost conversions and accuracy, and gain nothing. Answered by their names.
    """

    plan: QuantizationPlan


@dataclass(frozen=True)
class Trial:
    """What was found out about a plan; nothing where its model could not be made.

    `accuracy_kept` is of the parent's, `speed` the throughput as a multiple of the parent's.
    """

    plan: QuantizationPlan
    accuracy_kept: float | None = None
    speed: float | None = None

    @property
    def kept(self) -> float:
        """The accuracy kept; below all others where it failed."""
        return -1.0 if self.accuracy_kept is None else self.accuracy_kept

    def brings_back(self, share: float, other: Trial) -> bool:
        """Whether at least this share of what the other plan loses is kept by this one."""
        return self.kept > other.kept + share * (1.0 - other.kept)


Question = Try | Rank | Weigh | InFloat
Answer = Trial | Operations | tuple[Operations, ...] | tuple[Weighed, ...]
Questions = Generator[Question, Any, Trial]
