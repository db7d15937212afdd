"""CenterNet (Zhou et al. 2019): a heat map of centres, with size and offset at each.

A detection is a cell whose heat is the highest of its 3 x 3 neighbours; its centre is the cell
plus its offset, its width and height those of the size map, all in cells of the map.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import candidates, changed, placed, sigmoid, with_activation
from core.models.decoders.heads import Head
from core.models.detector import Option, Recognition
from core.models.facts import Facts, Output, Triple
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

Places = NDArray[np.intp]

BEST = 100
MEAN: Triple = (104.04, 113.99, 119.85)  # BGR, as its project computed them on COCO
SCALE: Triple = (73.7, 69.87, 70.89)


class CenterNetDecoder(Decoder):
    """Heat ``[1,C,H,W]``, size ``[1,2,H,W]`` and offset ``[1,2,H,W]``."""

    id = "centernet"
    title = "CenterNet, heat map, size and offset"
    choices = (SIGMOID, Choice(key="swapped", title="Size and offset are swapped", default=False))

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for maps of one stride: one of classes, one or two of pairs."""
        if len(facts.outputs) not in (2, 3):
            return None
        width, height = facts.image_input.width, facts.image_input.height
        heads = [Head.of_shape(o.shape, width, height, o.index) for o in facts.outputs]
        if any(head is None for head in heads):
            return None
        known = [head for head in heads if head is not None]
        pairs = [head for head in known if head.channels == 2]
        heats = [head for head in known if head.channels != 2]
        if not heats and len(known) == 3:  # two classes: the first one, or what its name tells
            heat = facts.output_named("hm", "heat") or facts.outputs[0]
            heats = [head for head in known if head.index == heat.index]
            pairs = [head for head in known if head.index != heat.index]
        if len({head.stride for head in known}) != 1 or len(heats) != 1 or not pairs:
            return None
        options: dict[str, Option] = {"heat": heats[0].index, "size": pairs[0].index}
        options |= _roles([facts.outputs[head.index] for head in pairs])
        reasons = (
            remark(
                "centre_maps",
                classes=heats[0].channels,
                stride=heats[0].stride,
                pairs=len(pairs),
            ),
            usual_input("CenterNet", "bgr", "own_mean", "letterbox", pad=0),
        )
        return Recognition(
            confidence=0.95 if len(pairs) == 2 else 0.6,
            reasons=reasons,
            preprocessing=facts.image_input.preprocessing(
                resize="letterbox", mean=MEAN, scale=SCALE, pad_value=0
            ),
            class_count=heats[0].channels,
            options={**options, "sigmoid": True},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Heat beyond 0..1 is logits; offsets stay within a cell, sizes do not."""
        claim = with_activation(claim, outputs[int(claim.options["heat"])])
        if "offset" not in claim.options:
            return claim
        means = [np.abs(outputs[int(claim.options[role])]).mean() for role in ("size", "offset")]
        swapped = bool(means[0] < 1 < means[1])
        return changed(claim, remark("pairs_swapped"), swapped=True) if swapped else claim

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The hottest peaks, best first; no NMS."""
        heat = _map(outputs[int(options.get("heat", 0))], preprocessing)
        if options.get("sigmoid"):
            heat = sigmoid(heat)
        roles = ("offset", "size") if options.get("swapped") else ("size", "offset")
        size = _map(outputs[int(options.get(roles[0], options.get("size", 1)))], preprocessing)
        offset = np.full_like(size, 0.5)
        if "offset" in options:
            offset = _map(outputs[int(options[roles[1]])], preprocessing)
        classes, rows, columns = _peaks(heat)
        scores = heat[rows, columns, classes]
        stride = preprocessing.height / heat.shape[0]
        centres = np.stack([columns, rows], axis=1) + offset[rows, columns]
        half = size[rows, columns] / 2
        boxes = np.concatenate([centres - half, centres + half], axis=1) * stride
        return placed(candidates(boxes, scores, classes), placement)


def _roles(pairs: list[Output]) -> dict[str, Option]:
    """Which map is the size and which the offset: by name, else the size comes first."""
    if len(pairs) == 1:
        return {"size": pairs[0].index}
    named = next((o for o in pairs if o.named("wh", "size", "dim")), None)
    offset = next((o for o in pairs if o.named("reg", "off") and o is not named), None)
    size = named or next((o for o in pairs if o is not offset), pairs[0])
    other = offset or next(o for o in pairs if o is not size)
    return {"size": size.index, "offset": other.index}


def _map(output: Floats, preprocessing: Preprocessing) -> Floats:
    """``[H,W,channels]``."""
    head = Head.of_shape(output.shape, preprocessing.width, preprocessing.height)
    if head is None:
        raise ValueError(f"no map of cells: {output.shape}")
    return head.by_cell(as_floats(output)).reshape(head.rows, head.columns, -1)


def _peaks(heat: Floats) -> tuple[Places, Places, Places]:
    """Class, row and column of the hottest cells that no neighbour outshines."""
    padded = np.pad(heat, ((1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    height, width, _ = heat.shape
    highest = np.max(
        [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0
    )
    rows, columns, classes = np.nonzero((heat == highest) & np.isfinite(heat))
    best = np.argsort(-heat[rows, columns, classes], kind="stable")[:BEST]
    return classes[best], rows[best], columns[best]
