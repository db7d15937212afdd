"""What is said between a quantization, the workers of a machine, and the processes there."""

from __future__ import annotations

from pathlib import Path

from core.inference.processor import Processor
from core.machines.program import Program
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.values import Value


class Begin(Value):
    """The beginning of a session on a worker.

    `machine` is the machine's number, `limit_bytes` the most that is stored there, `program` what
    must run there, too. The model's files are found by the hashes `xml` and `weights`, and the
    first image by `first`, with that `suffix`.
    """

    session: str
    machine: str
    limit_bytes: int
    program: Program
    parent: StoredModel
    xml: str
    weights: str
    first: str
    suffix: str
    plan: QuantizationPlan


class SetUp(Value, tag="set_up"):
    """To the process that collects: the model, how it is quantized, and the first image."""

    parent: StoredModel
    plan: QuantizationPlan
    first: Path


class Ready(Value, tag="ready"):
    """From it.

    Attributes:
        deciding: a hash of what decides what is found there: versions and the processor.
        threads: that it computes with.
        first: a hash of the statistics of the first image.
        processor, openvino: for the user.
    """

    deciding: str
    threads: int
    first: str
    processor: Processor
    openvino: str


class Collect(Value, tag="collect"):
    """To it: collect the statistics of these images, and leave them in `file`."""

    root: Path
    images: tuple[str, ...]
    file: Path


class Collected(Value, tag="collected"):
    """From it: they are there."""


class Refused(Value, tag="refused"):
    """From it: why it cannot be done."""

    what: str


Question = SetUp | Collect
Answer = Ready | Collected | Refused
