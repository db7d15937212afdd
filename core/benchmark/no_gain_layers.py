"""Which layers make INT8 no gain: asked of a profile where a benchmark found none."""

from __future__ import annotations

from core.benchmark.blame import blame
from core.benchmark.gain import gains_nothing
from core.benchmark.plan import BenchmarkPlan, BenchmarkResult
from core.benchmark.profile import DEFAULT_SECONDS, ProfiledModel, ProfilePlan
from core.errors import WorkbenchError
from core.progress import Step

_SAME_MODEL = 0.5  # of the layer time, that must come from the same operations


def layers_to_blame(plan: BenchmarkPlan, result: BenchmarkResult, step: Step) -> tuple[str, ...]:
    """A sentence for every INT8 model whose throughput is no better than the first's by default.

    Runs a short profile for that; empty where INT8 gains, where it was not made from the first
    model, or where the device does not tell its layers.
    """
    first = plan.contestants[0]
    losing = [
        contestant
        for contestant in plan.contestants[1:]
        if (ratio := result.ratio(contestant.name, "default", first.name, "default"))
        and gains_nothing(ratio)
        and (run := result.run(contestant.name, "default"))
        and "int8" in run.precision_layers
    ]
    if not losing:
        return ()
    from core.benchmark.profiling import profile

    models = [ProfiledModel(name=one.name, xml=one.xml) for one in (first, *losing)]
    seconds = min(DEFAULT_SECONDS, plan.seconds) / 2
    try:
        found = profile(
            ProfilePlan(models=tuple(models), seconds=seconds, device=plan.device, seed=plan.seed),
            step,
        )
    except WorkbenchError:
        return ()
    parent, *others = found.profiles
    blames = (blame(parent, one) for one in others)
    return tuple(one.layers_sentence for one in blames if one.matched > _SAME_MODEL)
