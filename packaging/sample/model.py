"""The sample detector: MobileNetV2 with SSD heads, 300x300, written for PyTorch.

The network returns raw box offsets and per-class scores for every prior box;
``export.py`` adds the input normalisation and DetectionOutput.
Inside the network pixels are BGR scaled to -1..1.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

INPUT_SIZE = 300
VARIANCES = (0.1, 0.1, 0.2, 0.2)
PIXEL_MEAN = 127.5
PIXEL_SCALE = 127.5
EARLY_STAGES = 3


@dataclass(frozen=True)
class PriorLevel:
    """The prior boxes of one feature map: side lengths in pixels at 300x300."""

    cells: int
    shapes: tuple[tuple[float, float], ...]


def _shapes(sizes: Sequence[float], stretched: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Square boxes of each size, then a wide and a tall box of each stretched size."""
    shapes = [(size, size) for size in sizes]
    for size in stretched:
        root = math.sqrt(2.2)
        shapes += [(size * root, size / root), (size / root, size * root)]
    return tuple(shapes)


LEVELS = (
    PriorLevel(38, _shapes([24.0], [28.0])),
    PriorLevel(19, _shapes([44.0, 60.0], [52.0])),
    PriorLevel(10, _shapes([84.0, 116.0], [100.0])),
    PriorLevel(5, _shapes([150.0, 190.0], [170.0])),
    PriorLevel(3, _shapes([240.0], [240.0])),
)


def prior_boxes() -> npt.NDArray[np.float32]:
    """All prior boxes, ``[P, 4]`` as x1, y1, x2, y2 in fractions of the image."""
    boxes = []
    for level in LEVELS:
        centres = (np.arange(level.cells, dtype=np.float64) + 0.5) / level.cells
        cy, cx = np.meshgrid(centres, centres, indexing="ij")
        shape = np.asarray(level.shapes) / INPUT_SIZE / 2.0
        centre = np.stack([cx, cy], axis=-1)[:, :, None, :]
        boxes.append(np.concatenate([centre - shape, centre + shape], axis=-1).reshape(-1, 4))
    return np.concatenate(boxes).astype(np.float32)


def _channels(value: float) -> int:
    """Round to a multiple of 16, the width at which the CPU kernels are fastest."""
    return max(16, int(value + 8) // 16 * 16)


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.05),
    ]
    if relu:
        layers.append(nn.ReLU6(inplace=True))
    return nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """MobileNetV2's block: widen, filter each channel, narrow, add the input back."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [_conv(inputs, hidden, 1)]
        layers += [
            _conv(hidden, hidden, 3, stride, groups=hidden),
            _conv(hidden, outputs, 1, relu=False),
        ]
        self.body = nn.Sequential(*layers)
        self.adds_input = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = self.body(features)
        return features + result if self.adds_input else result


class SampleSsd(nn.Module):
    """MobileNetV2-SSD with five scales and a short top-down path for the finest two.

    ``forward`` takes ``[N, 3, 300, 300]`` (BGR, -1..1) and returns offsets
    ``[N, P, 4]`` and class logits ``[N, P, C]`` (no background column).
    """

    def __init__(self, classes: int, width: float = 0.75, neck: int = 96) -> None:
        super().__init__()
        self.classes = classes

        def stage(inputs: int, base: int, count: int, stride: int, first: int = 6) -> nn.Module:
            outputs = _channels(base * width)
            blocks = [InvertedResidual(inputs, outputs, stride, first)]
            blocks += [InvertedResidual(outputs, outputs, 1, 6) for _ in range(count - 1)]
            return nn.Sequential(*blocks)

        stem = _channels(32 * width - 8)  # round down: the largest maps are the costliest
        c75, c38 = _channels(24 * width), _channels(32 * width)
        c19, c10 = _channels(96 * width), _channels(320 * width)
        self.to38 = nn.Sequential(
            _conv(3, stem, 3, 2),
            stage(stem, 16, 1, 1, first=1),
            # The widest maps of all: half the usual expansion, for a CPU's sake.
            stage(_channels(16 * width), 24, 2, 2, first=3),
            stage(c75, 32, 3, 2),
        )
        self.to19 = nn.Sequential(stage(c38, 64, 4, 2), stage(_channels(64 * width), 96, 3, 1))
        self.to10 = nn.Sequential(stage(c19, 160, 3, 2), stage(_channels(160 * width), 320, 1, 1))
        self.lateral38 = _conv(c38, neck, 1, relu=False)
        self.lateral19 = _conv(c19, neck, 1, relu=False)
        self.lateral10 = _conv(c10, neck, 1)
        self.down5 = nn.Sequential(_conv(neck, neck, 3, 2, groups=neck), _conv(neck, neck, 1))
        self.down3 = nn.Sequential(_conv(neck, neck, 3, 2, groups=neck), _conv(neck, neck, 1))
        self.towers = nn.ModuleList()
        self.box_heads = nn.ModuleList()
        self.class_heads = nn.ModuleList()
        for level in LEVELS:
            count = len(level.shapes)
            self.towers.append(
                nn.Sequential(
                    _conv(neck, neck, 3),
                    _conv(neck, neck, 3, groups=neck),
                    _conv(neck, neck, 1),
                )
            )
            self.box_heads.append(nn.Conv2d(neck, count * 4, 1))
            self.class_heads.append(nn.Conv2d(neck, count * classes, 1))
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        for box_head, class_head in zip(self.box_heads, self.class_heads, strict=True):
            for head in (box_head, class_head):
                assert isinstance(head, nn.Conv2d) and head.bias is not None
                nn.init.normal_(head.weight, std=0.01)
                nn.init.zeros_(head.bias)
            # Start every score at 1 %, so that the many empty priors do not swamp the loss.
            assert isinstance(class_head, nn.Conv2d) and class_head.bias is not None
            nn.init.constant_(class_head.bias, -math.log(99.0))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        return self.late(self.early(image))

    @property
    def early(self) -> nn.Sequential:
        """The layers on the two largest maps, to ``[N, C, 75, 75]``: half of all the work."""
        return nn.Sequential(*list(self.to38)[:EARLY_STAGES])

    def late(self, c75: Tensor) -> tuple[Tensor, Tensor]:
        """What ``forward`` returns, from what ``early`` gives."""
        c38 = self.to38[EARLY_STAGES:](c75)
        c19 = self.to19(c38)
        p10 = self.lateral10(self.to10(c19))
        p5 = self.down5(p10)
        p3 = self.down3(p5)
        p19 = functional.relu6(
            self.lateral19(c19) + functional.interpolate(p10, size=(19, 19), mode="nearest")
        )
        p38 = functional.relu6(
            self.lateral38(c38) + functional.interpolate(p19, size=(38, 38), mode="nearest")
        )
        offsets, logits = [], []
        for index, features in enumerate((p38, p19, p10, p5, p3)):
            shared = self.towers[index](features)
            box = self.box_heads[index](shared).permute(0, 2, 3, 1)
            score = self.class_heads[index](shared).permute(0, 2, 3, 1)
            offsets.append(box.reshape(c75.shape[0], -1, 4))
            logits.append(score.reshape(c75.shape[0], -1, self.classes))
        return torch.cat(offsets, 1), torch.cat(logits, 1)


def decode(offsets: Tensor, priors: Tensor) -> Tensor:
    """Boxes ``[..., P, 4]`` (x1, y1, x2, y2, fractions) from offsets and priors."""
    centre = (priors[..., :2] + priors[..., 2:]) / 2
    size = priors[..., 2:] - priors[..., :2]
    middle = centre + offsets[..., :2] * VARIANCES[0] * size
    half = size * torch.exp((offsets[..., 2:] * VARIANCES[2]).clamp(max=4.0)) / 2
    return torch.cat([middle - half, middle + half], -1)
