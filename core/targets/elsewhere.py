"""In which ways a model is judged beside the one in which it ran: those of its target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.inference.bfloat16 import computes_bf16
from core.inference.executed import default_precision
from core.inference.limited import LimitedDetector, asked_for, computable
from core.inference.settings import DEFAULT_DEVICE, Executed, InferenceSettings
from core.metrics.accuracy.verdict import NotJudged
from core.models.plan import Target
from core.targets.target import Way, machine_target, ways

_DEVICES: dict[Target, NotJudged] = {"gpu": "gpu", "npu": "npu"}


@dataclass(frozen=True)
class Elsewhere:
    """How a target computes, seen from a run.

    Attributes:
        ways: in which this machine can compute, and the model did not run yet.
        not_judged: what the target may be, and cannot be tried here.
        counts: whether the target may compute as the model ran.
    """

    ways: tuple[Way, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    counts: bool = True

    @property
    def judged_by_run(self) -> bool:
        """Whether the run itself decides: it counts, or there is nothing else."""
        return self.counts or not self.ways


def elsewhere(
    target: Target, ran: Executed, limited: LimitedDetector, listen: Callable[[], None]
) -> Elsewhere:
    """How else a model that `ran` so is to be judged for its target.

    Whoever asks for f32 has it everywhere. Where this machine cannot compute in bfloat16, also when
    asked, the target's sums are computed with float32, and bfloat16 is not judged. `listen` is
    called while it finds out.
    """
    settings = ran.settings
    on_cpu = ran.on_cpu
    if target in _DEVICES:
        there = settings.device.lower().startswith(target)
        return Elsewhere() if there else Elsewhere(not_judged=(_DEVICES[target],))
    plain = on_cpu and settings.int8 == "as_executed"
    as_here = plain and ran.float_precision == default_precision()
    if target == "this_machine" or (as_here and target == machine_target()):
        return Elsewhere()
    wanted = list(ways(target))
    if on_cpu and ran.arithmetic is None:
        wanted = [Way(None, one.precision) for one in wanted]
    if plain and settings.precision_hint == "f32":
        wanted = [Way(one.arithmetic) for one in wanted]
    own = _way(ran) if on_cpu else None
    can, not_judged = _computable(wanted, limited, listen)
    others = tuple(one for one in dict.fromkeys(can) if one != own)
    return Elsewhere(others, tuple(dict.fromkeys(not_judged)), not on_cpu or own in wanted)


def settings_for(way: Way) -> InferenceSettings:
    """What to ask for so that a model runs so; in bfloat16 by itself, where it does."""
    if way.precision == "bf16":
        by_itself = default_precision() == "bf16"
        return InferenceSettings(precision_hint="default" if by_itself else "bf16")
    return InferenceSettings(precision_hint="f32", int8=asked_for(way.arithmetic))


def runs_as(
    target: Target,
    device: str,
    limited: LimitedDetector,
    listen: Callable[[], None],
    *,
    quantized: bool,
) -> InferenceSettings:
    """How a model runs when nothing else is asked for: as its target computes, where that can be.

    For *Any*, which computes in several ways, and for what this machine cannot compute it is as the
    device does by itself. `device` is the project's; `listen` is called while it finds out.
    """
    by_itself = InferenceSettings(device=device)
    if target == "this_machine" or target in _DEVICES or len(ways(target)) > 1:
        return by_itself
    if target == machine_target():
        return InferenceSettings()
    (way,) = ways(target)
    wanted = way if quantized else Way(None, way.precision)
    can, not_judged = _computable((wanted,), limited, listen)
    if not can:
        return by_itself
    sums = asked_for(can[0].arithmetic)
    if not_judged and sums == "as_executed":  # true f32 was not asked for: it is what there is
        return InferenceSettings()
    return settings_for(can[0])


def computes_as(target: Target, ran: Executed) -> bool:
    """Whether what `ran` so computed as the target does by default, in each way that it may."""
    if target in _DEVICES:
        return ran.settings.device.lower().startswith(target)
    if not ran.on_cpu:
        return target == "this_machine"
    wanted = {
        Way(one.arithmetic if ran.arithmetic else None, one.precision) for one in ways(target)
    }
    return wanted == {_way(ran)}


def on_target(target: Target, device: str) -> bool:
    """Whether this device of this machine is the target, so that speed measured there is its."""
    if target in _DEVICES:
        return device.lower().startswith(target)
    if target == "this_machine":
        return True
    return device == DEFAULT_DEVICE and target == machine_target()


def _way(ran: Executed) -> Way | None:
    """How it ran, as a target is described; None where no target computes so."""
    arithmetic = "exact" if ran.arithmetic == "float" else ran.arithmetic
    if ran.float_precision == "f32":
        return Way(arithmetic)
    return Way(arithmetic, "bf16") if ran.float_precision == "bf16" else None


def _computable(
    wanted: Iterable[Way], limited: LimitedDetector, listen: Callable[[], None]
) -> tuple[list[Way], list[NotJudged]]:
    can: list[Way] = []
    not_judged: list[NotJudged] = []
    for one in wanted:
        sums = one.arithmetic
        if sums is not None and not computable((sums,), limited, listen):
            not_judged.append(sums)
            continue
        bf16 = one.precision == "bf16" and asked_for(sums) == "as_executed" and computes_bf16()
        if one.precision == "bf16" and not bf16:
            not_judged.append("bf16")
        can.append(Way(sums, "bf16" if bf16 else "f32"))
    return can, not_judged
