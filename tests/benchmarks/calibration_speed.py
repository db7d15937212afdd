"""Calibration against plain `nncf.quantize` on the same images, in pairs; weights compared.

    python tests/benchmarks/calibration_speed.py MODEL.xml IMAGES [--images N] [--pairs N]

Plain is what its documentation shows: a generator that decodes and preprocesses an image when NNCF
asks for it. Ours is what `optimize` does. Both start from the stored model, that
`detection-workbench import` leaves, and end with the quantized one; a new process for each, so that
neither warms up the other. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.images.decode import read_image
from core.models.inputs import model_inputs
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.quantizing import quantize
from core.optimize.rewriting import rewrite
from core.runtime import openvino_core
from tests.support.unwinding import unwind_when_ended

# NNCF's defaults on every processor: for one whose sums saturate ours leaves weights a bit less.
_PLAN = QuantizationPlan(seed=0, target="cpu_vnni")


def one(way: str, xml: Path, images: Path, count: int) -> dict[str, Any]:
    """Quantize once: seconds, of the processor too, and the hash of all constants."""
    import nncf

    dataset = open_dataset(images, role="calibration")
    detector = load_stored(xml).card.detector
    chosen = dataset.subset(count, 0)

    def decoded() -> Iterator[tuple[Any, ...]]:
        for index in chosen:
            tensors, _ = model_inputs(detector, read_image(dataset.path(int(index))))
            yield tuple(tensors)

    begun, used = perf_counter(), process_time()
    if way == "plain":
        model = nncf.quantize(
            openvino_core().read_model(xml), nncf.Dataset(decoded()), subset_size=len(chosen)
        )
    else:
        plan = replace(_PLAN, subset_size=len(chosen))
        model = quantize(xml, detector, dataset, plan, lambda *_: None).model
    seconds, busy = perf_counter() - begun, process_time() - used
    if way == "plain":  # what `quantize` does to the network afterwards
        rewrite(model, _PLAN.target)
    digest = hashlib.sha256()
    for op in model.get_ordered_ops():
        if op.get_type_name() == "Constant":
            digest.update(op.get_data().tobytes())
    return {"seconds": seconds, "processor": busy, "constants": digest.hexdigest()}


def main() -> None:
    """Alternate the two ways and print every pair, then the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a stored model, with its card beside it")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--way", choices=("plain", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        measured = one(options.way, options.model, options.dataset, options.images)
        print(json.dumps(measured), flush=True)
        return
    pairs = []
    for number in range(options.pairs):
        ways = ("plain", "ours") if number % 2 == 0 else ("ours", "plain")
        pair = {way: _in_a_process(way) for way in ways}
        pairs.append(pair)
        plain, ours = pair["plain"], pair["ours"]
        print(
            f"pair {number + 1}: plain {plain['seconds']:6.2f} s, ours {ours['seconds']:6.2f} s, "
            f"ratio {ours['seconds'] / plain['seconds']:.2f}; of the processor "
            f"{plain['processor']:6.2f} s and {ours['processor']:6.2f} s; constants "
            f"{'equal' if plain['constants'] == ours['constants'] else 'DIFFER'}",
            flush=True,
        )
    ratios = sorted(pair["ours"]["seconds"] / pair["plain"]["seconds"] for pair in pairs)
    print(f"median ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def _in_a_process(way: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *sys.argv[1:], "--way", way]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


if __name__ == "__main__":
    unwind_when_ended()
    main()
