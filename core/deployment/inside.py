"""What a package's model does inside its network: always, or where that is faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.metrics.speed.figures import Interval
from core.models.detector import Detector
from core.models.nms_inside import can_have_nms_inside, with_nms_inside
from core.models.preprocessing_inside import can_be_inside, with_preprocessing_inside
from core.models.stored import StoredModel, read_network, store_model
from core.progress import Step
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

    from core.inference.settings import PrecisionHint

Where = Literal["outside", "inside", "if_faster"]
SECONDS = 16.0  # of measuring both in turns
_OUTSIDE, _INSIDE = "outside", "inside"


class Placed(Value):
    """Where a package does one thing.

    Attributes:
        inside: whether it was put into the network.
        gain: images a second from the encoded image to boxes, as a multiple of those with it
            outside, one after the other; None where it was not measured.
    """

    inside: bool = False
    gain: Interval | None = None


@dataclass(frozen=True)
class Movable:
    """What can be put into a network.

    Attributes:
        name: of the folder that the changed model lies in.
        stage: what is shown meanwhile.
        possible: whether anything is left to be put into it, and can be.
        change: puts it into a network that is used so; how it is then used.
    """

    name: str
    stage: str
    possible: Callable[[Detector], bool]
    change: Callable[[ov.Model, Detector], tuple[ov.Model, Detector]]


PREPROCESSING = Movable(
    "preprocessing",
    "Putting the preprocessing into the network",
    lambda detector: can_be_inside(detector.preprocessing),
    with_preprocessing_inside,
)
NMS = Movable("nms", "Putting NMS into the network", can_have_nms_inside, with_nms_inside)


def placed(
    stored: StoredModel,
    movable: Movable,
    where: Where,
    images: Sequence[Path],
    hint: PrecisionHint,
    folder: Path,
    step: Step,
) -> tuple[StoredModel, Placed]:
    """The model to be packaged, and where it does that; a changed one lies in `folder`.

    With ``if_faster``, both run in turns on `images` with the precision `hint`: inside only where
    the whole interval of the ratio is above 1.
    """

    card = stored.card
    if where == "outside" or not movable.possible(card.detector):
        return stored, Placed()
    step(movable.stage, 0, None)
    model, detector = movable.change(read_network(stored.xml), card.detector)
    made = folder / movable.name
    made.mkdir(parents=True)
    changed = store_model(
        model,
        made / stored.xml.name,
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
