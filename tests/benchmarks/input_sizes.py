"""Other input sizes of a detector: mAP, what the estimate says, and speed by ratio in turns.

    python -m tests.benchmarks.input_sizes MODEL DATASET [--seconds S] [--larger]

For each size that the network allows: COCO AP and AP of small objects by the annotations of the
dataset, each as a share of the parent's, beside the estimates that a search goes by; and the
throughput as a multiple of the parent's at its own size, both in true f32.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from core.benchmark.measuring import benchmark
from core.benchmark.settings import THROUGHPUT, BenchmarkedModel, BenchmarkSettings
from core.datasets.class_mapping import map_classes
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.detection.detections import DetectionTable
from core.inference.predicting import predict
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.metrics.accuracy.coco_statistics import coco_statistics
from core.metrics.accuracy.kept_small import small_kept
from core.metrics.accuracy.truth import GroundTruth, ground_truth_for
from core.models.importing import Evidence, import_model
from core.models.input_size import InputSize
from core.models.resizing import resized
from core.models.stored import StoredModel, store_model
from core.runtime import openvino_core
from core.search.possible_sizes import possible_sizes
from core.search.settings import InputSizes
from tests.support.unwinding import unwind_when_ended


def main() -> None:
    """Print a row for each size."""
    options = _options()
    dataset = open_dataset(options.dataset)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "own").mkdir()
        evidence = Evidence(images=[dataset.path(n) for n in range(8)])
        parent = import_model(options.model, folder / "own", evidence=evidence)
        wanted: InputSizes = "smaller_and_larger" if options.larger else "smaller"
        models = {"own": parent}
        for size in possible_sizes(parent, wanted):
            models[str(size)] = _at(parent, size, folder / str(size))
        ratios = _speeds(models, options.seconds)
        found = {
            name: predict(one.xml, one.card.detector, dataset).table for name, one in models.items()
        }
    truth = _truth(found["own"], dataset, parent)
    own = {} if truth is None else coco_statistics(truth, found["own"]).values
    print("size  AP  share  small share | kept (estimate)  of small | times own")
    for name, table in found.items():
        shown = ["-", "-", "-"]
        if truth is not None:
            ap = coco_statistics(truth, table).values
            small = _share(ap["APs"], own["APs"])
            shown = [f"{ap['AP']:.3f}", _share(ap["AP"], own["AP"]), small]
        small_now = small_kept(found["own"], table)
        shown += [
            f"| {accuracy_kept(found['own'], table):.3f}",
            "-" if small_now is None else f"{small_now:.3f}",
            f"| {ratios.get(name, 1.0):.2f}",
        ]
        print(name, *shown, sep="  ")


def _at(parent: StoredModel, size: InputSize, folder: Path) -> StoredModel:
    folder.mkdir()
    model = openvino_core().read_model(parent.xml)
    detector = resized(model, parent.card.detector, size, parent.card.name)
    return store_model(
        model, folder / "model.xml", name=folder.name, source=parent.xml, framework="openvino",
        detector=detector,
    )  # fmt: skip


def _speeds(models: dict[str, StoredModel], seconds: float) -> dict[str, float]:
    settings = BenchmarkSettings(
        precision_hints=("f32",), modes=(THROUGHPUT,), seconds=seconds, narrow=0
    )
    measured = [BenchmarkedModel(name=name, xml=one.xml) for name, one in models.items()]
    result, _ = benchmark(measured, settings, lambda *_: None)
    ratios = {}
    for name in models:
        found = result.ratio(name, "f32", "own", "f32")
        if found is not None:
            ratios[name] = found.throughput.value
    return ratios


def _truth(found: DetectionTable, dataset: Dataset, parent: StoredModel) -> GroundTruth | None:
    if not dataset.annotated:
        return None
    annotations = read_annotations(dataset, lambda done: None)
    mapping = map_classes(annotations.class_names, parent.card.detector.class_names)
    ids = mapping.model_ids(annotations.class_names)
    truth = ground_truth_for(found, annotations, ids)
    return truth if len(truth.table.scores) else None


def _share(value: float | None, own: float | None) -> str:
    return "-" if not own or value is None else f"{value / own:.3f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--larger", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    unwind_when_ended()
    main()
