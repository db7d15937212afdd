"""YOLOX: one row a grid cell, [x, y, w, h, objectness, classes...], without anchors.

Formula of the grid (Ge et al. 2021, arXiv 2107.08430): centre = (xy + cell) * stride,
size = exp(wh) * stride, both in pixels of the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import from_centres, usable
from core.detection.detections import Detections
from core.detection.nms import suppress
from core.images.placement import Placement
from core.models.decoders.base import (
    MAX_DETECTIONS,
    SCORE_FLOOR,
    Outputs,
    as_floats,
    image_input,
)
from core.models.detector import Option, Recognition
from core.models.preprocessing import Preprocessing

if TYPE_CHECKING:
    import openvino as ov

NMS_IOU = 0.6
STRIDES = ((8, 16, 32), (8, 16, 32, 64))
_PASSED_THROUGH = {
    *("Transpose", "Reshape", "Concat", "Convert", "Squeeze", "Unsqueeze"),
    "FakeQuantize",  # of a model that is quantized already
}


class YoloxDecoder:
    """``[1,N,5+C]`` with one row a cell of the grids at strides 8, 16, 32 (and 64)."""

    id = "yolox-raw"
    title = "YOLOX, raw grid [1,N,5+C]"

    def recognise(self, model: ov.Model) -> Recognition | None:
        """Asks for a row a grid cell, and looks in the graph for what is still to be done."""
        picture = image_input(model)
        if picture is None or len(model.outputs) != 1:
            return None
        shape = model.output(0).partial_shape
        if shape.is_dynamic or len(shape) != 3 or shape[2].get_length() <= 5:
            return None
        layout, height, width = picture
        rows, row_length = shape[1].get_length(), shape[2].get_length()
        strides = next((s for s in STRIDES if _cells(width, height, s) == rows), None)
        if strides is None:
            return None
        makers = _makers(model)
        in_graph = "Exp" in {op.get_type_name() for op in model.get_ops()}
        activated = "Sigmoid" in makers
        reasons = (
            f"Its output has {rows} rows: one for every cell of the {width}x{height} input's "
            f"grids at strides {', '.join(map(str, strides))}, as YOLOX has without anchors.",
            f"A row has {row_length} values: a box, objectness and {row_length - 5} classes.",
            "The graph scales the boxes itself." if in_graph else "Boxes are still grid offsets.",
            "Scores have been through a sigmoid." if activated else "Scores are still logits.",
            "YOLOX takes BGR pixels 0..255 in the top left corner, padded with 114.",
        )
        return Recognition(
            confidence=0.95 if activated and not in_graph else 0.8,
            reasons=reasons,
            preprocessing=Preprocessing(
                width=width,
                height=height,
                resize="letterbox_top_left",
                layout="NHWC" if layout == "NHWC" else "NCHW",
            ),
            class_count=row_length - 5,
            options={"grid": not in_graph, "sigmoid": not activated, "largest": strides[-1]},
        )

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Mapping[str, Option],
        placement: Placement,
    ) -> Detections:
        """Every class of every cell that is likely enough, then class-aware NMS in input pixels."""
        rows = as_floats(outputs[0])[0]
        scores = rows[:, 4:]
        if options.get("sigmoid"):
            with np.errstate(over="ignore"):
                scores = 1 / (1 + np.exp(-scores))
        scores = scores[:, :1] * scores[:, 1:]
        cells, class_ids = np.nonzero(scores >= SCORE_FLOOR)  # NaN is not kept
        boxes, best = rows[cells, :4], scores[cells, class_ids]
        if options.get("grid"):
            strides = STRIDES[int(options.get("largest", 32)) == 64]
            corners, sizes = _grid(preprocessing.width, preprocessing.height, strides)
            centres = (boxes[:, :2] + corners[cells]) * sizes[cells]
            with np.errstate(over="ignore"):  # what overflows is not usable, and left out below
                boxes = np.concatenate([centres, np.exp(boxes[:, 2:]) * sizes[cells]], axis=1)
        boxes = from_centres(boxes)
        sound = usable(boxes, best)
        found = Detections(
            np.ascontiguousarray(boxes[sound], np.float32),
            best[sound].astype(np.float32),
            class_ids[sound].astype(np.int32),
        )
        found = suppress(found, NMS_IOU, MAX_DETECTIONS)
        original = placement.to_original(found.boxes)
        found = Detections(original, found.scores, found.class_ids)
        return found.where(usable(found.boxes, found.scores))


def _cells(width: int, height: int, strides: tuple[int, ...]) -> int:
    return sum((width // stride) * (height // stride) for stride in strides)


@cache
def _grid(
    width: int, height: int, strides: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Column and row ``[N,2]`` and stride ``[N,1]`` of every cell, in the order of the rows."""
    cells, sizes = [], []
    for stride in strides:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        sizes.append(np.full((x.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(sizes).astype(np.float32)


def _makers(model: ov.Model) -> set[str]:
    """Types of the operations that the output's values come from, shape changes passed over."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting: list[Any] = [model.get_results()[0].input_value(0).get_node()]
    while waiting:
        node = waiting.pop()
        if node.get_friendly_name() in seen:
            continue
        seen.add(node.get_friendly_name())
        kind = node.get_type_name()
        found.add(kind)
        if kind in _PASSED_THROUGH:
            sources = node.input_values() if kind == "Concat" else node.input_values()[:1]
            waiting.extend(source.get_node() for source in sources)
    return found
