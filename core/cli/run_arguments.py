"""Arguments that say how a model is to run: device, precision, arithmetic."""

from __future__ import annotations

import argparse
from typing import get_args

from core.errors import InputError
from core.inference.settings import DEFAULT_DEVICE, TRUE_F32, InferenceSettings, Int8, PrecisionHint
from core.machines.machine import THIS
from core.models.plan import Target

PRECISIONS: tuple[PrecisionHint, ...] = get_args(PrecisionHint)
TARGETS: tuple[Target, ...] = get_args(Target)


def add_device(
    sub: argparse._ActionsContainer, what_for: str = "", default: str | None = DEFAULT_DEVICE
) -> None:
    """``--device``; `what_for` is what runs on it, where that is not clear."""
    sub.add_argument(
        "--device",
        default=default,
        metavar="NAME",
        help=f"OpenVINO device{what_for and f' {what_for}'}; 'devices' lists them "
        f"(default: {DEFAULT_DEVICE})",
    )


def add_run_on(sub: argparse._ActionsContainer, what: str) -> None:
    """``--run-on``: the host that a job is sent to; `what` it is sent for."""
    sub.add_argument(
        "--run-on",
        metavar="NAME",
        help=f"{what} on this host, in its own turn; 'machines list' lists them (default: here)",
    )


def add_run_arguments(sub: argparse._ActionsContainer, what_for: str = "") -> None:
    """``--device``, ``--precision-hint``, ``--exact-int8`` and ``--saturating-int8``.

    None has a default, so that it can be told whether anything was asked for: `asked_settings`.
    """
    add_device(sub, what_for, None)
    sub.add_argument(
        "--precision-hint",
        choices=PRECISIONS,
        help="f32: true f32; default: OpenVINO chooses, as in a deployment (default: as the "
        "target computes)",
    )
    sub.add_argument(
        "--exact-int8",
        action="store_true",
        help="compute INT8 exactly, as a CPU with VNNI does; slow, on the CPU only",
    )
    sub.add_argument(
        "--saturating-int8",
        action="store_true",
        help="compute INT8 as a CPU without VNNI does, where this one can; on the CPU only",
    )


def add_target(
    sub: argparse._ActionsContainer, what: str, default: Target | None = "this_machine"
) -> None:
    """``--target``; `what` says what for. Without a `default` it is that of the model's plan."""
    usual = default or "that of the model's plan, else this_machine"
    sub.add_argument(
        "--target", choices=TARGETS, default=default, metavar="TARGET",
        help=f"{what}: {', '.join(TARGETS)} (default: {usual})",
    )  # fmt: skip


def add_against_arguments(sub: argparse._ActionsContainer) -> None:
    """``--against-device`` and so on: the second of two ways to run one model."""
    sub.add_argument(
        "--against-device", metavar="NAME",
        help=f"kind two-ways: the device of the other way (default: {TRUE_F32.device})",
    )  # fmt: skip
    sub.add_argument(
        "--against-precision-hint", choices=PRECISIONS,
        help="kind two-ways: the precision of the other way "
        f"(default: {TRUE_F32.precision_hint})",
    )  # fmt: skip
    sub.add_argument(
        "--against-exact-int8", action="store_true",
        help="kind two-ways: the other way computes INT8 exactly",
    )  # fmt: skip
    sub.add_argument(
        "--against-saturating-int8", action="store_true",
        help="kind two-ways: the other way computes INT8 as without VNNI",
    )  # fmt: skip


def asked_settings(options: argparse.Namespace) -> InferenceSettings | None:
    """What the arguments ask for; None for nothing, so that the model runs as its target does.

    Raises InputError where no such device is there, and where the target does not compute INT8 as
    is asked for. What is asked of a host, with ``--run-on``, is looked at there.
    """
    int8 = _int8(exact=options.exact_int8, saturating=options.saturating_int8)
    if options.device is None and options.precision_hint is None and int8 == "as_executed":
        return None
    refuse_other_sums(options.target, int8)
    device: str = options.device or DEFAULT_DEVICE
    hint: PrecisionHint = options.precision_hint or "default"
    if getattr(options, "run_on", None) not in (None, THIS):
        return InferenceSettings(device=device, precision_hint=hint, int8=int8)
    return _possible(device, hint, int8)


def refuse_other_sums(target: Target | None, int8: Int8, *, by_plan: bool = False) -> None:
    """Raises InputError where INT8 is asked for as the target never computes it.

    `by_plan` says that no flag has the target, but the plan that the model was made by.
    """
    from core.targets.target import arithmetics

    if target in (None, "this_machine") or int8 == "as_executed" or int8 in arithmetics(target):
        return
    whose = " of the model's plan" if by_plan else ""
    raise InputError(
        f"The target {target}{whose} and --{int8}-int8 both say how INT8 is computed, and differ.",
        f"Leave --{int8}-int8 out, or choose another {'--target' if by_plan else 'target'}.",
    )


def against_from(options: argparse.Namespace) -> InferenceSettings:
    """The same of the second way; raises InputError where the kind of report has none."""
    from core.reports.two_ways.kind import TwoWays

    int8 = _int8(exact=options.against_exact_int8, saturating=options.against_saturating_int8)
    device, hint = options.against_device, options.against_precision_hint
    given = device is not None or hint is not None or int8 != "as_executed"
    if given and options.kind != TwoWays.id:
        raise InputError(
            f"A report of the kind {options.kind} runs each model in one way, and cannot be "
            "against another.",
            f"Add --kind {TwoWays.id}, or leave the flags that begin with --against out.",
        )
    return _possible(device or TRUE_F32.device, hint or TRUE_F32.precision_hint, int8)


def _int8(*, exact: bool, saturating: bool) -> Int8:
    if exact and saturating:
        raise InputError("INT8 is exact or saturates, not both.", "Leave one of the flags out.")
    return "exact" if exact else "saturating" if saturating else "as_executed"


def _possible(device: str, hint: PrecisionHint, int8: Int8) -> InferenceSettings:
    from core.inference.compiling import require_possible
    from core.inference.machine import require_device

    settings = InferenceSettings(device=device, precision_hint=hint, int8=int8)
    require_device(settings.device)
    require_possible(settings)
    return settings
