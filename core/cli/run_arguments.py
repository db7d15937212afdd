"""Arguments that say how a model is to run: device, precision, arithmetic."""

from __future__ import annotations

import argparse
from typing import get_args

from core.errors import InputError
from core.inference.settings import DEFAULT_DEVICE, TRUE_F32, InferenceSettings, Int8, PrecisionHint

PRECISIONS: tuple[PrecisionHint, ...] = get_args(PrecisionHint)


def add_device(sub: argparse._ActionsContainer, what_for: str = "") -> None:
    """``--device``; `what_for` is what runs on it, where that is not clear."""
    sub.add_argument(
        "--device",
        default=DEFAULT_DEVICE,
        metavar="NAME",
        help=f"OpenVINO device{what_for and f' {what_for}'}; 'devices' lists them "
        "(default: %(default)s)",
    )


def add_run_arguments(
    sub: argparse._ActionsContainer, default: PrecisionHint, what_for: str = ""
) -> None:
    """``--device``, ``--precision-hint``, ``--exact-int8`` and ``--saturating-int8``."""
    add_device(sub, what_for)
    sub.add_argument(
        "--precision-hint",
        choices=PRECISIONS,
        default=default,
        help="f32: true f32; default: OpenVINO chooses, as in a deployment (default: %(default)s)",
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


def add_against_arguments(sub: argparse._ActionsContainer) -> None:
    """``--against-device`` and so on: the second of two ways to run one model."""
    sub.add_argument(
        "--against-device", default=DEFAULT_DEVICE, metavar="NAME",
        help="kind two-ways: the device of the other way (default: %(default)s)",
    )  # fmt: skip
    sub.add_argument(
        "--against-precision-hint", choices=PRECISIONS, default="f32",
        help="kind two-ways: the precision of the other way (default: %(default)s)",
    )  # fmt: skip
    sub.add_argument(
        "--against-exact-int8", action="store_true",
        help="kind two-ways: the other way computes INT8 exactly",
    )  # fmt: skip
    sub.add_argument(
        "--against-saturating-int8", action="store_true",
        help="kind two-ways: the other way computes INT8 as without VNNI",
    )  # fmt: skip


def settings_from(options: argparse.Namespace) -> InferenceSettings:
    """What the arguments ask for; raises InputError where no such device is there."""
    int8 = _int8(exact=options.exact_int8, saturating=options.saturating_int8)
    return _possible(options.device, options.precision_hint, int8)


def against_from(options: argparse.Namespace) -> InferenceSettings:
    """The same of the second way; raises InputError where the kind of report has none."""
    from core.reports.two_ways.kind import TwoWays

    int8 = _int8(exact=options.against_exact_int8, saturating=options.against_saturating_int8)
    given = _possible(options.against_device, options.against_precision_hint, int8)
    if given != TRUE_F32 and options.kind != TwoWays.id:
        raise InputError(
            f"A report of the kind {options.kind} runs each model in one way, and cannot be "
            "against another.",
            f"Add --kind {TwoWays.id}, or leave the flags that begin with --against out.",
        )
    return given


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
