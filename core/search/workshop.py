"""What a search needs done, whoever does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from core.inference.settings import Arithmetic, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.plan import QuantizationPlan
from core.optimize.weighed import Weighed
from core.search.candidates import Making
from core.search.plan_changes import Operations, Parts
from core.values import Value

Rivals = tuple[frozenset[tuple[str, PrecisionHint]], ...]
"""Groups of models, each at a precision hint; "" is the parent."""


class OutOfTimeError(Exception):
    """The work on a candidate has used up its time; the candidate is not recorded."""


class Made(Value):
    """A model that was made: its IR below the search's folder, and its size."""

    model: str
    size_bytes: int


class Speed(Value):
    """What a measurement in turns says about one candidate, of so many rounds.

    `other_load_cores` are the cores that other programs kept busy meanwhile, on average.
    """

    precision_executed: str
    throughput_fps: float
    ratio: Interval
    rounds: int
    other_load_cores: float = 0.0


class KeptAtSize(Value):
    """What a model at another input size keeps of the parent's accuracy.

    Attributes:
        share: 1 where nothing is lost.
        at_least: the lower end of its 95% interval where it was `measured`; of an estimate, which
            takes every difference for a loss, the same.
        small: of objects below COCO's limit for small ones; None where there are too few.
        measured: whether by ground truth.
    """

    share: float
    at_least: float
    small: float | None
    measured: bool


class Workshop(Protocol):
    """Does the work: files, networks, processors."""

    def makings(self) -> tuple[Making, ...]:
        """The parent, and what can be made of it without quantizing activations."""

    def parts(self) -> Parts:
        """The parts that the parent has, and what of them would be quantized."""

    def layers(self) -> Operations:
        """The parent's operations with weights, from the input to the outputs."""

    def expect(self, likely: Callable[[], Sequence[QuantizationPlan]]) -> None:
        """Plans that may be asked for next, the likeliest first: they may be made ahead."""

    def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
        """An INT8 model, in a folder called after the candidate."""

    def alone(self, model: str, plan: QuantizationPlan) -> bool:
        """Make that model of the plan again, with statistics of its own, in its place.

        Gives whether other weights came of it.
        """

    def compress(self, identity: str, making: Making) -> Made:
        """A model whose weights alone are smaller."""

    def input_sizes(self) -> tuple[InputSize, ...]:
        """Those to be tried beside the own one, the largest first."""

    def resize(self, identity: str, size: InputSize) -> Made:
        """The parent as it is, at another input size."""

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        """An estimate of the parent's accuracy in true f32 that is kept; "" is the parent.

        INT8 sums are computed in that arithmetic, or as this machine does.
        """

    def kept_at_size(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> KeptAtSize:
        """The same of a model at another input size: measured where images are annotated."""

    def executed(self, model: str, hint: PrecisionHint) -> str:
        """The precision that most of the model runs in with this hint."""

    def ranked_layers(self, model: str, plan: QuantizationPlan) -> tuple[Operations, ...]:
        """Operations of each layer that is quantized, that with the most added error first."""

    def weighed_layers(self, model: str) -> tuple[Weighed, ...]:
        """What each layer of a plan's model adds to the error of the last ones, for which work."""

    def executed_in_float(self, model: str) -> Operations:
        """Operations of a plan's model that are quantized, and computed in float all the same."""

    def twin(self, model: str) -> str:
        """The first model with the same network; itself where there is none before it."""

    def speeds(
        self,
        models: Sequence[str],
        hints: Sequence[PrecisionHint],
        seconds: float,
        rivals: Rivals = (),
    ) -> dict[tuple[str, PrecisionHint], Speed]:
        """Every model with every hint in turns, against the parent in true f32.

        It ends before so many seconds where it is known which of each group of `rivals` is fastest.
        """
