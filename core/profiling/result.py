"""What a profile job leaves: codes and figures. `core.wording.profiling` says them in sentences."""

from __future__ import annotations

from core.inference.machine import Machine
from core.inference.settings import PrecisionHint
from core.profiling.findings import Finding, layers_of
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

    def __post_init__(self) -> None:
        """Raises ValueError where parts do not belong together: a file may be anyone's."""
        if not len(self.profiles) == len(self.findings) == len(self.places) > 0:
            raise ValueError("its profiles, findings and places are not as many")
        for profile, findings, drawn in zip(self.profiles, self.findings, self.places, strict=True):
            count = len(profile.layers)
            named = [place for one in findings for place in layers_of(one)]
            named += [place for start, end, _ in drawn.edges for place in (start, end)]
            if not len(drawn.x) == len(drawn.y) == count:
                raise ValueError("it does not say where every layer is drawn")
            if not all(0 <= place < count for place in named):
                raise ValueError("it names a layer that it does not have")

    def profile(self, model: str, precision_hint: PrecisionHint) -> Profile | None:
        """The profile of that model at that hint."""
        for profile in self.profiles:
            if (profile.model, profile.precision_hint) == (model, precision_hint):
                return profile
        return None
