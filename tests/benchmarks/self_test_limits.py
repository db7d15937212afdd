"""How far detections move where no device is faulty: what a self-test's limits come from.

    python -m tests.benchmarks.self_test_limits make DIR
    python -m tests.benchmarks.self_test_limits detect DIR native
    ONEDNN_MAX_CPU_ISA=AVX2 python -m tests.benchmarks.self_test_limits detect DIR AVX2
    (the same of AVX512_CORE, AVX512_CORE_VNNI and AVX512_CORE_BF16)
    python -m tests.benchmarks.self_test_limits show DIR

Float detectors of the field, as they are and with FP16 weights, and their INT8 versions (NNCF's
defaults, and without elementwise operations) detect in every third photo of val2017 in each
precision and with each kind of sums, on this processor and on lesser ones that it can be. Shown is
what differs between two runs, and of INT8 how often the self-test's limits, set by the runs of a
package's maker, cry wolf at other runs or let an image with turned scores pass.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.datasets.open import open_dataset
from core.deployment.comparing import Seen, allowed_int8, difference
from core.detection.detections import Detections, DetectionTable
from core.errors import WorkbenchError
from core.inference.predicting import predict
from core.inference.settings import TRUE_F32, InferenceSettings
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored, store_model
from core.optimize.quantizing import quantize
from core.runtime import openvino_core
from tests.benchmarks.search_field_models import FIELD, PHOTOS, imported
from tests.benchmarks.verdict_pairs import MODELS

FLOAT, INT8 = ("float", "fp16"), ("int8", "int8-elementwise")
PLANS = {
    "int8": QuantizationPlan(subset_size=64, target="cpu_vnni"),
    "int8-elementwise": QuantizationPlan(
        subset_size=64, target="cpu_vnni", ignored_parts=("elementwise",)
    ),
}
WAYS = {
    "f32": TRUE_F32,
    "bf16": InferenceSettings(precision_hint="bf16"),
    "f16": InferenceSettings(precision_hint="f16"),
    "exact": InferenceSettings(precision_hint="f32", int8="exact"),
}
PAIRS = {
    "same f32": (FLOAT, "native.f32", "AVX2.f32"),
    "same bf16": (FLOAT, "native.bf16", "AVX512_CORE_BF16.bf16"),
    "f16 and f32": (FLOAT, "native.f16", "native.f32"),
    "bf16 and f32": (FLOAT, "native.bf16", "native.f32"),
    "same f32, exact": (INT8, "native.f32", "AVX512_CORE_VNNI.f32"),
    "same bf16, exact": (INT8, "native.bf16", "AVX512_CORE_BF16.bf16"),
    "same f32, saturating": (INT8, "AVX512_CORE.f32", "AVX2.f32"),
    "f16 and f32, exact": (INT8, "native.f16", "native.f32"),
    "bf16 and f32, exact": (INT8, "native.bf16", "native.f32"),
    "saturating and exact": (INT8, "AVX512_CORE.f32", "native.f32"),
}
# What the maker has, and what is then compared: here, and stored.
MAKERS = (
    (("f32", "bf16", "f16", "exact"), "AVX512_CORE_VNNI.f32", "native.f32"),
    (("f32", "bf16", "f16", "exact"), "AVX512_CORE_BF16.bf16", "native.bf16"),
    (("f32", "bf16", "f16", "exact"), "AVX2.f32", "AVX512_CORE.f32"),
    (("f32", "bf16", "exact"), "native.f16", "native.f32"),
    (("f32", "exact"), "native.bf16", "AVX512_CORE_VNNI.f32"),
)
_DRAWS, _IMAGES = 20, 20

Shares = NDArray[np.float64]


def make(folder: Path) -> None:
    """The models, each with the card that says how it is used."""
    import openvino as ov

    names = {**MODELS, "face-detection-0205": FIELD / "models" / "face-detection-0205"}
    for name in names:
        home = folder / name
        xml = imported(name, home / "float")
        detector = load_stored(xml).card.detector
        half = home / "half.xml"
        ov.save_model(openvino_core().read_model(xml), half, compress_to_fp16=True)
        made = {"fp16": openvino_core().read_model(half)}
        photos = open_dataset(PHOTOS / "images" / "train2017")
        for plan_name, plan in PLANS.items():
            made[plan_name] = quantize(xml, detector, photos, plan, lambda *_: None).model
        for kind, model in made.items():
            (home / kind).mkdir()
            to = home / kind / "model.xml"
            store_model(model, to, name=kind, source=xml, framework="openvino", detector=detector)
        print(name)


def detect(folder: Path, label: str) -> None:
    """In each way, as far as this process can."""
    photos = open_dataset(PHOTOS / "images" / "val2017")
    photos = replace(photos, images=tuple(photos.images[::3]))
    for kind in sorted(folder.glob("*/*/")):
        (xml,) = kind.glob("*.xml")
        for way, settings in WAYS.items():
            table = kind.parent / f"{kind.name}.{label}.{way}.npz"
            try:
                found = predict(xml, load_stored(xml).card.detector, photos, settings)
            except (RuntimeError, WorkbenchError) as error:
                print(f"{table.stem}: {str(error).splitlines()[-1]}")
                continue
            if way in ("f32", "exact", found.executed.float_precision):
                found.table.save(table)


def show(folder: Path) -> None:
    """What differs, and what INT8's limits do."""
    for title, (kinds, first, second) in PAIRS.items():
        each = [
            found
            for home, kind in _of(folder, kinds)
            if len(found := _between(home, kind, first, second))
        ]
        if each:
            most, mean = max(one.max() for one in each), max(one.mean() for one in each)
            print(f"{title}: {len(each)} models; of an image {most:.3f}, on average {mean:.3f}")
    random = np.random.default_rng(0)
    tests, wolves, caught = 0, 0, []
    for home, kind in _of(folder, INT8):
        for ways, here, stored in MAKERS:
            now, then = (_table(home, kind, one) for one in (here, stored))
            own = [
                _between(home, kind, *(f"native.{one}" for one in two))
                for two in combinations(ways, 2)
            ]
            if now is None or then is None:
                continue
            apart, turned = _apart(then, now), _apart(then, now, turned=True)
            for _ in range(_DRAWS):
                some = random.choice(len(then), _IMAGES, replace=False)
                limits = allowed_int8([one[some].tolist() for one in own if len(one)], _IMAGES)
                most = np.array(limits.images)
                tests += 1
                wolves += bool((apart[some] > most).any() or apart[some].mean() > limits.mean)
                caught.append(float((turned[some] > most).mean()))
    if tests:
        print(
            f"INT8: {wolves} of {tests} tests cry wolf; {np.mean(caught):.1%} of images with "
            f"turned scores are caught, {min(caught):.0%} in the worst test"
        )


def _of(folder: Path, kinds: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    return ((home, kind) for home in sorted(folder.iterdir()) for kind in kinds)


def _table(home: Path, kind: str, run: str) -> DetectionTable | None:
    path = home / f"{kind}.{run}.npz"
    return DetectionTable.load(path) if path.is_file() else None


def _between(home: Path, kind: str, first: str, second: str) -> Shares:
    """Float64 ``[I]``: what differs in each image; empty where one did not run."""
    both = [_table(home, kind, one) for one in (first, second)]
    return np.zeros(0) if both[0] is None or both[1] is None else _apart(both[0], both[1])


def _apart(then: DetectionTable, now: DetectionTable, *, turned: bool = False) -> Shares:
    return np.array(
        [difference(_seen(then[one]), _seen(now[one], turned)) for one in range(len(then))]
    )


def _seen(found: Detections, turned: bool = False) -> Seen:
    return Seen(found.boxes, 1 - found.scores if turned else found.scores, found.class_ids)


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("make", "detect", "show"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("label", nargs="?", default="native")
    options = parser.parse_args()
    if options.step == "make":
        make(options.folder)
    elif options.step == "detect":
        detect(options.folder, options.label)
    else:
        show(options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
