"""What a search left, without what was timed: to be compared with the same search elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.machines.cache import hash_of
from core.search.candidates import Candidate
from core.search.resuming import search_state
from core.values import to_plain


def tried(folder: Path) -> list[Candidate]:
    """The INT8 plans of a search in true f32, in the order in which they were tried."""
    state = search_state(folder)
    assert state is not None
    return [one for one in state.candidates if one.plan and one.precision_hint == "f32"]


def differences(here: Path, there: Path) -> list[str]:
    """In what two searches differ, as far as both came in their time."""
    pairs = zip(tried(here), tried(there), strict=False)
    return [said for pair in pairs for said in _differences(pair, (here, there))]


def _differences(pair: tuple[Candidate, Candidate], folders: tuple[Path, Path]) -> Iterator[str]:
    ours, theirs = (_untimed(one, folder) for one, folder in zip(pair, folders, strict=True))
    for name, value in ours.items():
        if theirs[name] != value:
            yield f"{pair[0].title}: {name} is {theirs[name]} there, and {value} here"


def _untimed(one: Candidate, folder: Path) -> dict[str, Any]:
    weights = (folder / one.model).with_suffix(".bin") if one.model else None
    return {
        "plan": to_plain(one.plan),
        "reason": to_plain(one.reason),
        "weights": hash_of(weights) if weights else "",
        "accuracy kept": one.accuracy_kept,
        "kept by arithmetic": to_plain(one.kept_in),
        "failure": to_plain(one.failure),
    }
