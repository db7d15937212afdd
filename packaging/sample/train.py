"""Train the sample detector on cached scenes, from scratch or from a checkpoint.

    python -m sample.train --cache DIR --run DIR --steps 2600

Everything random follows ``--seed`` and the step number, so a run that was stopped
continues with ``--resume`` as if it had not been.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.data import DataLoader, Dataset

from .model import INPUT_SIZE, LEVELS, PIXEL_MEAN, PIXEL_SCALE, SampleSsd, decode, prior_boxes
from .objects import CLASS_NAMES, F32, U8
from .scenes import SceneGenerator
from .scoring import Score, score

I64 = npt.NDArray[np.int64]
NEAREST_CANDIDATES = 12
"""Priors per level and object that may be responsible for it."""
REPORT_EVERY = 50


@dataclass
class Batch:
    """Images ``[B, 3, 300, 300]`` (uint8 BGR) and, per positive prior, what it should say."""

    images: Tensor
    where: Tensor
    """``[K, 2]`` image and prior of each positive."""
    labels: Tensor
    """``[K]`` class."""
    boxes: Tensor
    """``[K, 4]`` x1, y1, x2, y2 in fractions of the image."""


def _overlap(boxes: F32, priors: F32) -> F32:
    """IoU ``[G, P]`` of boxes ``[G, 4]`` with priors ``[P, 4]``."""
    low = np.maximum(boxes[:, None, :2], priors[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], priors[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    prior_area = (priors[:, 2:] - priors[:, :2]).prod(1)
    result: F32 = shared / (area[:, None] + prior_area[None] - shared)
    return result


class Assigner:
    """Chooses the priors responsible for each object, by ATSS.

    Of the priors nearest to the object's centre on every level, those overlapping more
    than is usual for this object are responsible; a fixed limit would leave thin
    objects with none.
    """

    def __init__(self) -> None:
        self._priors = prior_boxes()
        self._centres = (self._priors[:, :2] + self._priors[:, 2:]) / 2
        counts = [level.cells**2 * len(level.shapes) for level in LEVELS]
        self._edges = np.cumsum([0, *counts])

    def __call__(self, boxes: F32) -> tuple[I64, I64]:
        """For boxes ``[G, 4]``: positive priors ``[K]`` and the object of each ``[K]``."""
        if not len(boxes):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        distance = ((middle[:, None] - self._centres[None]) ** 2).sum(2)
        picked = []
        for start, stop in zip(self._edges[:-1], self._edges[1:], strict=True):
            part = distance[:, start:stop]
            nearest = np.argpartition(part, NEAREST_CANDIDATES, 1)[:, :NEAREST_CANDIDATES]
            picked.append(nearest + start)
        candidates = np.concatenate(picked, 1)
        owner = np.repeat(np.arange(len(boxes)), candidates.shape[1])
        flat = candidates.reshape(-1)
        overlap = np.empty(flat.shape, np.float32)
        for index, box in enumerate(boxes):
            mine = slice(index * candidates.shape[1], (index + 1) * candidates.shape[1])
            overlap[mine] = _overlap(box[None], self._priors[flat[mine]])[0]
        table = overlap.reshape(candidates.shape)
        limit = (table.mean(1) + table.std(1))[owner]
        centre = self._centres[flat]
        inside = ((centre > boxes[owner, :2]) & (centre < boxes[owner, 2:])).all(1)
        positive = (overlap >= limit) & inside
        positive[np.arange(len(boxes)) * candidates.shape[1] + table.argmax(1)] = True
        best: dict[int, tuple[float, int]] = {}
        for place in np.flatnonzero(positive):
            prior, value = int(flat[place]), float(overlap[place])
            if value > best.get(prior, (-1.0, 0))[0]:
                best[prior] = (value, int(owner[place]))
        priors = np.fromiter(best.keys(), np.int64, len(best))
        return priors, np.array([item[1] for item in best.values()], np.int64)


class TrainingBatches(Dataset[Batch]):
    """Batch ``i`` of the run: cached scenes, flipped, shifted, zoomed and tinted."""

    def __init__(self, cache: Path, batch: int, seed: int) -> None:
        self._seed, self._batch = seed, batch
        self._images: list[Any] = []
        self._boxes: list[F32] = []
        self._index: list[tuple[int, int]] = []
        self._starts: list[I64] = []
        for path in sorted(cache.glob("*-images.npy")):
            images = np.load(path, mmap_mode="r")
            boxes = np.load(path.with_name(path.name.replace("images", "boxes")))
            shard = len(self._images)
            self._images.append(images)
            self._boxes.append(boxes)
            self._starts.append(np.searchsorted(boxes[:, 0], np.arange(len(images) + 1)))
            self._index += [(shard, item) for item in range(len(images))]
        self._assign = Assigner()

    def scenes(self) -> int:
        return len(self._index)

    def __len__(self) -> int:
        return 1 << 30

    def __getitem__(self, step: int) -> Batch:
        per_epoch = len(self._index) // self._batch
        order = np.random.default_rng([self._seed, 1, step // per_epoch]).permutation(
            len(self._index)
        )
        first = step % per_epoch * self._batch
        rng = np.random.default_rng([self._seed, 2, step])
        images = np.empty((self._batch, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
        where, labels, targets = [], [], []
        for slot, position in enumerate(order[first : first + self._batch]):
            shard, item = self._index[position]
            start, stop = self._starts[shard][item : item + 2]
            rows = self._boxes[shard][start:stop]
            images[slot], classes, boxes = _augment(
                rng, self._images[shard][item], rows[:, 1], rows[:, 2:]
            )
            priors, owner = self._assign(boxes)
            where.append(np.stack([np.full(len(priors), slot, np.int64), priors], 1))
            labels.append(classes[owner])
            targets.append(boxes[owner])
        return Batch(
            torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))),
            torch.from_numpy(np.concatenate(where)),
            torch.from_numpy(np.concatenate(labels).astype(np.int64)),
            torch.from_numpy(np.concatenate(targets).astype(np.float32)),
        )


def _augment(rng: np.random.Generator, image: U8, classes: F32, boxes: F32) -> tuple[U8, F32, F32]:
    boxes = boxes.copy()
    matrix = np.array([[1, 0, 0], [0, 1, 0]], np.float64)
    if rng.random() < 0.5:
        matrix[0] = [-1, 0, INPUT_SIZE - 1]
        boxes[:, [0, 2]] = 1 - boxes[:, [2, 0]]
    if rng.random() < 0.6:
        zoom = np.exp(rng.uniform(np.log(0.75), np.log(1.4))) * np.exp(rng.normal(0, 0.06, 2))
        shift = rng.uniform(0, 1, 2) * (1 - zoom)
        for axis in range(2):
            matrix[axis] *= zoom[axis]
            matrix[axis, 2] += shift[axis] * INPUT_SIZE
        boxes = boxes * np.tile(zoom, 2) + np.tile(shift, 2)
    if not np.array_equal(matrix, np.eye(3)[:2]):
        border = tuple(float(value) for value in rng.uniform(40, 200, 3))
        image = np.asarray(
            cv2.warpAffine(image, matrix, (INPUT_SIZE, INPUT_SIZE), flags=cv2.INTER_LINEAR,
                           borderValue=border)
        )  # fmt: skip
    if rng.random() < 0.7:
        levels = np.arange(256, dtype=np.float32)[:, None]
        gain, bias = rng.uniform(0.85, 1.15) * rng.uniform(0.93, 1.07, 3), rng.uniform(-12, 12)
        table = np.clip(levels * gain + bias, 0, 255).astype(np.uint8)
        image = np.asarray(cv2.LUT(image, table.reshape(1, 256, 3)), np.uint8)
    clipped = boxes.clip(0, 1)
    before = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    after_size = clipped[:, 2:] - clipped[:, :2]
    keep = (after_size.prod(1) > 0.4 * before) & (after_size.min(1, initial=1.0) > 5 / INPUT_SIZE)
    return image, classes[keep], clipped[keep].astype(np.float32)


def overlap_pairs(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU ``[K]`` of boxes ``[K, 4]`` pair by pair."""
    shared = (
        (torch.minimum(first[:, 2:], second[:, 2:]) - torch.maximum(first[:, :2], second[:, :2]))
        .clamp(min=0)
        .prod(1)
    )
    area = (first[:, 2:] - first[:, :2]).prod(1) + (second[:, 2:] - second[:, :2]).prod(1)
    union = area - shared + 1e-9
    hull = (
        torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    ).prod(1) + 1e-9
    iou = shared / union
    return iou, iou - (hull - union) / hull


def loss_of(
    offsets: Tensor, logits: Tensor, priors: Tensor, batch: Batch, apart: float
) -> tuple[Tensor, Tensor]:
    """Class loss (quality focal) and box loss (generalised IoU), each per positive.

    The focal weight leaves a wrong class with a score of .3 next to nothing to unlearn;
    ``apart`` weighs a cross-entropy between the classes, which does, where an object is.
    """
    image, prior = batch.where[:, 0], batch.where[:, 1]
    boxes = decode(offsets[image, prior], priors[prior])
    iou, generalised = overlap_pairs(boxes, batch.boxes)
    # A score is meant to tell how well its box fits, so the box's own IoU is its target.
    target = torch.zeros_like(logits)
    target[image, prior, batch.labels] = iou.detach().clamp(min=0.05)
    gap = (target - logits.sigmoid()).abs()
    count = max(1, len(prior))
    class_loss = (
        functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * gap * gap
    ).sum() / count
    if apart and len(prior):
        between = functional.cross_entropy(logits[image, prior], batch.labels)
        class_loss = class_loss + apart * between
    return class_loss, (1 - generalised).sum() / count


def detect(offsets: F32, logits: F32, priors: F32, threshold: float, limit: float) -> F32:
    """Detections ``[K, 6]`` of one image: class, score, box; what DetectionOutput does."""
    boxes = decode(torch.from_numpy(offsets), torch.from_numpy(priors)).numpy()
    scores = 1 / (1 + np.exp(-logits))
    rows = []
    for label in range(logits.shape[1]):
        order = np.flatnonzero(scores[:, label] > threshold)
        order = order[np.argsort(-scores[order, label], kind="stable")][:200]
        while len(order):
            best, rest = order[0], order[1:]
            rows.append([label, scores[best, label], *boxes[best]])
            order = rest[_overlap(boxes[best][None], boxes[rest])[0] <= limit]
    table = np.asarray(rows, np.float32).reshape(-1, 6)
    return table[np.argsort(-table[:, 1], kind="stable")][:100]


class Validation:
    """A small set of scenes of another seed, to watch the training by."""

    def __init__(self, seed: int, count: int) -> None:
        generator = SceneGenerator(seed, views=16, per_class=4)
        series = [generator.scene(index) for index in range(count)]
        self._truth = [scene.annotations for scene in series]
        self._sizes = [(scene.image.shape[1], scene.image.shape[0]) for scene in series]
        small = [cv2.resize(scene.image, (INPUT_SIZE, INPUT_SIZE)) for scene in series]
        self._images = np.stack(small).transpose(0, 3, 1, 2)

    def score(self, net: SampleSsd) -> Score:
        net.eval()
        priors = prior_boxes()
        found = []
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(self._images), 32):
                offsets, logits = net(prepare(torch.from_numpy(self._images[start : start + 32])))
                for one, other in zip(offsets.float(), logits.float(), strict=True):
                    found.append(detect(one.numpy(), other.numpy(), priors, 0.02, 0.5))
        return score(self._truth, self._sizes, found)


def prepare(images: Tensor) -> Tensor:
    """Network input, -1..1, of images ``[B, 3, 300, 300]`` (uint8 BGR)."""
    scaled = (images.float() - PIXEL_MEAN) / PIXEL_SCALE
    return scaled.contiguous(memory_format=torch.channels_last)  # torch states it for tensors alone


def _rate(step: int, steps: int, peak: float) -> float:
    """Learning rate: a short climb, then a cosine down to a hundredth."""
    warm = min(150, steps // 10)
    if step < warm:
        return peak * (step + 1) / warm
    share = (step - warm) / max(1, steps - warm)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


class Run:
    """The network in training, its average, and what is needed to go on later."""

    def __init__(self, width: float, decay: float, apart: float = 0.0) -> None:
        self.width, self.apart = width, apart
        self.step = 0
        self.seconds = 0.0
        self.net = SampleSsd(len(CLASS_NAMES), width)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch states it for tensors alone
        self.average = copy.deepcopy(self.net)
        plain = [p for p in self.net.parameters() if p.ndim < 2]
        decayed = [p for p in self.net.parameters() if p.ndim >= 2]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": decay},
                {"params": plain, "weight_decay": 0.0},
            ]
        )
        self._priors = torch.from_numpy(prior_boxes())
        self._frozen: nn.Module | None = None

    def freeze(self) -> None:
        """Leave the early layers as they are from now on; a step then takes half the time."""
        self._frozen = _fused(self.net.early)

    def learn(self, batch: Batch, rate: float) -> tuple[float, float]:
        """One step down the gradient; returns the class loss and the box loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self.net.train()
        with torch.autocast("cpu", torch.bfloat16):
            images = prepare(batch.images)
            if self._frozen is None:
                offsets, logits = self.net(images)
            else:
                with torch.no_grad():
                    early = self._frozen(images)
                offsets, logits = self.net.late(early)
        class_loss, box_loss = loss_of(
            offsets.float(), logits.float(), self._priors, batch, self.apart
        )
        self._optimiser.zero_grad(set_to_none=True)
        (class_loss + 2.0 * box_loss).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self._optimiser.step()
        # Averaging over some 500 steps takes the noise of small batches out of the weights.
        _follow(self.average, self.net, min(0.998, (self.step + 1) / (self.step + 20)))
        self.step += 1
        return class_loss.item(), box_loss.item()

    def save(self, path: Path) -> None:
        state = {
            "net": self.net.state_dict(),
            "ema": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "width": self.width,
        }
        # Never leave half a checkpoint under the name that --resume reads.
        part = path.with_name(path.name + ".part")
        torch.save(state, part)
        part.rename(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["ema"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]


def _fused(layers: nn.Sequential) -> nn.Sequential:
    """A copy for inference, with each batch normalisation folded into its convolution."""
    layers = copy.deepcopy(layers).eval()
    for pair in layers.modules():
        if not isinstance(pair, nn.Sequential):
            continue
        conv, norm = pair[0], pair[1] if len(pair) > 1 else None
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            pair[0], pair[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return layers


@torch.no_grad()
def _follow(average: SampleSsd, net: SampleSsd, keep: float) -> None:
    """Move the averaged weights and statistics towards the trained ones."""
    for slow, fast in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if slow.dtype.is_floating_point:
            slow.mul_(keep).add_(fast, alpha=1 - keep)
        else:
            slow.copy_(fast)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True, help="checkpoint and log go here")
    parser.add_argument("--steps", type=int, default=2600)
    parser.add_argument("--first", type=int, default=0, help="step at which this plan begins")
    parser.add_argument("--until", type=int, help="stop after this step, to change the plan")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--apart", type=float, default=0.0, help="weight of telling classes apart")
    parser.add_argument("--width", type=float, default=0.75)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--validation-seed", type=int, default=2001)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--freeze", action="store_true", help="leave the early layers as they are")
    parser.add_argument("--pidfile", type=Path)
    return parser.parse_args()


def main() -> None:
    options = _options()
    if options.pidfile:
        options.pidfile.write_text(f"{os.getpid()}\n")
    options.run.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    run = Run(options.width, options.decay, options.apart)
    if options.resume:
        run.load(options.resume)
    if options.freeze:
        run.freeze()
    data = TrainingBatches(options.cache, options.batch, options.seed)
    until = options.until or options.steps
    steps = range(run.step, until)
    loader = DataLoader(data, batch_size=None, sampler=steps, num_workers=1, prefetch_factor=4)
    validation = Validation(options.validation_seed, 160)
    log = (options.run / "training.log").open("a")

    def note(line: str) -> None:
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    count = sum(p.numel() for p in run.net.parameters())
    # No paths: the log is kept with the model.
    settings = " ".join(f"{k}={v}" for k, v in vars(options).items() if not isinstance(v, Path))
    note(f"# start step={run.step} scenes={data.scenes()} parameters={count} {settings}")
    clock = time.monotonic()
    sums = np.zeros(2)
    for batch in loader:
        rate = _rate(run.step - options.first, options.steps - options.first, options.rate)
        sums += run.learn(batch, rate)
        if run.step % REPORT_EVERY == 0:
            now = time.monotonic()
            run.seconds, clock = run.seconds + now - clock, now
            class_loss, box_loss = sums / REPORT_EVERY
            note(
                f"step={run.step} class_loss={class_loss:.4f} box_loss={box_loss:.4f}"
                f" lr={rate:.6f} seconds={run.seconds:.0f}"
            )
            sums[:] = 0
        last = run.step == until
        if run.step % 400 == 0 or last:
            result = validation.score(run.average)
            note(f"validation step={run.step} ap={result.ap:.4f} ap50={result.ap50:.4f}")
        if run.step % 100 == 0 or last:
            run.save(options.run / "last.pt")


if __name__ == "__main__":
    main()
