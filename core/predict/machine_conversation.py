"""What is said between a job, the workers of a machine, and the processes that detect there."""

from __future__ import annotations

from pathlib import Path

from core.inference.processor import Processor
from core.inference.settings import Executed, InferenceSettings
from core.machines.program import Program
from core.models.stored import StoredModel
from core.values import Value


class RunThere(Value):
    """A run as a worker is asked for it: the model's files are found by their hashes."""

    stored: StoredModel
    settings: InferenceSettings
    role: str
    xml: str
    weights: str


class Begin(Value):
    """The beginning of a session on a worker.

    `machine` is the machine's number, `limit_bytes` the most that is stored there, `program` what
    must run there, too.
    """

    session: str
    machine: str
    limit_bytes: int
    program: Program
    runs: tuple[RunThere, ...]


class PartAsked(Value):
    """A part of a dataset: images by name below `root`, and by hash wherever they lie.

    `unreadable` are places in the part of images that cannot be read at home. `wanted` are the
    numbers of the runs, `keys` what their shards are called, `content` the part's hash.
    """

    machine: str
    limit_bytes: int
    root: Path
    images: tuple[str, ...]
    hashes: tuple[str, ...]
    content: str
    unreadable: tuple[int, ...]
    wanted: tuple[int, ...]
    keys: tuple[str, ...]


class Lacking(Value):
    """The worker needs the files with these hashes first."""

    hashes: tuple[str, ...]


class Setup(Value, tag="setup"):
    """To the process that detects: what it is to run, with the places of the files there."""

    runs: tuple[RunThere, ...]


class Ready(Value, tag="ready"):
    """From it: what decides what is found, for each run, how each executes, and the processor."""

    deciding: tuple[str, ...]
    executed: tuple[Executed, ...]
    processor: Processor
    openvino: str


class DetectPart(Value, tag="part"):
    """To it: detect in these images, and leave the shards in `folder`.

    `hashes` are those of the images' bytes; "" of one that is known not to be readable at home.
    """

    root: Path
    images: tuple[str, ...]
    hashes: tuple[str, ...]
    content: str
    wanted: tuple[int, ...]
    keys: tuple[str, ...]
    folder: Path


class Made(Value, tag="made"):
    """From it: the shards of the wanted runs."""

    files: tuple[Path, ...]


class Differs(Value, tag="differs"):
    """From it: an image is another one than was asked for, so that nothing was made."""


class Refused(Value, tag="refused"):
    """From it: why it cannot be done."""

    what: str
    next_step: str


Question = Setup | DetectPart
Answer = Ready | Made | Differs | Refused
