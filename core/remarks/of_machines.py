"""What is noticed of other machines, and of workers that detect for this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.remarks.words import listed

_FEW = 8  # workers that are named


def _done(facts: Mapping[str, Any]) -> str:
    shares = _shares(facts)
    return f"Parts of the images: {shares}." if shares else "No worker had anything to do."


def _candidates_done(facts: Mapping[str, Any]) -> str:
    shares = _shares(facts)
    if not shares:
        return "No worker made a candidate."
    return f"Candidates made on workers, those ahead of need included: {shares}."


def _shares(facts: Mapping[str, Any]) -> str:
    """How much each worker did; empty where none did anything."""
    pairs = list(zip(facts["workers"], facts["counts"], strict=True))
    shares = [f"{count:,} by {worker}" for worker, count in pairs[:_FEW]]
    if len(pairs) > _FEW:
        rest = sum(count for _, count in pairs[_FEW:])
        shares.append(f"{rest:,} by {len(pairs) - _FEW:,} others")
    return listed(shares) if shares else ""


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "spread_begun": "Detecting on {machine}: {count:workers} {count:have} joined.",
    "spread_done": _done,
    "search_spread": "Candidates are made on {machine}: {count:workers} {count:have} joined.",
    "search_spread_done": _candidates_done,
    "statistics_spread": "Statistics are collected on {machine}: {count:workers} {count:have} "
    "joined.",
    "statistics_here": "The statistics of this plan are collected on this machine, not on "
    "{machine}: they are too large to be sent, or cannot be told apart there.",
    "sent_to": "Runs on {machine} ({host}): {processor}.",
    "worker_gone": "The worker {worker} has left; others take over what it had.",
    "worker_again": "The worker {worker} lost what it had, and begins again.",
    "worker_failed": "A part failed on the worker {worker}: {reason}. It is tried again.",
    "worker_slow": "The worker {worker} takes far longer than usual, or stands still; others do "
    "its parts as well.",
    "worker_left_out": "The worker {worker} takes no part: {reason}",
    "worker_unusable": "It failed: {reason}.",
    "worker_unsteady": "The process that works there ended several times.",
    "worker_refuses": "It cannot run the model: {reason}",
    "worker_silent": "It does not answer.",
    "worker_forgets": "What is sent there does not stay; its disk or the limit of its cache may "
    "be too small.",
    "worker_full": "Nothing can be stored there: {reason}.",
    "cache_too_small": "A file is larger than what may be stored there ({gigabytes:g} GB).",
    "program_missing": "Detection Workbench is not installed there as it is here ({reason}).",
    "host_not_ready": "It is not ready: this version of the program is not there.",
    "host_unfit": "Its system is {theirs}; hosts reached by SSH must be {wanted}.",
    "other_system": "Its system is {theirs}, and this one's is {ours}.",
    "other_version": "It has version {theirs} of Detection Workbench, and this machine {ours}.",
    "other_code": "Its Detection Workbench {version} has other code than this machine's.",
    "computes_otherwise": "It computes otherwise than this machine, and its detections would not "
    "be comparable: {processor}, OpenVINO {openvino}.",
    "makes_otherwise": "It computes otherwise than this machine, and what it makes would differ: "
    "{processor}, OpenVINO {openvino}.",
    "runs_otherwise": "It computes with {threads} threads, and this machine with {ours}: what it "
    "makes may differ.",
    "executes_otherwise": "It runs the model otherwise than the other workers, with {threads} "
    "threads in place of {ours}, and its detections are not mixed with theirs.",
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
