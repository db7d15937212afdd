"""A package's model with its preprocessing inside: always, or where that is faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.metrics.speed.figures import Interval
from core.models.stored import StoredModel, store_model
from core.progress import Step
from core.values import Value

if TYPE_CHECKING:
    from core.inference.settings import PrecisionHint

Where = Literal["as_it_is", "inside", "if_faster"]
SECONDS = 16.0  # of measuring both in turns
_OUTSIDE, _INSIDE = "outside", "inside"


class Placed(Value):
    """Where a package has its preprocessing.

    Attributes:
        inside: whether conversion, colours, mean and scale were put into the network.
        gain: images a second from the encoded image to boxes, as a multiple of those with the
            preprocessing outside, one after the other; None where it was not measured.
    """

    inside: bool = False
    gain: Interval | None = None


def placed(
    stored: StoredModel,
    where: Where,
    images: Sequence[Path],
    hint: PrecisionHint,
    folder: Path,
    step: Step,
) -> tuple[StoredModel, Placed]:
    """The model to be packaged, and where its preprocessing is; a changed one lies in `folder`.

    With ``if_faster``, both run in turns on `images` with the precision `hint`: inside only where
    the whole interval of the ratio is above 1.
    """
    from core.models.preprocessing_inside import can_be_inside, with_preprocessing_inside
    from core.runtime import openvino_core

    card = stored.card
    if where == "as_it_is" or not can_be_inside(card.detector.preprocessing):
        return stored, Placed()
    step("Putting the preprocessing into the network", 0, None)
    model, detector = with_preprocessing_inside(
        openvino_core().read_model(stored.xml), card.detector
    )
    folder.mkdir(parents=True)
    changed = store_model(
        model,
        folder / stored.xml.name,
        name=card.name,
        source=card.source,
        framework="openvino",
        detector=detector,
        plan=card.plan,
    )
    if where == "inside":
        return changed, Placed(inside=True)
    gain = _gain(stored, changed, images, hint, step)
    faster = gain is not None and gain.low > 1
    return (changed if faster else stored), Placed(inside=faster, gain=gain)


def _gain(
    outside: StoredModel,
    inside: StoredModel,
    images: Sequence[Path],
    hint: PrecisionHint,
    step: Step,
) -> Interval | None:
    from core.benchmark.measuring import benchmark
    from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode

    settings = BenchmarkSettings(
        precision_hints=(hint,),
        modes=(RunMode(hint="latency", start="memory"),),
        seconds=SECONDS,
        input="dataset",
    )
    models = [
        BenchmarkedModel(name=_OUTSIDE, xml=outside.xml),
        BenchmarkedModel(name=_INSIDE, xml=inside.xml),
    ]
    result, _ = benchmark(models, settings, step, images=images)
    ratio = result.ratio(_INSIDE, hint, _OUTSIDE, hint)
    return None if ratio is None else ratio.throughput
