"""What creating the comparison of predictions costs, against what it cannot do without.

    python tests/benchmarks/report_cost.py PARENT.xml OPTIMIZED.xml IMAGES [--rounds N]

The yardstick is the slower of two: decoding all images on all cores, and inference of both models
over them with OpenVINO's own AsyncInferQueue, the inputs prepared beforehand. The report is the
whole job without starting its process: reading the dataset, compiling, decoding, inference, reading
the boxes, matching, the interval, and writing the files. All three take turns; run it on an idle
machine. The models are stored ones, as `detection-workbench import` and `optimize` leave them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter

from openvino import AsyncInferQueue

from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.images.decode import read_image
from core.inference.compiling import compile_for
from core.inference.loading import load_images
from core.inference.settings import TRUE_F32
from core.jobs.context import JobContext
from core.models.stored import load_stored
from core.reports.predictions.kind import PredictionsJob
from tests.support.unwinding import unwind_when_ended


def main() -> None:
    """Print every round, then the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parent", type=Path)
    parser.add_argument("optimized", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    models = (options.parent, options.optimized)
    dataset = open_dataset(options.dataset)
    detector = load_stored(options.parent).card.detector
    everything = range(len(dataset.images))
    inputs = [image.tensors for image in load_images(dataset, everything, detector)]

    def decode() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda number: read_image(dataset.path(number)).shape, everything):
                pass

    def infer() -> None:
        for xml in models:
            queue = AsyncInferQueue(compile_for(xml, TRUE_F32, "THROUGHPUT"))
            for tensors in inputs:
                queue.start_async(tensors)
            queue.wait_all()

    def report() -> None:
        with tempfile.TemporaryDirectory() as folder:
            request = PredictionsJob(
                parent=options.parent,
                optimized=options.optimized,
                dataset=DatasetSource(path=options.dataset),
            )
            request.run(JobContext(Path(folder), lambda event: None, Event()))

    ways: dict[str, Callable[[], None]] = {"decode": decode, "infer": infer, "report": report}
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds):
        for name, way in ways.items():
            begun = perf_counter()
            way()
            seconds[name].append(perf_counter() - begun)
        said = ", ".join(f"{name} {values[-1]:.2f} s" for name, values in seconds.items())
        print(f"round {number + 1}: {said}", flush=True)
    ratios = [
        whole / max(decoding, inference)
        for decoding, inference, whole in zip(*seconds.values(), strict=True)
    ]
    print(f"{len(inputs)} images: {median(ratios):.2f} times the slower of the two (median)")


if __name__ == "__main__":
    unwind_when_ended()
    main()
