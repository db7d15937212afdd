"""What a profile job leaves: codes and figures. `core.wording.profiling` says them in sentences."""

from __future__ import annotations

from core.inference.compiling import PrecisionHint
from core.inference.machine import Machine
from core.profiling.findings import Finding
from core.profiling.graph_places import GraphPlaces
from core.profiling.profile import Profile
from core.values import Stored


class ProfileResult(Stored):
    """All profiles of a job, taken in turns, and what follows from them.

    Attributes:
        findings: of each profile, in their order.
        places: of each profile, where its layers are drawn.
    """

    machine: Machine
    rounds: int
    started: str
    profiles: tuple[Profile, ...]
    findings: tuple[tuple[Finding, ...], ...]
    places: tuple[GraphPlaces, ...]

    def profile(self, model: str, precision_hint: PrecisionHint) -> Profile | None:
        """The profile of that model at that hint."""
        for profile in self.profiles:
            if (profile.model, profile.precision_hint) == (model, precision_hint):
                return profile
        return None
