"""From an image file to boxes: do the parts add up to the whole, and does the deployment package
take as long as the figure says?

Run: ``python -m tests.benchmarks.to_boxes [MODEL IMAGES]``, on an idle machine; without a model on
the sample. Both measure in turns in one process, one image after the other, at the same precision
and hint: `core.benchmark.to_boxes`, and the package's ``Detector`` on what ``cv2.imread`` gives.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
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
    hint = {"PERFORMANCE_HINT": "LATENCY"}
    compiled = openvino_core().compile_model(str(stored.xml), "CPU", hint)
    mode = RunMode(hint="latency", start="file")
    ours = ToBoxes(compiled, 1, stored.card.detector, images, mode)
    sys.path.insert(0, str(package))
    detector = import_module("detector").Detector()
    ours_fps, theirs_fps, sums = [], [], []
    for _ in range(ROUNDS):
        turn, parts = ours.turn(TakeTurn(seconds=TURN_SECONDS))
        ours_fps.append(turn.fps)
        sums.append(parts.whole * turn.fps / 1000)
        theirs_fps.append(_package_fps(detector, images))
    found = ratio_interval(ours_fps, theirs_fps)
    print(f"ours {median(ours_fps):.1f}, the package's detector {median(theirs_fps):.1f} FPS")
    print(f"ratio {found.value:.3f} ({found.low:.3f} to {found.high:.3f}), wanted .95 to 1.05")
    print(f"parts over whole {min(sums):.4f} to {max(sums):.4f}, wanted .97 to 1.03")


def _package_fps(detector: Callable[[Any], object], images: list[Path]) -> float:
    begun, done = perf_counter(), 0
    while perf_counter() - begun < TURN_SECONDS:
        detector(cv2.imread(str(images[done % len(images)])))
        done += 1
    return done / (perf_counter() - begun)


if __name__ == "__main__":
    main()
