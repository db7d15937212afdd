"""What is said between a search, the workers of a machine, and the processes that work there."""

from __future__ import annotations

from pathlib import Path

from core.datasets.dataset import Dataset
from core.inference.processor import Processor
from core.inference.settings import Arithmetic, Executed
from core.machines.program import Program
from core.models.plan import QuantizationPlan
from core.models.stored import ModelCard, StoredModel
from core.search.settings import SearchSettings
from core.values import Value


class ImageThere(Value):
    """An image that a search needs: its place in the dataset, its name there, and its hash."""

    place: int
    name: str
    hash: str


class Begin(Value):
    """The beginning of a session on a worker.

    Attributes:
        session: of the job.
        machine: the machine's number,
        limit_bytes: and the most that is stored there.
        program: what must run there, too.
        parent: the model, whose files are found by the hashes `xml` and `weights`.
        root: where its images lie at home;
        count: how many there are,
        images: and those that calibrate or are held out.
        held_out: places of those that candidates are evaluated on.
        settings: of the search.
        arithmetics: in which plans are evaluated.
    """

    session: str
    machine: str
    limit_bytes: int
    program: Program
    parent: StoredModel
    xml: str
    weights: str
    root: Path
    count: int
    images: tuple[ImageThere, ...]
    held_out: tuple[int, ...]
    settings: SearchSettings
    arithmetics: tuple[Arithmetic, ...]


class SetUp(Value, tag="set_up"):
    """To the process that works there: everything, where it lies on the worker; see `Begin`."""

    parent: StoredModel
    dataset: Dataset
    held_out: Dataset
    settings: SearchSettings
    arithmetics: tuple[Arithmetic, ...]
    folder: Path


class Ready(Value, tag="ready"):
    """From it.

    Attributes:
        deciding: a hash of what decides what is made and found there: versions and the processor.
        executed: how the parent ran.
        found: a hash of what it found in the held-out images.
        arithmetics: those in which it can evaluate.
        processor, openvino: in words for the user.
    """

    deciding: str
    executed: Executed
    found: str
    arithmetics: tuple[Arithmetic, ...]
    processor: Processor
    openvino: str


class Make(Value, tag="make"):
    """To it: make the model of a plan, and say what that keeps."""

    plan: QuantizationPlan


class Done(Value, tag="done"):
    """From it, or from the worker with the names of files: a candidate.

    Attributes:
        xml: its IR.
        card: what is known about the model.
        images: that it was calibrated on, by their names there.
        subset_size, ignored_names, rewritten, zeros_moved: as in
            `core.optimize.quantizing.Ingredients`.
        kept: of the accuracy, in each arithmetic.
        kept_as_executed: the same where there is none; None where it was not asked for.
    """

    xml: Path
    card: ModelCard
    images: tuple[str, ...]
    subset_size: int
    ignored_names: tuple[str, ...]
    rewritten: bool
    zeros_moved: bool
    kept: dict[Arithmetic, float]
    kept_as_executed: float | None


class Failed(Value, tag="failed"):
    """From it: why there is no such model, or nothing can be done."""

    what: str


class Announced(Value):
    """A file that is fetched next: its size and hash."""

    suffix: str
    size: int
    digest: str


class Made(Value):
    """From the worker: the candidate, and its files."""

    done: Done
    files: tuple[Announced, ...]


Question = SetUp | Make
Answer = Ready | Done | Failed
