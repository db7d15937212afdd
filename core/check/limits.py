"""Limits that an optimized model must meet: read from a TOML file or given one by one."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

from msgspec.structs import replace

from core.errors import InputError
from core.files import read_regular, sentence
from core.limits import Limits
from core.models.plan import Target
from core.refusals import require_regular
from core.values import Stored

LimitName = Literal[
    "accuracy_kept", "ap_drop", "predictions_changed", "throughput_ratio", "latency_ms",
    "size_mb", "size_share",
]  # fmt: skip
Side = Literal["at_least", "at_most"]
Unit = Literal["share", "ap", "times", "ms", "MB"]

LARGEST_FILE = 8 * 2**10  # bytes: seven numbers and what is said of them have a quarter of it
_OF_HUNDRED: dict[Unit, str] = {
    "share": " {:g}% is {:g}.",
    "ap": " In points of AP, {:g} is {:g}.",
}
_LONGEST_KEY = 40  # characters of a key that are shown


class LimitKind(NamedTuple):
    """On which side of a limit the figure must be, in what, and what the limit itself may be.

    Attributes:
        side, unit: see above.
        allowed: what it is called, and the least and the greatest that it may be.
        met_by_all: what no model can miss, whatever it lost: that is no limit.
    """

    side: Side
    unit: Unit
    allowed: Limits
    met_by_all: float | None = None


KINDS: dict[LimitName, LimitKind] = {
    "accuracy_kept": LimitKind("at_least", "share", Limits("accuracy_kept", 0.0, 1.0), 0.0),
    "ap_drop": LimitKind("at_most", "ap", Limits("ap_drop", 0.0, 1.0), 1.0),
    "predictions_changed": LimitKind(
        "at_most", "share", Limits("predictions_changed", 0.0, 1.0), 1.0
    ),
    "throughput_ratio": LimitKind("at_least", "times", Limits("throughput_ratio", 0.01, 1000.0)),
    "latency_ms": LimitKind("at_most", "ms", Limits("latency_ms", 0.001, 1e6)),
    "size_mb": LimitKind("at_most", "MB", Limits("size_mb", 0.001, 1e6)),
    "size_share": LimitKind("at_most", "share", Limits("size_share", 0.001, 10.0)),
}


class CheckLimits(Stored):
    """What is asked of an optimized model; None for what is not asked.

    Attributes:
        accuracy_kept: at least this share of the parent's mAP, estimated where there are no
            annotations.
        ap_drop: at most so much COCO AP below the parent's, by the ground truth; .01 is a point.
        predictions_changed: at most this share of both models' detections appears, vanishes,
            changes class or moves.
        throughput_ratio: at least so many times the parent's images per second.
        latency_ms: at most so many milliseconds, the median of single inferences.
        size_mb: at most so many megabytes (10^6 bytes), graph and weights.
        size_share: at most this share of the parent's size.
        target: where the model is to run, which they are about; None for that of its plan.
    """

    accuracy_kept: float | None = None
    ap_drop: float | None = None
    predictions_changed: float | None = None
    throughput_ratio: float | None = None
    latency_ms: float | None = None
    size_mb: float | None = None
    size_share: float | None = None
    target: Target | None = None

    @property
    def given(self) -> dict[LimitName, float]:
        """Those that are asked for, by name."""
        values = {name: getattr(self, name) for name in KINDS}
        return {name: value for name, value in values.items() if value is not None}


def limits_from(values: Mapping[LimitName, float], what: str = "The check") -> CheckLimits:
    """The limits with these values; `what` gives them, such as a file.

    Raises InputError where one is out of what it may be, is not a number, or can not be missed.
    """
    limits = CheckLimits()
    for name, value in values.items():
        _require_limit(name, value, what)
        limits = replace(limits, **{name: value})
    return limits


def _require_limit(name: LimitName, value: float, what: str) -> None:
    kind = KINDS[name]
    _, low, high = kind.allowed
    of_hundred = kind.unit in _OF_HUNDRED and 1 <= value <= 100
    meant = _OF_HUNDRED[kind.unit].format(value, value / 100) if of_hundred else ""
    if not low <= value <= high:  # nan is in no limits
        said = f"{what} says {name} = {value:g}."
        raise InputError(said, f"Choose one from {low:g} to {high:g}.{meant}")
    if value == kind.met_by_all:
        side = "less" if kind.side == "at_most" else "more"
        raise InputError(
            f"{what} says {name} = {value:g}, which every model meets.",
            f"Choose {side} than {value:g}, or leave it out.{meant}",
        )


def read_limits(path: Path) -> CheckLimits:
    """The limits in a TOML file; raises InputError, which names the file, where it has none."""
    content = _content(path)
    version = content.pop("version", CheckLimits().version)
    if isinstance(version, bool) or version != CheckLimits().version:
        raise InputError(
            f"{path} says version = {_shown(version)}; this program reads version "
            f"{CheckLimits().version}.",
            "Update the program, or write the limits anew.",
        )
    target = _target(path, content.pop("target", None))
    unknown = next((key for key in content if key not in KINDS), None)
    if unknown is not None:
        raise _unknown(path, unknown)
    if not content:
        raise InputError(f"{path} has no limits.", f"Write some of {', '.join(KINDS)}.")
    numbers = {name: _number(path, name, content[name]) for name in KINDS if name in content}
    return replace(limits_from(numbers, str(path)), target=target)


def _target(path: Path, value: object) -> Target | None:
    if value is not None and value not in get_args(Target):
        raise InputError(
            f"{path} says target = {_shown(value)}.", f"Write one of {', '.join(get_args(Target))}."
        )
    return cast(Target | None, value)


def _content(path: Path) -> dict[str, Any]:
    require_regular(path, "Check the path of the limits.")
    try:
        return tomllib.loads(read_regular(path, LARGEST_FILE).decode("utf-8-sig"))
    except OSError as error:
        raise InputError(sentence(path, error), "Specify a TOML file of limits.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except RecursionError as error:
        raise InputError(f"{path} is nested too deeply.", "Write one limit a line.") from error
    except ValueError as error:  # of TOML, and of numbers with thousands of digits
        why = " ".join(str(error).split())[:200].rstrip(".")
        raise InputError(f"{path} is not TOML: {why}.", "Write one limit a line.") from error


def _unknown(path: Path, key: str) -> InputError:
    close = difflib.get_close_matches(key, (*KINDS, "target"), n=1, cutoff=0.5)
    return InputError(
        f"{path} has the unknown limit {_cut(key)}.",
        f"Did you mean {close[0]}?"
        if close
        else f"The limits are {', '.join(KINDS)}; target says what they are for.",
    )


def _number(path: Path, name: LimitName, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InputError(f"{path} says {name} = {_shown(value)}.", "Write a number.")
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return inf


def _shown(value: object) -> str:
    """What stands in a file, as TOML nearly has it; what is long is cut off."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{_cut(value)}"' if isinstance(value, str) else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_KEY else f"{text[:_LONGEST_KEY]}…"
