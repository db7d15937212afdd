"""A network whose outputs are read by OpenVINO operations in it, and go through NMS there.

As decoders do it, in float32 and in the same order. Places that can have no score from the floor
on are left out first, so that little is decoded. Nothing here or in `ALONG` needs more of the
program than those modules: recipes carry them with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.models.inside.anchor_heads import anchor_deltas, yolo_anchors
from core.models.inside.dense_heads import box_scores, distributions, yolov5, yolov8, yolox
from core.models.inside.operations import InputSides, Options, Places, number, part

ALONG = (
    "core.models.decoders.grids",
    "core.models.decoders.anchors",
    "core.models.decoders.heads",
    "core.models.inside.operations",
    "core.models.inside.dense_heads",
    "core.models.inside.anchor_heads",
    "core.models.inside.nms",
)
"""The modules that `add_nms` is made of, each after those that it needs."""

HEADS: dict[str, Callable[[Sequence[Any], Options, InputSides], Places]] = {
    "yolov5": yolov5,
    "yolov8": yolov8,
    "yolox-raw": yolox,
    "boxes-scores": box_scores,
    "distribution-heads": distributions,
    "retinanet-heads": anchor_deltas,
    "efficientdet-heads": anchor_deltas,
    "yolo-anchor-heads": yolo_anchors,
}
"""By the decoder's id, what it computes before NMS."""

FLOOR = 0.01  # scores below are never kept, as in `core.models.decoders.base`
MOST = 300  # detections of an image, as there
_OVER = 1.1  # what a class score is at most; quantization may add to 1
_LARGEST = 3.4e38  # of what float32 can hold


def add_nms(model: Any, layout: str, options: Options, size: tuple[int, int], iou: float) -> None:
    """Give `model` the outputs ``boxes [N,5]`` and ``labels [N]`` in place of its own.

    A row of boxes is x1 y1 x2 y2 in pixels of the input, and the score; best first. `layout` is
    the decoder's id, `options` are its own, all of them; `size` is width and height of the input,
    `iou` the overlap above which the lower score of a class is left out.
    """
    from openvino import opset9 as ops

    known = {operation.get_name() for operation in model.get_ops()}
    ends = [port.get_node() for port in model.outputs]
    values = []
    for end in ends:
        end.input_value(0).set_names(set())
        values.append(ops.convert(end.input_value(0), "f32"))
    places = HEADS[layout](values, options, InputSides(*size))
    likely = ops.greater_equal(places.likely, number(FLOOR / _OVER))
    rows = ops.squeeze(ops.non_zero(likely, "i64"), ops.constant(np.array([0])))

    def pick(table: Any, axis: int = 0) -> Any:
        return ops.gather(table, rows, ops.constant(np.int64(axis)))

    boxes, labels = _suppressed(*places.decoded(pick), iou)
    for end in ends:
        model.remove_result(end)
    model.add_results([ops.result(boxes), ops.result(labels)])
    model.validate_nodes_and_infer_types()
    added = (one for one in model.get_ordered_ops() if one.get_name() not in known)
    for place, one in enumerate(added):  # names of their own, which no layer of the network has
        one.set_friendly_name(f"nms/{place}")
    for name, value in (("boxes", boxes), ("labels", labels)):
        value.set_friendly_name(f"nms/{name}")
        value.output(0).set_names({name})


def _suppressed(boxes: Any, scores: Any, iou: float) -> tuple[Any, Any]:
    """Rows of box and score, and labels, after NMS for each class, best first."""
    from openvino import opset9 as ops

    likely = ops.transpose(_of_boxes(boxes, scores), ops.constant(np.array([1, 0])))
    chosen = ops.non_max_suppression(
        ops.unsqueeze(boxes, ops.constant(np.int64(0))),
        ops.unsqueeze(likely, ops.constant(np.int64(0))),
        ops.constant(np.int64(MOST)),
        number(np.nextafter(np.float32(iou), np.float32(2))),  # left out from there on
        number(np.nextafter(np.float32(FLOOR), np.float32(0))),  # kept above
        box_encoding="corner",
        sort_result_descending=True,
        output_type="i64",
    )
    best, score = (part(chosen.output(place), 0, MOST, axis=0) for place in (0, 1))
    column = ops.constant(np.array([1]))
    rows, labels = (ops.squeeze(part(best, one, one + 1), column) for one in (2, 1))
    kept = ops.gather(boxes, rows, ops.constant(np.int64(0)))
    return ops.concat([kept, part(score, 2, 3)], 1), labels


def _of_boxes(boxes: Any, scores: Any) -> Any:
    """The scores, 0 where a box is not finite, or has no width or height."""
    from openvino import opset9 as ops

    sides = ops.subtract(part(boxes, 2, 4), part(boxes, 0, 2))
    sound = ops.logical_and(ops.greater(sides, number(0)), ops.less_equal(sides, number(_LARGEST)))
    both = ops.reduce_logical_and(sound, ops.constant(np.array([1])), True)
    return ops.select(both, scores, number(0))
