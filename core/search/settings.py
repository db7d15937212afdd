"""What is searched for, and what the numbers may be."""

from __future__ import annotations

from typing import Literal

from core.inference.settings import DEFAULT_DEVICE, PrecisionHint
from core.limits import Limits, require_within
from core.models.plan import Target
from core.optimize.limits import PLAN_LIMITS
from core.values import Value

Allowed = Literal["all", "int8"]
InputSizes = Literal["own", "smaller", "smaller_and_larger"]
DEFAULT_LOSS = 0.01
DEFAULT_MINUTES = 15.0
SEARCH_LIMITS = {
    "minutes": Limits("time in minutes", 0.01, 7 * 24 * 60),
    "loss": Limits("loss that counts as lossless", 0.0, 0.99),
    "seed": PLAN_LIMITS["seed"],
}


class SearchSettings(Value):
    """What is searched for.

    Attributes:
        allowed: ``all`` precisions, or ``int8`` plans alone.
        loss: a candidate is called lossless where it keeps at least 1 less this of the accuracy.
        minutes: that the search may take.
        seed: decides which images calibrate and which are held out.
        device: that speed is measured on, as OpenVINO names it.
        precision_hint: that the recommended one is to run with; None for the better of true f32
            and OpenVINO's default.
        input_sizes: whether other sizes of the network's input are tried beside its own.
        target: where the model is to run; see `core.models.plan.QuantizationPlan`.
    """

    allowed: Allowed = "all"
    loss: float = DEFAULT_LOSS
    minutes: float = DEFAULT_MINUTES
    seed: int = 0
    device: str = DEFAULT_DEVICE
    precision_hint: PrecisionHint | None = None
    target: Target = "this_machine"
    input_sizes: InputSizes = "own"

    @property
    def other_hints(self) -> tuple[PrecisionHint, ...]:
        """Those that models are tried with beside true f32."""
        return tuple(one for one in (self.precision_hint or "default",) if one != "f32")

    @property
    def judged_on(self) -> str:
        """The device that candidates are evaluated on: the target itself where speed is measured.

        Else it is the CPU, in the arithmetics that the target may have.
        """
        other = self.target in ("gpu", "npu") and self.device.startswith(self.target.upper())
        return self.device if other else DEFAULT_DEVICE

    @property
    def bar(self) -> float:
        """The accuracy kept from which on a candidate is called lossless."""
        return 1.0 - self.loss


def require_valid(settings: SearchSettings) -> None:
    """Raises InputError where a number is out of its limits."""
    require_within(settings, SEARCH_LIMITS, "search")
