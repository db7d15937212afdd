"""A search's folder: where a new search may begin, and which one can be resumed."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from core.errors import InputError
from core.search.candidates import CANDIDATES, STATE_FILE, SearchState
from core.unfinished import sweep
from core.values import read_json


def search_state(folder: Path) -> SearchState | None:
    """What the search in `folder` found out so far; None before its first candidate."""
    path = folder / STATE_FILE
    return read_json(path, SearchState) if path.is_file() else None


def require_startable(folder: Path, resume: bool) -> None:
    """Raises InputError where a search cannot begin in `folder`, or there is none to resume."""
    there = (folder / STATE_FILE).exists()
    if resume and not there:
        raise InputError(f"There is no search in {folder}.", "Start one there, or name its folder.")
    if there and not resume:
        raise InputError(
            f"{folder} contains a search already.", "Resume it, or choose another folder."
        )


def begun(fresh: SearchState, folder: Path) -> SearchState:
    """A new search in `folder`."""
    require_startable(folder, resume=False)
    folder.mkdir(parents=True, exist_ok=True)
    return fresh


def resumed(fresh: SearchState, folder: Path) -> SearchState:
    """The search in `folder` with the settings of `fresh`; refused where it is another's.

    Candidates whose model is gone are made again.
    """
    require_startable(folder, resume=True)
    stored = read_json(folder / STATE_FILE, SearchState)
    for field, what in (
        ("weights_sha256", "another model"),
        ("fingerprint", "other images"),
        ("held_out", "another seed"),
        ("target", "another target"),
        ("arithmetics", "another machine, which computes INT8 sums in another way"),
        ("evaluated_images", "an earlier version, which evaluated on other images"),
    ):
        if _of(stored, field) != _of(fresh, field):
            raise InputError(
                f"The search in {folder} is of {what}.",
                "Resume it with what it was started with, or choose another folder.",
            )
    candidates = folder / CANDIDATES
    if candidates.is_dir():
        sweep(candidates)
    there = tuple(
        one for one in stored.candidates if not one.model or (folder / one.model).is_file()
    )
    return replace(stored, settings=fresh.settings, candidates=there)


def _of(state: SearchState, field: str) -> object:
    return state.settings.target if field == "target" else getattr(state, field)
