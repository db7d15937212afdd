"""A million images from shards: the figures of a report on predictions, with a ground truth.

Run: ``python -m tests.benchmarks.million_images [--images N] [--folder DIR]``. A seeded generator
stores shards: 20 detections an image of both models and 10 objects. A process of its own then reads
them and computes summary, worst images, the agreement's interval, both models' COCO AP, and the
accuracy kept by it and by the estimate without objects; once more, which takes what the first
stored; and the summary at a moved threshold, by a sample and exactly. The last line is JSON:
``first_seconds``, ``again_seconds``, ``threshold_seconds`` (until a summary is shown),
``threshold_exact_seconds``, ``peak_memory_bytes`` of that process, ``memory_curve``: its memory in
MB at so many seconds from its start, `POINTS` points at most, and ``ap_difference``: the most by
which a model's AP on the first `CHECKED` images differs from pycocotools'. ``--folder`` keeps the
shards, and takes those that exist.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.metrics.accuracy.kept import measured_kept_by_parts
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.by_parts import compare_by_parts
from core.metrics.matching.thresholds import Thresholds
from core.predict.figures import FigureStore
from core.predict.found import Found, side_by_side
from core.predict.parts import Part
from core.predict.shards import Shard, read_shard, write_shard
from core.predict.store import DetectionCache
from core.remarks.sentences import sentence
from core.reports.predictions.figures_of import Figures, estimated
from tests.benchmarks.accuracy_speed import CLASSES, DETECTIONS, made
from tests.support.coco import class_ap
from tests.support.runs import IN_F32, IN_INT8
from tests.support.unwinding import unwind_when_ended

OF_A_PART = 512
FIGURES = "figures"
LOOK_SECONDS = 0.25
POINTS = 60
CHECKED = 20 * OF_A_PART  # some ten thousand
NAMES = tuple(f"class {number}" for number in range(CLASSES))
RUNS = {"parent": IN_F32, "optimized": IN_INT8}


def parts(images: int) -> list[Part]:
    """Parts of one size."""
    firsts = range(0, images, OF_A_PART)
    return [Part(range(one, min(one + OF_A_PART, images)), "") for one in firsts]


def dataset(images: int, folder: Path) -> Dataset:
    """Whose images are not there: only their names are needed."""
    names = tuple(f"{number:09d}.jpg" for number in range(images))
    return Dataset(name="made", root=folder, kind="folder", images=names)


def place(folder: Path, role: str, number: int) -> Path:
    return folder / f"{role}-{number}.npz"


def store(images: int, folder: Path) -> None:
    """Both models' shards and the truth of each part; what is there is left."""
    for number, part in enumerate(parts(images)):
        if place(folder, "truth", number).exists():
            continue
        tables = made(len(part.images), seed=number)
        for table, (role, executed) in zip(tables, RUNS.items(), strict=True):
            path = place(folder, role, number)
            write_shard(path, path.stem, part, table, list(part.images), executed, ())
        objects(tables[0]).save(place(folder, "truth", number))


def objects(table: DetectionTable) -> DetectionTable:
    """Every second detection."""
    kept = np.arange(len(table.scores)) % 2 == 0
    return replace(
        table,
        offsets=np.append(0, np.cumsum(kept))[table.offsets].astype(np.int64),
        boxes=table.boxes[kept],
        scores=np.ones(int(kept.sum()), np.float32),
        class_ids=table.class_ids[kept],
    )


def found(images: int, folder: Path, role: str) -> Found:
    """What lies in the folder, each shard looked at as a whole."""

    def shards() -> Iterator[Shard]:
        for number, part in enumerate(parts(images)):
            path = place(folder, role, number)
            yield read_shard(path, path.stem, part, NAMES)

    return Found(dataset(images, folder), tuple(shards()), RUNS[role], NAMES, NAMES)


def truth_of(images: int, folder: Path) -> GroundTruth:
    """Of all images: a report has read it from the dataset's annotations."""
    numbers = range(len(parts(images)))
    tables = [DetectionTable.load(place(folder, "truth", number)) for number in numbers]
    table = DetectionTable.joined(tables, NAMES)
    del tables
    names = dataset(images, folder).images
    table = replace(table, image_names=names)
    none = replace(
        table,
        offsets=np.zeros(images + 1, np.int64),
        boxes=table.boxes[:0],
        scores=table.scores[:0],
        class_ids=table.class_ids[:0],
    )
    sides = (table.boxes[:, 2:] - table.boxes[:, :2]).astype(np.float64)
    return GroundTruth(table, sides.prod(axis=1), none, np.zeros(0), np.ones(CLASSES, bool))


def compute(images: int, folder: Path) -> tuple[Found, Found]:
    """Everything, said line by line."""
    clock = time.perf_counter()

    def say(what: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        print(f"  {what}: {now - clock:.1f} s, peak memory {peak() / 2**20:.0f} MB", flush=True)
        clock = now

    figures = figures_in(folder)
    parent, optimized = (found(images, folder, role) for role in RUNS)
    say("shards read and checked")
    compared = figures.compared(parent, optimized, Thresholds())
    summary = compared.summary
    say(f"compared: {summary.changed:.4f} changed, {summary.worst_images}, {compared.interval}")
    truth = truth_of(images, folder)
    say(f"{len(truth.table.scores):,} objects read")
    kept = figures.kept(truth, parent, optimized)
    if kept is None:
        raise SystemExit("Nothing was measured.")
    say(f"COCO AP {kept.parent_ap:.6f} and {kept.optimized_ap:.6f}, {kept.share}")
    del truth
    estimate = figures.kept(None, parent, optimized)
    say(f"without the objects: {estimate and estimate.share}")
    return parent, optimized


def figures_in(folder: Path) -> Figures:
    """What computes figures, or takes those that it stored in this folder."""
    context = JobContext(folder, lambda message: None, threading.Event())
    return Figures(FigureStore(DetectionCache(folder / FIGURES), context))


def measure(images: int, folder: Path, answer: Connection) -> None:
    """All in this process, whose memory is measured."""
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        both = compute(images, folder)
        seconds.append(time.perf_counter() - start)
    figures, moved = figures_in(folder), Thresholds(score=0.4)
    start = time.perf_counter()
    estimate = figures.estimated(*both, moved)
    threshold = time.perf_counter() - start
    if estimate is not None:
        print(f"a moved threshold: {sentence(estimated(estimate))} {threshold:.1f} s", flush=True)
    start = time.perf_counter()
    names = both[0].dataset.images
    exact = compare_by_parts(side_by_side(*both), names, CLASSES, moved).summary
    exactly = time.perf_counter() - start
    print(f"exact: {exact.changed:.4f} changed, agreement {exact.agreement:.4f}: {exactly:.1f} s")
    if estimate is None:
        threshold = exactly
    answer.send(
        {
            "images": images,
            "processor": this_processor().name,
            "first_seconds": round(seconds[0], 2),
            "again_seconds": round(seconds[1], 2),
            "threshold_seconds": round(threshold, 2),
            "threshold_exact_seconds": round(exactly, 2),
            "peak_memory_bytes": peak(),
        }
    )


def difference(images: int, folder: Path) -> float:
    """Of both models' AP, by parts as a report computes it, and pycocotools' in one go."""
    images = min(images, CHECKED)
    truth = truth_of(images, folder)
    parent, optimized = (found(images, folder, role) for role in RUNS)
    kept = measured_kept_by_parts(truth, side_by_side(parent, optimized))
    if kept is None:
        raise SystemExit("Nothing was measured.")
    differences = []
    for one, ap in ((parent, kept.parent_ap or 0.0), (optimized, kept.optimized_ap or 0.0)):
        by_class = class_ap(truth.table, one.table, 0.0, DETECTIONS)
        differences.append(abs(ap - float(by_class[by_class > -1].mean())))
    return max(differences)


def memory_until(answer: Connection, process: psutil.Process) -> list[tuple[float, int]]:
    """Seconds and resident memory in MB of the process, looked at until it answers or ends."""
    curve = []
    begun = time.perf_counter()
    while not answer.poll(LOOK_SECONDS):
        with suppress(psutil.Error):
            memory = process.memory_info().rss // 2**20
            curve.append((round(time.perf_counter() - begun, 1), memory))
    return curve


def thinned(curve: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Of each of equal pieces of the curve its highest point."""
    size = -(-len(curve) // POINTS) or 1
    pieces = (curve[first : first + size] for first in range(0, len(curve), size))
    return [max(piece, key=lambda point: point[1]) for piece in pieces]


def peak() -> int:
    """The most memory that this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Make what is missing, measure, and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        shutil.rmtree(folder / FIGURES, ignore_errors=True)  # the first run computes them
        store(options.images, folder)
        size = sum(one.stat().st_size for one in folder.iterdir())
        rows = options.images * DETECTIONS
        print(
            f"{rows:,} detections of each model stored: {time.perf_counter() - start:.1f} s, ",
            end="",
        )
        print(f"{size / 2**20:.0f} MB", flush=True)
        here, there = spawn.Pipe(duplex=False)
        child = spawn.Process(target=measure, args=(options.images, folder, there))
        child.start()
        there.close()
        assert child.pid is not None
        curve = memory_until(here, psutil.Process(child.pid))
        try:
            line = here.recv()
        except EOFError:
            sys.exit("The measuring process died.")
        child.join()
        line |= {
            "memory_curve": thinned(curve),
            "ap_difference": difference(options.images, folder),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    unwind_when_ended()
    main()
