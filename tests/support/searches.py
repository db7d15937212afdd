"""A search on a detector that is made up: the work of one without models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest

from core.errors import WorkbenchError
from core.inference.settings import Arithmetic, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.plan import QuantizationPlan
from core.optimize.weighed import Weighed
from core.search.candidates import (
    Activity,
    Making,
    SearchState,
)
from core.search.plan_changes import Operations, Parts
from core.search.settings import Allowed, SearchSettings
from core.search.workshop import KeptAtSize, Made, Rivals, Speed


@dataclass
class MadeUpWorkshop:
    """A detector that INT8 ruins unless its depthwise convolutions stay in float."""

    fails: str = ""
    sizes: tuple[InputSize, ...] = ()
    small: float | None = None
    unsure: float = 0.0
    lossy_at_320: bool = False
    load: float = 0.0
    quantized: list[QuantizationPlan] = field(default_factory=list)
    plans: dict[str, QuantizationPlan] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    in_float: Operations = ()
    measured: list[list[str]] = field(default_factory=list)
    rivals: list[Rivals] = field(default_factory=list)
    expected: list[list[QuantizationPlan]] = field(default_factory=list)
    made_alone: list[str] = field(default_factory=list)

    def makings(self) -> tuple[Making, ...]:
        return ("parent", "fp16_weights", "int8_weights")

    def parts(self) -> Parts:
        return {"elementwise": frozenset({"add"}), "depthwise": frozenset({"filter"})}

    def layers(self) -> Operations:
        return ("first", "filter", "second")

    def expect(self, likely: Callable[[], Sequence[QuantizationPlan]]) -> None:
        self.expected.append(list(likely()))

    def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
        if self.fails and self.fails in plan.ignored_parts:
            raise WorkbenchError("NNCF could not.", "Try another plan.")
        self.quantized.append(plan)
        self.plans[f"{identity}.xml"] = plan
        return Made(model=f"{identity}.xml", size_bytes=100)

    def alone(self, model: str, plan: QuantizationPlan) -> bool:
        self.made_alone.append(model)
        return False

    def compress(self, identity: str, making: Making) -> Made:
        return Made(model="" if making == "parent" else f"{making}.xml", size_bytes=400)

    def input_sizes(self) -> tuple[InputSize, ...]:
        return self.sizes

    def resize(self, identity: str, size: InputSize) -> Made:
        return Made(model=f"{identity}.xml", size_bytes=400)

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        plan = self.plans.get(model)
        if "320x320" in model and self.lossy_at_320:
            return 0.8
        if plan is None:
            return 1.0 if hint == "f32" else 0.98
        if arithmetic == "saturating" and plan.preset != "mixed":
            return 0.2
        return 0.95 if "depthwise" in plan.ignored_parts else 0.4

    def kept_at_size(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> KeptAtSize:
        share = self.accuracy_kept(model, hint, arithmetic)
        return KeptAtSize(
            share=share, at_least=share - self.unsure, small=self.small, measured=self.unsure > 0
        )

    def executed(self, model: str, hint: PrecisionHint) -> str:
        return "int8" if model in self.plans else {"f32": "f32", "default": "bf16"}[hint]

    def ranked_layers(self, model: str, plan: QuantizationPlan) -> tuple[Operations, ...]:
        return (("first",), ("second",))

    def weighed_layers(self, model: str) -> tuple[Weighed, ...]:
        return ()

    def executed_in_float(self, model: str) -> Operations:
        return self.in_float

    def twin(self, model: str) -> str:
        return self.twins.get(model, model)

    def speeds(
        self,
        models: Sequence[str],
        hints: Sequence[PrecisionHint],
        seconds: float,
        rivals: Rivals = (),
    ) -> dict[tuple[str, PrecisionHint], Speed]:
        found = {}
        self.measured.append(list(models))
        self.rivals.append(rivals)
        for model in models:
            for hint in hints:
                fast = (2.0 if model in self.plans else 1.0) * (1.5 if hint == "default" else 1.0)
                fast *= 1.6 if "320x320" in model else 1.0
                ratio = Interval(value=fast, low=fast, high=fast)
                found[model, hint] = Speed(
                    precision_executed=self.executed(model, hint),
                    throughput_fps=10 * fast,
                    ratio=ratio,
                    rounds=20,
                    other_load_cores=self.load,
                )
        return found


def begun(minutes: float = 15.0, allowed: Allowed = "all") -> SearchState:
    """A search for a CPU with bf16, on whichever one the tests run."""
    return SearchState(
        name="parent",
        weights_sha256="",
        fingerprint="",
        calibration_images=4,
        held_out=("a.jpg",),
        settings=SearchSettings(minutes=minutes, allowed=allowed, loss=0.1, target="cpu_bf16"),
    )


def say_nothing(activity: Activity) -> None:
    del activity


def tick_by_looks(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.001) -> None:
    """A clock for searches that goes on by being looked at, so that no load uses up a budget."""
    looks = count()
    for module in ("record", "search", "speeds"):
        name = f"core.search.{module}.working_seconds"
        monkeypatch.setattr(name, lambda: next(looks) * seconds)
