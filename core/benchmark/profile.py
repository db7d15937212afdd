"""What a model's layers take, and in which precision they run: values, and sums over them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from core.benchmark.machine import Machine
from core.benchmark.plan import Spread
from core.inference.compiling import DEFAULT_DEVICE, PrecisionHint
from core.values import Stored, Value

DEFAULT_SECONDS = 6.0

Role = Literal["convolution", "depthwise", "elementwise", "conversion", "other"]
ROLE_WORDS: dict[Role, str] = {
    "convolution": "convolutions and matrix products",
    "depthwise": "depthwise convolutions",
    "elementwise": "elementwise layers",
    "conversion": "conversions",
    "other": "other layers",
}


COMPUTING_OPERATIONS = frozenset(
    {"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"}
)


class ProfiledModel(Value):
    """A model to be profiled at a precision hint.

    Attributes:
        name: such as ``parent`` and ``optimized``.
        xml: where it is stored.
    """

    name: str
    xml: Path
    precision_hint: PrecisionHint = "default"


class ProfilePlan(Value):
    """Which models are profiled, and for how long all together, warm-up left out."""

    models: tuple[ProfiledModel, ...]
    seconds: float = DEFAULT_SECONDS
    device: str = DEFAULT_DEVICE
    seed: int = 0


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
    time_ms: float
    time_low_ms: float
    time_high_ms: float
    precision: str
    output_precision: str
    primitive: str
    originals: tuple[str, ...]
    original_types: tuple[str, ...]
    shape: tuple[int, ...]
    inputs: tuple[int, ...]

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


class Profile(Value):
    """The layers of one model at one precision hint, in execution order; constants are left out.

    Attributes:
        model: its name in the plan.
        precision_hint: what was asked for.
        precision_executed: of most convolutions and matrix products.
        precision_layers: how many of them ran in which precision.
        inferences: how many were run.
        threads: that it ran with, one inference at a time, compiled for latency; 0 where the
            device does not tell.
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
    latency_rounds_ms: tuple[float, ...]
    layers: tuple[Layer, ...]
    quantized: bool

    @property
    def layers_ms(self) -> float:
        """The layers' times together."""
        return sum(layer.time_ms for layer in self.layers)

    @property
    def title(self) -> str:
        """Such as ``parent, default (bf16)``."""
        hint = "true f32" if self.precision_hint == "f32" else self.precision_hint
        executed = "" if hint == f"true {self.precision_executed}" else self.precision_executed
        return f"{self.model}, {hint}" + (f" ({executed})" if executed else "")


class ProfileResult(Stored):
    """Of a profile job: all profiles, taken in turns, and what follows from them.

    Attributes:
        advice: of each profile, in their order.
        places: of each profile, where its layers stand in a picture of the graph.
    """

    machine: Machine
    rounds: int
    started: str
    profiles: tuple[Profile, ...]
    advice: tuple[tuple[Advice, ...], ...]
    places: tuple[GraphPlaces, ...]

    def profile(self, model: str, precision_hint: PrecisionHint) -> Profile | None:
        """The profile of that model at that hint."""
        for profile in self.profiles:
            if (profile.model, profile.precision_hint) == (model, precision_hint):
                return profile
        return None


class Advice(Value):
    """A sentence, and the layers (indices) that it is drawn from, the slowest first.

    `keep_in_float` is whether it says to keep their operations in float.
    """

    sentence: str
    layers: tuple[int, ...] = ()
    keep_in_float: bool = False


class GraphPlaces(Value):
    """Where a graph's layers stand in its picture, top to bottom; in units of a box's width.

    Attributes:
        x, y: the centre of each layer's box.
        edges: from layer, to layer, and the points that the line between them passes.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    edges: tuple[tuple[int, int, tuple[tuple[float, float], ...]], ...]


class LayerSum(Value):
    """Layers that share something: how many, and their time.

    `share` is that of all layers' time, 0..1; `precisions` is the time in each precision, in ms,
    and `counts` how many layers run in it.
    """

    name: str
    layers: int
    time_ms: float
    share: float
    precisions: dict[str, float]
    counts: dict[str, int]


class Transition(Value):
    """Where one precision becomes another: how many layers do it, and the time of those that do
    nothing else."""

    before: str
    after: str
    layers: int
    conversions: int
    time_ms: float


def sums_by(profile: Profile, key: Callable[[Layer], str]) -> tuple[LayerSum, ...]:
    """The executed layers summed by `key`, the largest time first."""
    groups: dict[str, list[Layer]] = defaultdict(list)
    for layer in profile.layers:
        if layer.time_ms > 0:
            groups[key(layer)].append(layer)
    whole = profile.layers_ms or 1.0
    made = (_sum(name, layers, whole) for name, layers in groups.items())
    return tuple(sorted(made, key=lambda one: -one.time_ms))


def by_type(profile: Profile) -> tuple[LayerSum, ...]:
    """Sums per layer type."""
    return sums_by(profile, lambda layer: layer.what)


def by_precision(profile: Profile) -> tuple[LayerSum, ...]:
    """Sums per precision computed in."""
    return sums_by(profile, lambda layer: layer.precision)


def _sum(name: str, layers: list[Layer], whole: float) -> LayerSum:
    precisions: dict[str, float] = defaultdict(float)
    for layer in layers:
        precisions[layer.precision] += layer.time_ms
    total = sum(layer.time_ms for layer in layers)
    return LayerSum(
        name=name,
        layers=len(layers),
        time_ms=total,
        share=total / whole,
        precisions=dict(precisions),
        counts=dict(Counter(layer.precision for layer in layers)),
    )


def transitions(profile: Profile) -> tuple[Transition, ...]:
    """Every change of precision between what a layer reads and what it writes."""
    found: dict[tuple[str, str], list[Layer]] = defaultdict(list)
    for layer in profile.layers:
        read = {profile.layers[place].output_precision for place in layer.inputs}
        for before in sorted(read - {layer.output_precision}):
            found[before, layer.output_precision].append(layer)
    return tuple(
        Transition(
            before=before,
            after=after,
            layers=len(layers),
            conversions=sum(layer.role == "conversion" for layer in layers),
            time_ms=sum(layer.time_ms for layer in layers if layer.role == "conversion"),
        )
        for (before, after), layers in sorted(found.items(), key=lambda one: -len(one[1]))
    )


def float_share(profile: Profile) -> float | None:
    """Of the time of convolutions and matrix products, the share not in int8; None without any."""
    computing = [layer for layer in profile.layers if layer.computing]
    whole = total_ms(computing)
    if not whole:
        return None
    return total_ms(layer for layer in computing if layer.precision != "int8") / whole


def total_ms(layers: Iterable[Layer]) -> float:
    """Their times together."""
    return sum(layer.time_ms for layer in layers)
