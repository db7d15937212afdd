"""What a search tries and finds out: ways to run a detector, beside its parent."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Literal

from core.inference.compiling import DEFAULT_DEVICE, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.plan import QuantizationPlan
from core.values import Stored, Value

STATE_FILE = "search.json"
CANDIDATES = "candidates"
Making = Literal["parent", "fp16_weights", "int8_weights", "int8"]
Allowed = Literal["all", "int8"]
DEFAULT_LOSS = 0.01
DEFAULT_MINUTES = 15.0


class Candidate(Value):
    """A model made from the parent, at one precision hint: something that could be deployed.

    Attributes:
        id: unique in its search, such as ``parent-f32`` or ``plan-03-f32``.
        title: what the user calls the model, such as ``INT8 4``.
        reason: why it was tried.
        making: how its model was made from the parent.
        precision_hint: what it runs with.
        precision_executed: of most convolutions and matrix products; empty before it was measured.
        plan: of an INT8 model.
        model: its IR, below the search's folder; empty where it is the parent itself, or failed.
        size_bytes: of graph and weights.
        agreement: soft agreement of its detections with the parent's in true f32, on the images
            held back; None where it failed.
        speed: throughput, as a multiple of the parent's in true f32, measured in turns.
        throughput_fps: median of the rounds.
        session: the measurement of speed that it took part in, the last one counts; figures of one
            session can be compared directly.
        problem: a sentence, where it failed.
        seconds: that it took.
    """

    id: str
    title: str
    reason: str
    making: Making
    precision_hint: PrecisionHint
    precision_executed: str = ""
    plan: QuantizationPlan | None = None
    model: str = ""
    size_bytes: int = 0
    agreement: float | None = None
    speed: Interval | None = None
    throughput_fps: float | None = None
    session: int = 0
    problem: str = ""
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """The model and how it runs, such as ``Parent by default (bf16)``."""
        if self.precision_hint != "default":
            how = f"in {self.precision_hint}"
        elif self.making == "int8" or not self.precision_executed:
            how = "by default"
        else:
            how = f"by default ({self.precision_executed})"
        return f"{self.title}, rest {how}" if self.making == "int8" else f"{self.title} {how}"

    @property
    def model_name(self) -> str:
        """The IR's file name."""
        return PurePosixPath(self.model).name


class SearchSettings(Value):
    """What is searched for.

    Attributes:
        allowed: ``all`` precisions, or ``int8`` plans alone.
        loss: a candidate is called lossless where its agreement is at least 1 less this.
        minutes: that the search may take.
        seed: decides which images calibrate and which are held back.
        device: as OpenVINO names it.
    """

    allowed: Allowed = "all"
    loss: float = DEFAULT_LOSS
    minutes: float = DEFAULT_MINUTES
    seed: int = 0
    device: str = DEFAULT_DEVICE

    @property
    def bar(self) -> float:
        """The agreement from which on a candidate is called lossless."""
        return 1.0 - self.loss


class Choice(Value):
    """What a search recommends.

    Attributes:
        recommended: id of the candidate to deploy; empty while there is none.
        best_int8: id of the best INT8 plan's candidate, for machines where INT8 is faster than
            here; empty while there is none.
        sentence: why.
    """

    recommended: str = ""
    best_int8: str = ""
    sentence: str = ""


class SearchState(Stored):
    """Everything that a search found out so far: the file ``search.json``.

    Attributes:
        name: of the parent.
        weights_sha256: of the parent's weights; a search goes on with the same parent only,
        fingerprint: and the same images.
        calibration_images: how many images calibrate.
        held_back: names of the images that agreement is measured on.
        pictures: how many pictures that are, other views of the images counted.
        settings: what is searched for.
        candidates: in the order in which they were tried.
        choice: what is recommended by now.
        model: the recommended one's IR at the top of the search's folder, once it has ended.
        seconds: that the search has worked, pauses left out.
        stopped: why it ended; empty while it runs, or after it was cut off.
        problems: sentences on images that were left out.
        dataset: where the images came from, to resume with.
    """

    name: str
    weights_sha256: str
    fingerprint: str
    calibration_images: int
    held_back: tuple[str, ...]
    settings: SearchSettings
    candidates: tuple[Candidate, ...] = ()
    choice: Choice = Choice()
    model: str = ""
    seconds: float = 0.0
    stopped: str = ""
    problems: tuple[str, ...] = ()
    dataset: Path = Path()
    pictures: int = 0

    def candidate(self, identity: str) -> Candidate | None:
        """The candidate with this id."""
        return next((one for one in self.candidates if one.id == identity), None)
