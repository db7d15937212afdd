"""The search of the command ``optimize``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from msgspec.structs import replace

from core.cli.arguments import number
from core.cli.command import RunJob
from core.cli.rendering import Rendered, Table
from core.cli.run_arguments import PRECISIONS
from core.errors import InputError, JobCancelled
from core.jobs.job import take_result
from core.machines.machine import Machine
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.search.candidates import Candidate, SearchState, Stopped
from core.search.pareto import at_other_sizes, own_size, pareto_front
from core.search.resuming import search_state
from core.search.service import search_job
from core.search.settings import (
    DEFAULT_LOSS,
    DEFAULT_MINUTES,
    Allowed,
    InputSizes,
    SearchSettings,
    require_valid,
)
from core.values import Plain, to_plain
from core.wording.candidates import candidate_label
from core.wording.input_sizes import sizes_sentence
from core.wording.search import (
    arithmetic_title,
    choice_sentence,
    failure_sentence,
    first_sentence,
    judged_sentence,
    load_sentence,
    stopped_sentence,
)

_RESUME: dict[Stopped, str] = {  # a search that ended by itself has tried everything
    "time": "Add --resume for as much time again.",
    "cancelled": "Add --resume to go on.",
}


def add_search_arguments(sub: argparse.ArgumentParser) -> None:
    """Settings of a search, instead of a plan."""
    group = sub.add_argument_group("search (instead of a plan)")
    group.add_argument(
        "--search", action="store_true", help="try plans and precisions, and recommend the best one"
    )
    group.add_argument(
        "--budget-minutes",
        type=number,
        metavar="M",
        help=f"time limit in minutes (default: {DEFAULT_MINUTES:g})",
    )
    group.add_argument("--only", choices=get_args(Allowed), help="int8: INT8 plans only")
    group.add_argument(
        "--max-loss",
        type=number,
        metavar="S",
        help=f"loss of accuracy that counts as lossless (default: {DEFAULT_LOSS:g})",
    )
    group.add_argument(
        "--device", metavar="NAME",
        help="OpenVINO device that speed is measured on; 'devices' lists them (default: CPU)",
    )  # fmt: skip
    group.add_argument(
        "--precision-hint", choices=PRECISIONS,
        help="precision that the recommended model is to run with (default: the better of f32 "
        "and default)",
    )  # fmt: skip
    group.add_argument(
        "--input-sizes", choices=[one.replace("_", "-") for one in get_args(InputSizes)],
        help="other input sizes to try, where the network allows them (default: own, no other)",
    )  # fmt: skip
    group.add_argument("--resume", action="store_true", help="resume the search in DIR")


def settings_from(options: argparse.Namespace, plan: QuantizationPlan) -> SearchSettings:
    """What is searched for; `plan` is what the other arguments say: a seed and a target alone."""
    if plan != QuantizationPlan(seed=plan.seed, target=plan.target):
        raise InputError(
            "A search chooses the plan by itself.", "Leave out --search, or the plan's arguments."
        )
    from core.inference.machine import require_device

    given = {
        "minutes": options.budget_minutes,
        "allowed": options.only,
        "loss": options.max_loss,
        "device": options.device,
        "precision_hint": options.precision_hint,
        "input_sizes": options.input_sizes and options.input_sizes.replace("-", "_"),
        "seed": plan.seed,
        "target": plan.target,
    }
    settings = replace(
        SearchSettings(), **{name: value for name, value in given.items() if value is not None}
    )
    require_valid(settings)
    require_device(settings.device)
    return settings


def refuse_search_arguments(options: argparse.Namespace) -> None:
    """Arguments of a search without one would be ignored without a word."""
    given = (
        options.budget_minutes,
        options.only,
        options.max_loss,
        options.device,
        options.precision_hint,
        options.input_sizes,
        options.resume or None,
    )
    if any(one is not None for one in given):
        raise InputError("These options belong to a search.", "Add --search.")


@dataclass(frozen=True)
class Searched:
    """What a search found, and the folder that everything is in."""

    state: SearchState
    folder: Path

    @property
    def model(self) -> Path:
        """The recommended one's IR."""
        return self.folder / self.state.model

    @property
    def front(self) -> frozenset[str]:
        """Ids of the candidates at the own input size on their Pareto front."""
        return frozenset(one.id for one in pareto_front(own_size(self.state.candidates)))

    @property
    def front_of_sizes(self) -> frozenset[str]:
        """Ids of those at other input sizes on theirs."""
        return frozenset(one.id for one in pareto_front(at_other_sizes(self.state.candidates)))


def search_into(
    run: RunJob,
    stored: StoredModel,
    options: argparse.Namespace,
    settings: SearchSettings,
    machine: Machine | None,
) -> Searched:
    """The recommended model in the folder ``--output``, with everything that was tried.

    Raises JobCancelled, which says so where there is none yet and the search can be resumed.
    """
    output = options.output.absolute()
    job = search_job(
        stored, options.dataset, output, settings, resume=options.resume, machine=machine
    )
    try:
        folder = run(job, output)
    except JobCancelled:
        if search_state(output) is None:
            raise
        raise JobCancelled(
            f"Cancelled before any speed was measured. What was tried is kept in {output}: "
            "add --resume to go on."
        ) from None
    return Searched(take_result(folder, SearchState), folder)


def plain_search(done: Searched) -> Plain:
    """Everything that was found, and where."""
    return {
        **to_plain(done.state),
        "model": str(done.model),
        "output": str(done.folder),
        "pareto": sorted(done.front),
        "pareto_of_input_sizes": sorted(done.front_of_sizes),
        "sentence": choice_sentence(done.state),
        "judged": judged_sentence(done.state),
        "first_lossless": first_sentence(done.state),
        "input_sizes": sizes_sentence(done.state),
    }


def render_search(done: Searched) -> Rendered:
    """A table of the candidates, and what is recommended."""
    state, front = done.state, done.front
    sized = bool(at_other_sizes(state.candidates))
    several = state.arithmetics if len(state.arithmetics) > 1 else ()
    rows = []
    for one in state.candidates:
        mark = ">" if one.id == state.choice.recommended else ""
        star = "*" if one.id in front else "+" if one.id in done.front_of_sizes else ""
        label, kept, *rest = _row(one)
        each = (f"{one.kept_in[way]:.4f}" if way in one.kept_in else "" for way in several)
        small = ("-" if one.small_kept is None else f"{one.small_kept:.4f}",) if sized else ()
        rows.append((f"{mark}{star}", label, kept, *each, *small, *rest))
    ways = tuple(arithmetic_title(one) for one in several)
    ways += ("of small objects",) if sized else ()
    return [
        Table(
            ("", "candidate", "accuracy kept", *ways, "speed", "MB", "problem"),
            rows,
            numbers=("accuracy kept", *ways, "speed", "MB"),
        ),
        "> recommended; * Pareto front: no other is faster and keeps more accuracy"
        + ("; + the same among other input sizes" if sized else ""),
        " ".join(filter(None, [stopped_sentence(state), _RESUME.get(state.stopped, "")])),
        *filter(None, [first_sentence(state), judged_sentence(state)]),
        choice_sentence(state),
        *filter(None, [sizes_sentence(state), load_sentence(state)]),
        str(done.model),
    ]


def _row(one: Candidate) -> tuple[str, ...]:
    label = candidate_label(one)
    if one.failure is not None:
        return label, "", "", "", failure_sentence(one)
    kept = f"{one.accuracy_kept:.4f}" if one.accuracy_kept is not None else "-"
    speed = f"{one.speed.value:.2f}x" if one.speed else "-"
    return label, kept, speed, f"{one.size_bytes / 1e6:.2f}", ""
