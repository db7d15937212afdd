"""A model's layers as they were executed: what they take, and in which precision they run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from core.inference.settings import PrecisionHint
from core.metrics.speed.figures import Positive, Spread
from core.values import Value

Time = Annotated[float, Meta(ge=0)]
Role = Literal["convolution", "depthwise", "elementwise", "conversion", "other"]
COMPUTING_OPERATIONS = frozenset(
    {"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"}
)


class Layer(Value):
    """A layer of the executed graph, which OpenVINO fuses from one or more operations.

    Attributes:
        name: its own, unique in the graph.
        type: what OpenVINO calls it, such as ``Convolution`` or ``Subgraph``.
        role: what it is for.
        time_ms: median of the rounds' means; 0 where nothing is executed.
        time_low_ms, time_high_ms: quartiles.
        precision: that it computes in: ``f32``, ``bf16``, ``int8``, ...
        output_precision: that its output is stored in.
        primitive: the kernel.
        originals: the operations of the model's file that it was fused from, in order.
        original_types: their types.
        shape: of its first output.
        inputs: the layers that it reads, as indices into the profile's layers.
    """

    name: str
    type: str
    role: Role
    time_ms: Time
    time_low_ms: Time
    time_high_ms: Time
    precision: str
    output_precision: str
    primitive: str
    originals: tuple[str, ...]
    original_types: tuple[str, ...]
    shape: tuple[int, ...]
    inputs: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raises ValueError where operations and their types do not belong together."""
        if len(self.originals) != len(self.original_types):
            raise ValueError("a layer has operations without a type")

    @property
    def computing(self) -> bool:
        """Whether it is a convolution or a matrix product: what INT8 is for."""
        return self.role in ("convolution", "depthwise")

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations of the model in it, without those that quantization put there."""
        both = zip(self.originals, self.original_types, strict=True)
        return tuple(name for name, kind in both if kind != "FakeQuantize")

    @property
    def label(self) -> str:
        """What people know it by: its convolution, else its last operation, else its own name."""
        for name, kind in zip(self.originals, self.original_types, strict=True):
            if self.computing and kind in COMPUTING_OPERATIONS:
                return name.removesuffix("/WithoutBiases")  # how ONNX's reader names them
        return self.operations[-1] if self.operations else self.name

    @property
    def what(self) -> str:
        """Its type in words: an ``Eltwise`` or ``Subgraph`` by the operations in it."""
        if self.role == "depthwise":
            return "Depthwise convolution"
        inside = tuple(kind for kind in self.original_types if kind != "FakeQuantize")
        if self.role == "conversion" and "FakeQuantize" in self.original_types:
            return "Quantize"
        if self.role == "elementwise" and inside:
            return "Swish" if sorted(inside) == ["Multiply", "Sigmoid"] else " + ".join(inside)
        return self.type


class ProfileKey(Value):
    """Which profile of a job: the model, what precision was asked for, and what most ran in."""

    model: str
    precision_hint: PrecisionHint
    precision_executed: str


class Profile(Value):
    """The layers of one model at one precision hint, in execution order; constants are left out.

    Attributes:
        model: its name in the job.
        precision_hint: what was asked for.
        precision_executed: of most convolutions and matrix products.
        precision_layers: how many of them ran in which precision.
        inferences: how many were run.
        threads: that it ran with, one inference at a time, compiled for latency; 0 where the
            device does not say.
        latency_ms: of one inference while layers are timed, median of the rounds and quartiles.
        latency_rounds_ms: every round's median.
        layers: in execution order.
        quantized: whether operations of the file quantize.
    """

    model: str
    precision_hint: PrecisionHint
    precision_executed: str
    precision_layers: dict[str, int]
    inferences: int
    threads: int
    latency_ms: Spread
    latency_rounds_ms: tuple[Positive, ...]
    layers: tuple[Layer, ...]
    quantized: bool

    def __post_init__(self) -> None:
        """Raises ValueError where a layer reads one that is executed later, or does not exist."""
        for place, layer in enumerate(self.layers):
            if not all(0 <= read < place for read in layer.inputs):
                raise ValueError("a layer reads one that comes after it")

    @property
    def key(self) -> ProfileKey:
        """Which profile this is."""
        return ProfileKey(
            model=self.model,
            precision_hint=self.precision_hint,
            precision_executed=self.precision_executed,
        )

    @property
    def layers_ms(self) -> float:
        """The layers' times together."""
        return total_ms(self.layers)


def total_ms(layers: Iterable[Layer]) -> float:
    """Their times together."""
    return sum(layer.time_ms for layer in layers)
