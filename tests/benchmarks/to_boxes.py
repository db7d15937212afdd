"""From an image file to boxes: do the parts add up to the whole, and does the deployment package
take as long as the figure says?

Run: ``python -m tests.benchmarks.to_boxes [MODEL IMAGES]``, on an idle machine; without a model on
the sample. Both measure in turns in one process, at the same precision and hint: one image after
the other, `core.benchmark.to_boxes` and the package's ``Detector`` on what ``cv2.imread`` gives;
with several on their way, the same and the package's ``Detector.stream``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import cv2

from core.benchmark.conversation import TakeTurn
from core.benchmark.settings import RunMode
from core.benchmark.to_boxes import ToBoxes
from core.datasets.open import open_dataset
from core.deployment.package import write_package
from core.importing.service import plan_import
from core.metrics.speed.statistics import ratio_interval
from core.models.stored import StoredModel, load_stored
from core.runtime import openvino_core
from core.sample import sample
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.jobs import run
from tests.support.unwinding import unwind_when_ended

ROUNDS, IMAGES, TURN_SECONDS = 30, 16, 0.5


def main() -> None:
    """Print both figures, their ratio, and the parts."""
    given = [Path(text) for text in sys.argv[1:]]
    model, place = given or (sample().model, sample().validation)
    dataset = open_dataset(place)
    images = [dataset.path(number) for number in range(min(IMAGES, len(dataset.images)))]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        run(workspace, plan_import(workspace, model, place)).end.outcome.require()
        (project,) = workspace.projects()
        stored = load_stored(model_of(project))
        package = Path(folder) / "package"
        package.mkdir()
        write_package(stored, (), (), package)
        _compare(stored, images, package)


def _compare(stored: StoredModel, images: list[Path], package: Path) -> None:
    sys.path.insert(0, str(package))
    module = import_module("detector")
    for hint in ("LATENCY", "THROUGHPUT"):
        alone = hint == "LATENCY"
        config = {"PERFORMANCE_HINT": hint}
        compiled = openvino_core().compile_model(str(stored.xml), "CPU", config)
        theirs = module.Detector(requests=1 if alone else None)
        mode = RunMode(hint="latency" if alone else "throughput", start="file")
        ours = ToBoxes(compiled, theirs.requests, stored.card.detector, images, mode)
        ours_fps, theirs_fps, sums = [], [], []
        for _ in range(ROUNDS):
            turn, parts = ours.turn(TakeTurn(seconds=TURN_SECONDS))
            ours_fps.append(turn.fps)
            sums.append(parts.whole * turn.fps / 1000)
            measured = _package_fps if alone else _stream_fps
            theirs_fps.append(measured(theirs, images))
        found = ratio_interval(ours_fps, theirs_fps)
        print(f"{theirs.requests} at a time: ours {median(ours_fps):.1f} FPS, ", end="")
        print(
            f"the package's detector {median(theirs_fps):.1f} FPS, ratio {found.value:.3f} ", end=""
        )
        print(f"({found.low:.3f} to {found.high:.3f}), wanted .95 to 1.05")
        if alone:
            print(f"parts over whole {min(sums):.4f} to {max(sums):.4f}, wanted .97 to 1.03")


def _package_fps(detector: Callable[[Any], object], images: list[Path]) -> float:
    begun, done = perf_counter(), 0
    while perf_counter() - begun < TURN_SECONDS:
        detector(cv2.imread(str(images[done % len(images)])))
        done += 1
    return done / (perf_counter() - begun)


def _stream_fps(detector: Any, images: list[Path]) -> float:
    """Counted from one image to another, with the pipeline full at both."""
    stream = detector.stream(cycle(images))
    for _ in range(4 * detector.requests):
        next(stream)
    begun, done = perf_counter(), 0
    while perf_counter() - begun < TURN_SECONDS:
        next(stream)
        done += 1
    seconds = perf_counter() - begun
    stream.close()
    return done / seconds


if __name__ == "__main__":
    unwind_when_ended()
    main()
