"""What is noticed where detections are stored, and taken from where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.remarks.words import listed, some


def _taken(facts: Mapping[str, Any]) -> str:
    total = facts["total"]
    shares = [
        f"all of {role}" if count == total else f"{count:,} of {total:,} parts of {role}"
        for role, count in zip(facts["roles"], facts["counts"], strict=True)
    ]
    return f"Detections taken from an earlier run: {listed(shares)}."


def _estimated(facts: Mapping[str, Any]) -> str:
    share = f"Estimate from {facts['images']:,} of {facts['of']:,} images"
    said = []
    if changed := facts.get("changed"):
        value, *ends = (f"{100 * one:.1f}%" for one in changed)
        said.append(f"{value} of predictions changed{_between(ends)}")
    if agreement := facts.get("agreement"):
        value, *ends = (f"{one:.3f}" for one in agreement)
        said.append(f"agreement {value}{_between(ends)}")
    worst = f" The worst of these: {some(facts['worst'])}." if facts["worst"] else ""
    return f"{share}: {listed(said)}.{worst} The exact figures are being computed."


def _accuracy(facts: Mapping[str, Any]) -> str:
    share = f"Estimate from {facts['images']:,} of {facts['of']:,} images"

    def said(name: str, form: str) -> str:
        value, *ends = (format(one, form) for one in facts[name])
        return f"{value}{_between(ends)}"

    both = f"AP {said('parent_ap', '.3f')} of the parent and {said('optimized_ap', '.3f')} of the"
    change = f"difference {said('ap_difference', '+.3f')}"
    return f"{share}: {both} optimized model, {change}. The exact figures are being computed."


def _between(ends: list[str]) -> str:
    return f" (95% interval {ends[0]} to {ends[1]})" if ends else ""


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "accuracy_estimated": _accuracy,
    "detections_taken": _taken,
    "shard_damaged": "{file} with stored detections is damaged: {reason}. They are computed again.",
    "figures_damaged": "{file} with stored figures is damaged: {reason}. They are computed again.",
    "figures_estimated": _estimated,
    "figures_not_stored": "Figures cannot be stored in {folder}: {reason}. The next run computes "
    "them again.",
    "figures_taken": "Figures of the same detections are taken from an earlier run.",
    "shards_not_stored": "Detections cannot be stored in {folder}: {reason}. The next run computes "
    "them again.",
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
