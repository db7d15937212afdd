"""What a network looks like from outside, and a little way in: the evidence of recognition."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from core.models.preprocessing import Preprocessing, Resize

if TYPE_CHECKING:
    import openvino as ov

Shape = tuple[int | None, ...]
Triple = tuple[float, float, float]

NO_MEAN: Triple = (0.0, 0.0, 0.0)
NO_SCALE: Triple = (1.0, 1.0, 1.0)
UNIT_SCALE: Triple = (255.0, 255.0, 255.0)

# Operations that move values about, or round them, without making them.
_PASSED_THROUGH = {
    *("Transpose", "Reshape", "Concat", "Convert", "Squeeze", "Unsqueeze", "Result"),
    "FakeQuantize",  # of a model that is quantized already
}
_ARITHMETIC = {"Add", "Subtract", "Multiply", "Divide"}
_LARGE = 16.0  # a mean or a divisor above belongs to pixels 0..255, not 0..1
_FAR = 400  # operations looked at on the way up from an output


@dataclass(frozen=True)
class ImageInput:
    """The input that takes the image; sides in pixels.

    `scaled_inside` tells that the graph itself brings pixels 0..255 into the range it wants;
    `values` are the mean and scale that its own quantization tells, None where it tells nothing.
    """

    index: int
    name: str
    layout: Literal["NCHW", "NHWC"]
    height: int
    width: int
    element_type: Literal["f32", "u8"]
    scaled_inside: bool = False
    values: tuple[Triple, Triple] | None = None

    def preprocessing(
        self,
        color_order: Literal["bgr", "rgb"] = "bgr",
        resize: Resize = "stretch",
        mean: Triple = NO_MEAN,
        scale: Triple = NO_SCALE,
        pad_value: int = 114,
    ) -> Preprocessing:
        """For this input; without mean and scale where the graph sees to them itself.

        What its own quantization tells of its values goes before `mean` and `scale`.
        """
        raw = self.scaled_inside or self.element_type == "u8"
        mean, scale = self.values or (mean, scale)
        return Preprocessing(
            width=self.width,
            height=self.height,
            resize=resize,
            color_order=color_order,
            mean=NO_MEAN if raw else mean,
            scale=NO_SCALE if raw else scale,
            pad_value=pad_value,
            layout=self.layout,
            element_type=self.element_type,
        )


@dataclass(frozen=True)
class Output:
    """One output: `names` in lower case, `shape` with None for what is open."""

    index: int
    names: tuple[str, ...]
    shape: Shape
    element_type: str
    node: Any

    def named(self, *parts: str) -> bool:
        """Whether one of its names contains one of `parts`."""
        return any(part in name for name in self.names for part in parts)

    @property
    def any_rank(self) -> bool:
        """Whether even the number of dimensions is open; a single number has none."""
        return bool(self.node.output(0).get_partial_shape().rank.is_dynamic)

    @property
    def sides(self) -> Shape:
        """The shape without leading ones: ``[1,1,200,7]`` and ``[200,7]`` are alike."""
        shape = self.shape
        while len(shape) > 1 and shape[0] == 1:
            shape = shape[1:]
        return shape

    @cached_property
    def makers(self) -> frozenset[str]:
        """Types of the operations that its values come from, shape changes passed over."""
        found = _upstream(self.node, passing=_PASSED_THROUGH)
        return frozenset(node.get_type_name() for node in found)

    @property
    def segments(self) -> bool:
        """Whether it is a map that the graph enlarges, or has a softmax over all of: classes."""
        return "Interpolate" in self.makers or self.makers <= {"Softmax", "LogSoftmax"}

    @cached_property
    def linear(self) -> bool:
        """Whether nothing but a constant, as a bias, comes after a convolution that makes it.

        A head's raw values are so; features have an activation, or a branch added, behind it.
        """
        found = _upstream(self.node, passing=_PASSED_THROUGH)
        makers = [one for one in found if one.get_type_name() not in _PASSED_THROUGH]
        return all(map(_is_linear, makers))

    def parts(self, size: int) -> tuple[int, ...]:
        """Sizes of the pieces that a Concat joins to an axis of `size`; () where none does.

        Such as (4, 1, 80): a box, objectness, and classes.
        """
        return tuple(length for length, _ in self.pieces(size))

    def pieces(self, size: int) -> tuple[tuple[int, frozenset[str]], ...]:
        """As `parts`, each with the types of the operations that its values come from."""
        for node in _upstream(self.node, passing=_PASSED_THROUGH):
            if node.get_type_name() != "Concat":
                continue
            pieces = [_shape(value.get_partial_shape()) for value in node.input_values()]
            joined = _shape(node.output(0).get_partial_shape())
            for axis, length in enumerate(joined):
                sizes = [piece[axis] for piece in pieces if axis < len(piece)]
                known = [one for one in sizes if one is not None]
                if length == size and len(known) == len(sizes) > 1 and sum(known) == size:
                    values = (value.get_node() for value in node.input_values())
                    return tuple(zip(known, map(_makers, values), strict=True))
        return ()

    def classes_above(self) -> int:
        """Classes, as the shapes of activations and of NMS above this output tell; 0 if unknown."""
        for node in _upstream(self.node, passing=None):
            kind = node.get_type_name()
            if kind == "NonMaxSuppression":
                scores = _shape(node.input_value(1).get_partial_shape())
                return int(scores[1] or 0) if len(scores) == 3 else 0
            if kind in {"Sigmoid", "Softmax"}:
                shape = _shape(node.output(0).get_partial_shape())
                rows, classes = shape[1:] if len(shape) == 3 else (None, None)
                if rows and classes and classes < rows:
                    return classes - 1 if kind == "Softmax" else classes
                if rows and classes and kind == "Sigmoid":
                    return rows
        return 0


@dataclass(frozen=True)
class Facts:
    """A network with its image input, its outputs, and how many operations of each type."""

    model: ov.Model
    image_input: ImageInput
    outputs: tuple[Output, ...]
    operations: Counter[str]

    def output_named(self, *parts: str) -> Output | None:
        """The first output with one of `parts` in a name."""
        return next((output for output in self.outputs if output.named(*parts)), None)

    def cells(self, *strides: int) -> int:
        """Cells of the grids at these strides, sides rounded up."""
        width, height = self.image_input.width, self.image_input.height
        return sum(-(-width // stride) * -(-height // stride) for stride in strides)

    def find(self, kind: str) -> Any | None:
        """The first operation of this type."""
        return next((op for op in self.model.get_ops() if op.get_type_name() == kind), None)


def facts_of(model: ov.Model, image_input: ImageInput) -> Facts:
    """The facts of a network whose image input is known."""
    return Facts(
        model=model,
        image_input=image_input,
        outputs=tuple(_output(number, port) for number, port in enumerate(model.outputs)),
        operations=Counter(op.get_type_name() for op in model.get_ops()),
    )


def scales_pixels(parameter: Any) -> bool:
    """Whether the first arithmetic after this input is that of pixels 0..255."""
    waiting, seen = deque([parameter.output(0)]), 0
    while waiting and seen < 20:
        seen += 1
        for target in waiting.popleft().get_target_inputs():
            node = target.get_node()
            kind = node.get_type_name()
            if kind in _ARITHMETIC:
                other = node.input_value(1 - target.get_index()).get_node()
                size = _magnitude(other)
                if size is None:
                    continue
                if _of_pixels(kind, size):
                    return True
            if kind in _ARITHMETIC | {"Convert", "Transpose", "Gather", "Reshape", "Pad"}:
                waiting.append(node.output(0))
    return False


def _of_pixels(kind: str, size: float) -> bool:
    return 0 < size < 1 / _LARGE if kind == "Multiply" else size > _LARGE


def _magnitude(node: Any) -> float | None:
    """Mean absolute value of a small constant."""
    import numpy as np  # here: whoever adjusts a card knows no network

    constant = _constant(node)
    if constant is None or math.prod(constant.get_output_shape(0)) > 64:
        return None
    return float(np.abs(np.asarray(constant.get_data(), np.float64)).mean())


def _is_linear(node: Any) -> bool:
    if node.get_type_name() in _ARITHMETIC:
        sources = [value.get_node() for value in node.input_values()]
        return any(_constant(one) is not None for one in sources)
    return bool(node.get_type_name() == "Convolution")


def _constant(node: Any) -> Any | None:
    """The constant that a node is, in whatever precision it is stored; None for another one."""
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return node if node.get_type_name() == "Constant" else None


def _makers(node: Any) -> frozenset[str]:
    """The type of an operation, or where it only moves values, those that they come from."""
    if node.get_type_name() not in _PASSED_THROUGH:
        return frozenset({node.get_type_name()})
    return frozenset(one.get_type_name() for one in _upstream(node, passing=_PASSED_THROUGH))


def _output(number: int, port: Any) -> Output:
    node = port.get_node().input_value(0).get_node()
    names = (*sorted(port.get_names(), key=len), node.get_friendly_name())
    return Output(
        index=number,
        names=tuple(name.lower() for name in names),
        shape=_shape(port.partial_shape),
        element_type=port.get_element_type().get_type_name(),
        node=port.get_node(),
    )


def _shape(shape: Any) -> Shape:
    if shape.rank.is_dynamic:
        return ()
    return tuple(side.get_length() if side.is_static else None for side in shape)


def _upstream(start: Any, passing: set[str] | None) -> Iterator[Any]:
    """Operations above `start`, nearest first; only through those of the types in `passing`."""
    waiting, seen = deque([start]), {start.get_friendly_name()}
    while waiting and len(seen) < _FAR:
        node = waiting.popleft()
        if node is not start:
            yield node
        if passing is not None and node.get_type_name() not in passing:
            continue
        every = passing is None or node.get_type_name() in {"Concat", "Result"}
        sources = node.input_values()
        for source in sources if every else sources[:1]:
            above = source.get_node()
            if above.get_friendly_name() not in seen:
                seen.add(above.get_friendly_name())
                waiting.append(above)
