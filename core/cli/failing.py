"""Verdicts that fail a build: ``report --fail-on``."""

from __future__ import annotations

import argparse

from core.cli.command import DONE, LIMIT_MISSED, UNDECIDED
from core.errors import InputError
from core.metrics.accuracy.verdict import Verdict, VerdictName
from core.reports.predictions.kind import Predictions

_FAILING: dict[VerdictName, tuple[VerdictName, ...]] = {
    "not_safe": ("not_safe",),
    "check": ("not_safe", "check"),
}


def add_fail_on(sub: argparse.ArgumentParser) -> None:
    """The flag."""
    sub.add_argument(
        "--fail-on",
        choices=tuple(_FAILING),
        help="exit with 3 at this verdict or a worse one, with 4 where nothing is detected",
    )


def require_verdict(fail_on: VerdictName | None, kind: str) -> None:
    """Raises InputError where a kind of report has no verdict to fail on."""
    if fail_on is not None and kind != Predictions.id:
        raise InputError(
            f"A report of the kind {kind} has no verdict, which --fail-on is about.",
            "Leave --kind out, or set limits with the command check.",
        )


def verdict_status(verdict: Verdict, fail_on: VerdictName) -> int:
    """The exit status; a parent that finds nothing leaves nothing to judge by."""
    if verdict.reason == "nothing_found":
        return UNDECIDED
    return LIMIT_MISSED if verdict.name in _FAILING[fail_on] else DONE
