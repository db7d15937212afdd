"""What a search tries and finds out: ways to run a detector, beside its parent."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Literal

from msgspec import field

from core.errors import WorkbenchError
from core.inference.settings import Arithmetic, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.plan import Part, QuantizationPlan
from core.remarks.remark import Remark
from core.search.settings import SearchSettings
from core.values import Stored, Value

STATE_FILE = "search.json"
CANDIDATES = "candidates"
Making = Literal["parent", "fp16_weights", "int8_weights", "int8", "resized", "int8_resized"]
ReasonCode = Literal[
    "reference",
    "default_precision",
    "fp16_weights",
    "int8_weights",
    "nncf_default",
    "careful",
    "executed_in_float",
    "ignored_part",
    "asymmetric",
    "least_error_rounding",
    "first_layer_fix",
    "ignored_subgraph",
    "ignored_subgraphs",
    "ignored_layers",
    "ignored_errors",
    "range_without_outliers",
    "full_range",
    "fewer_ignored_layers",
    "symmetric",
    "quantized_part",
    "input_size",
    "plan_at_input_size",
]
Stopped = Literal["", "found", "exhausted", "time", "cancelled"]
_TITLES: dict[Making, str] = {
    "parent": "Parent",
    "fp16_weights": "Weights in FP16",
    "int8_weights": "Weights in INT8",
    "int8": "INT8",
    "resized": "Parent",
    "int8_resized": "INT8",
}


class Reason(Value):
    """Why a candidate was tried.

    Attributes:
        code: ``reference`` and ``default_precision`` of the parent, others of how it was made.
        part: that stays in float, or is quantized again.
        place: of the subgraph that stays in float, counted from 1 and from the input on;
        count: of how many; or how many subgraphs or layers stay in float.
    """

    code: ReasonCode
    part: Part | None = None
    place: int = 0
    count: int = 0


class Failure(Value):
    """The error that a candidate failed with: what happened, and what to do next."""

    what: str
    next_step: str

    @classmethod
    def of(cls, error: WorkbenchError) -> Failure:
        """That error as a value."""
        return cls(what=error.what, next_step=error.next_step)


class Candidate(Value):
    """A model made from the parent, at one precision hint: something that could be deployed.

    Attributes:
        id: unique in its search, such as ``parent-f32`` or ``plan-03-f32``.
        number: of the INT8 plan, from 1 on; 0 for other models.
        reason: why it was tried.
        making: how its model was made from the parent.
        precision_hint: what it runs with.
        precision_executed: of most convolutions and matrix products; empty before it was measured.
        plan: of an INT8 model.
        model: its IR, below the search's folder; empty where it is the parent itself, or failed.
        size_bytes: of graph and weights.
        accuracy_kept: an estimate, on the held-out images, of its mAP as a share of the parent's in
            true f32, in the arithmetic of the target in which it is worst; None where it failed.
        input_size: that its network was brought to; None for the parent's own.
        measured: whether what it keeps was measured by annotations, at another input size.
        kept_at_least: at another input size the lower end of the interval of that.
        small_kept: there, the same of objects below COCO's limit for small ones; None where there
            are too few of them.
        kept_in: the same of an INT8 plan for each arithmetic that the target may have, and that
            could be computed; empty of other models, which have no INT8 sums.
        speed: throughput, as a multiple of the parent's in true f32, measured in turns.
        throughput_fps: median of the rounds;
        rounds: how many it had; 0 where that is not known.
        measurement: number of the final measurement of speed that it took part in, the last one
            counts; 0 for none. Figures of one measurement can be compared directly.
        failure: why there is no such model; None usually.
        seconds: that it took.
        after_seconds: so many of the search, without pauses, it was there; 0 where that is not
            known.
    """

    id: str
    making: Making
    precision_hint: PrecisionHint
    reason: Reason
    number: int = 0
    precision_executed: str = ""
    plan: QuantizationPlan | None = None
    model: str = ""
    size_bytes: int = 0
    accuracy_kept: float | None = None
    input_size: InputSize | None = None
    measured: bool = False
    kept_at_least: float | None = None
    small_kept: float | None = None
    kept_in: dict[Arithmetic, float] = field(default_factory=dict)
    speed: Interval | None = None
    throughput_fps: float | None = None
    rounds: int = 0
    measurement: int = 0
    failure: Failure | None = None
    seconds: float = 0.0
    after_seconds: float = 0.0

    @property
    def title(self) -> str:
        """What the user calls the model, such as ``INT8 4`` or ``INT8 4 at 320x320``."""
        return title_of(self.making, self.number, self.input_size)

    @property
    def model_name(self) -> str:
        """The IR's file name."""
        return PurePosixPath(self.model).name


def title_of(making: Making, number: int = 0, size: InputSize | None = None) -> str:
    """The title of a model made so."""
    title = f"{_TITLES[making]} {number}" if number else _TITLES[making]
    if number == 1:
        title = "Default INT8"
    return title if size is None else f"{title} at {size}"


def reason_at(first: Candidate, hint: PrecisionHint) -> Reason:
    """Why a model is tried at another hint as well: what was made of the parent has its own."""
    if first.plan is not None or first.input_size is not None:
        return first.reason
    return reason_of(first.making, hint)


def reason_of(making: Making, hint: PrecisionHint) -> Reason:
    """Why what was made of the parent is tried at this hint."""
    if making == "fp16_weights":
        return Reason(code="fp16_weights")
    if making == "int8_weights":
        return Reason(code="int8_weights")
    return Reason(code="reference" if hint == "f32" else "default_precision")


class Choice(Value):
    """What a search recommends.

    Attributes:
        recommended: id of the candidate to deploy; empty while there is none.
        best_int8: id of the best INT8 plan's candidate, for machines where INT8 is faster than
            here; empty while there is none.
    """

    recommended: str = ""
    best_int8: str = ""


class Activity(Value):
    """What a search is doing.

    Attributes:
        doing: ``making`` and evaluating a model, ``ranking`` layers by their error, or
            ``measuring`` speed.
        title: of the model that is being made,
        plan: and its plan.
        best_kept: accuracy kept by the best INT8 plan so far; None while there is none.
        best_speed: its speed, as far as it is known.
    """

    doing: Literal["making", "ranking", "measuring"]
    title: str = ""
    plan: QuantizationPlan | None = None
    best_kept: float | None = None
    best_speed: float | None = None


class SearchState(Stored):
    """Everything that a search found out so far: the file ``search.json``.

    Attributes:
        name: of the parent.
        weights_sha256: of the parent's weights; a search resumes with the same parent only,
        fingerprint: and the same images.
        calibration_images: how many images calibrate.
        held_out: names of the images that candidates are evaluated on.
        evaluated_images: how many images that are, augmented ones counted.
        settings: what is searched for.
        candidates: in the order in which they were tried.
        choice: what is recommended by now.
        model: the recommended one's IR at the top of the search's folder, once it has ended.
        seconds: that the search has worked, pauses left out.
        stopped: why it ended: a lossless plan was ``found``, all plans are ``exhausted``, the
            ``time`` was used up, it was ``cancelled``; empty while it runs, or after it was cut
            off.
        problems: images that could not be read, and why.
        dataset: where the images came from, to resume with.
        arithmetic: of INT8 sums, as this machine executes them;
        arithmetics: those in which plans are evaluated: what the target may have, as far as this
            machine can compute it;
        not_judged: those that it cannot.
        float_precision: what this machine's CPU computes in by default beside INT8.
        other_load_cores: that other programs kept busy when speed was measured last.
    """

    name: str
    weights_sha256: str
    fingerprint: str
    calibration_images: int
    held_out: tuple[str, ...]
    settings: SearchSettings
    candidates: tuple[Candidate, ...] = ()
    choice: Choice = Choice()
    model: str = ""
    seconds: float = 0.0
    stopped: Stopped = ""
    problems: tuple[Remark, ...] = ()
    dataset: Path = Path()
    evaluated_images: int = 0
    arithmetic: Arithmetic | Literal[""] = ""
    arithmetics: tuple[Arithmetic, ...] = ()
    not_judged: tuple[Arithmetic, ...] = ()
    float_precision: str = ""
    other_load_cores: float = 0.0

    @property
    def tried_int8(self) -> bool:
        """Whether any INT8 plan was tried."""
        return any(one.making == "int8" for one in self.candidates)

    def candidate(self, identity: str) -> Candidate | None:
        """The candidate with this id."""
        return next((one for one in self.candidates if one.id == identity), None)
