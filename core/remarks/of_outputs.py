"""What tells of a model's outputs how they are read: the evidence of the decoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_VALUES = {
    "unit": "pixels in 0..1",
    "bytes": "pixels 0..255",
    "imagenet": "pixels less ImageNet's mean",
    "own_mean": "pixels less a mean",
    "face": "pixels as (value - 127) / 128",
    "unknown": "pixels",
}
_RESIZES = {
    "stretch": ", stretched",
    "letterbox": ", letterboxed with {pad}",
    "letterbox_top_left": " in the top left corner, padded with {pad}",
    "unknown": "",
}


def _usual_input(facts: Mapping[str, Any]) -> str:
    models = facts["models"] or "models of this form"
    resize = _RESIZES[facts["resize"]].format(pad=facts["pad"])
    return f"Usual for {models}: {facts['colors'].upper()} {_VALUES[facts['values']]}{resize}."


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "usual_input": _usual_input,
    # Shapes.
    "output_shape": "Its one output is {shape}: rows of {length} values.",
    "rows": "Its output has {rows:rows} of {length} values.",
    "listed_rows": "Its output lists {rows:rows} of {length}.",
    "listed_open_rows": "Its output lists as many rows of {length} as it finds.",
    "box_rows": "Its output has {boxes:boxes} of {length} values: box and classes.",
    "objectness_rows": "Its output has {rows:rows} of {length}: box, objectness, classes.",
    "objectness_row": "A row has {length} values: a box, objectness and {classes:classes}.",
    "grid_rows": "That is one for every cell of the grids at strides {strides:joined}.",
    "anchor_rows": "That is three rows for every cell of the grids at strides {strides:joined}.",
    "cell_rows": "Its output has {rows:rows}: one for every cell of the {width}x{height} input's "
    "grids at strides {strides:joined}, as YOLOX has without anchors.",
    "cell_values": "It has {length} values for every cell of the grids at strides "
    "{strides:joined}.",
    "cell_map": "Its output is one map of cells at stride {stride}, of {channels} values.",
    "centre_maps": "It has a map of {classes:classes} at stride {stride}, and {pairs} of pairs: "
    "centres, sizes and offsets.",
    "anchor_maps": "Its outputs are maps of cells at strides {strides:joined}, with {per_cell} "
    "anchors a cell.",
    "anchor_values": "Each has {length} values: a box, objectness and {classes:classes}.",
    "anchor_deltas": "It has {classes:scores} and four deltas for nine anchors in every cell of "
    "the grids at strides {strides:joined}.",
    "distributions": "It has {classes:scores} and 4 times {bins} distances for every cell of the "
    "grids at strides {strides:joined}: distributions, as NanoDet and PicoDet have them.",
    "proposals": "It has proposals with {scores} class scores and as many boxes each.",
    "queries": "It has {length} class values and a box for each of {queries:queries}.",
    "listed_queries": "It lists labels, boxes and scores of {queries:queries}, without NMS.",
    "listed_boxes": "It lists boxes, labels and scores.",
    "listed_boxes_scores": "It lists boxes with a score in the fifth column, and labels.",
    "scored_boxes": "It has {rows:boxes}, and {length:scores} for each.",
    # The graph.
    "joined": "The graph joins its values from {parts:listed}.",
    "joined_roles": "The graph joins them from {parts:listed}: {roles:listed}.",
    "transformer": "Its graph is that of a transformer.",
    "depthwise": "Its graph has depthwise convolutions or swish, as EfficientDet's has.",
    "plain_convolutions": "Its graph has plain convolutions, as RetinaNet's has.",
    "detection_output": "The operation DetectionOutput makes it: an SSD with NMS inside.",
    "region_yolo": "The operation RegionYolo makes them, and knows the anchors.",
    "one_map": "One map of features or of segmented classes can look so, too: check the boxes on "
    "an image before you use it.",
    "anchors_assumed": "Its anchors are taken for those of {anchors}, which others were not "
    "trained with.",
    "nms_in_graph": "NMS is in the graph: the boxes need none.",
    "chosen_in_graph": "The graph itself chooses the best ones: no NMS is needed.",
    "chosen_classes": "They are chosen from {classes:classes}.",
    "graph_classes": "Its graph has scores, or NMS, for {classes:classes}.",
    "size_input": "A second input takes the size that boxes are scaled to.",
    "output_names": "Its outputs have the names of {family}.",
    "boxes_scaled": "The graph scales the boxes itself.",
    "grid_offsets": "Boxes are still grid offsets.",
    "scores_activated": "Scores have been through a sigmoid.",
    "scores_logits": "Scores are still logits.",
    # Labels.
    "labels_from_zero": "Labels start at 0.",
    "labels_from_one": "Labels start at 1 there.",
    "label_offset": "The graph adds the label offset: the first class is 1.",
    "background_zero": "Label 0 is the background.",
    "background_first": "The first score is taken for the background.",
    "labels_whole": "Its labels are the output of whole numbers.",
    # Values of a first run.
    "coordinates_unit": "Box coordinates lie in 0..1.",
    "coordinates_pixels": "Box coordinates reach {largest:.0f}: pixels of the input.",
    "boxes_centred": "Boxes are centres and sizes.",
    "logit_range": "Scores from {low:.1f} to {high:.1f} are logits.",
    "scores_outside": "Scores lie outside 0..1: they are logits.",
    "scores_inside": "Scores lie in 0..1: they have been through a sigmoid or softmax.",
    "pairs_swapped": "The first pair stays within a cell.",
    "row_order": "By its values a row is: {order}.",
    "background_last": "Of its queries {share:.0%} are for the last class: it is the background.",
    "no_background": "No class is the background: {classes:classes} {classes:are} read by "
    "{activation}.",
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
