"""Figures that were computed of detections, stored beside the shards: files named by content, too.

A name is a hash of everything that decides the figures: the shards that they are of, how those were
computed, the settings, and the versions of what computes. A run on the same detections takes them,
whoever computed them; one that is damaged, or of something else, is said and computed again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from core import __version__
from core.arrays import load_arrays, save_arrays
from core.files import why
from core.jobs.context import JobContext
from core.predict.found import Found
from core.predict.store import FIGURES_SUFFIX, DetectionCache
from core.remarks.remark import remark
from core.unfinished import unfinished
from core.values import Value, from_json, from_plain, to_json, to_plain

FORM = 1
"""Of the files. Who changes how a figure is computed, between two versions, raises it."""
_ABOUT = "about"
_LARGEST_BYTES = 2**20

V = TypeVar("V", bound=Value)


class About(Value):
    """What a file of figures says: what it is of, and the figures."""

    key: str
    figures: dict[str, Any]


def key_of(what: str, found: Sequence[Found], *decides: bytes) -> str:
    """The name of the figures called `what` of these detections; `decides` are the settings."""
    digest = hashlib.sha256(_computing())
    digest.update(f"\0{what}\0".encode())
    for one in found:
        digest.update(to_json((one.executed, one.class_names, one.in_classes)))
        for shard in one.shards:
            digest.update(f"\0{shard.path.stem}".encode())
    for setting in decides:
        digest.update(hashlib.sha256(setting).digest())
    return digest.hexdigest()


@cache
def _computing() -> bytes:
    """What computes: sums of floats differ in their last bits from one processor to another."""
    from core.inference.processor import this_processor

    return f"{__version__} {FORM} {np.__version__} ".encode() + to_json(this_processor())


@dataclass
class FigureStore:
    """Figures in the cache of detections; where it has no folder they are computed each time."""

    cache: DetectionCache
    context: JobContext
    _quiet: set[str] = field(default_factory=set)  # what was said once

    def figures(
        self,
        named: Callable[[], str],
        wanted: type[V],
        compute: Callable[[], V],
        fit: Callable[[V], bool] = lambda figures: True,
    ) -> V:
        """Those of this name: taken where they are stored and `fit`, else computed and stored."""
        folder = self.cache.folder
        if folder is None:
            return compute()
        key = named()
        path = folder / f"{key}{FIGURES_SUFFIX}"
        if not self.cache.fresh:
            taken = self._taken(path, key, wanted, fit)
            if taken is not None:
                self._say("figures_taken")
                return taken
        made = compute()
        try:
            _write(path, About(key=key, figures=to_plain(made)))
        except OSError as error:
            self._say("figures_not_stored", folder=folder, reason=why(error))
        return made

    def _taken(self, path: Path, key: str, wanted: type[V], fit: Callable[[V], bool]) -> V | None:
        try:
            figures = _read(path, key, wanted)
            if not fit(figures):
                raise ValueError("its figures do not fit the detections")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.context.log(remark("figures_damaged", file=path, reason=why(error)))
            return None
        with suppress(OSError):
            os.utime(path)  # the longest unused go first
        return figures

    def _say(self, code: str, **facts: object) -> None:
        if code not in self._quiet:
            self._quiet.add(code)
            self.context.log(remark(code, **facts))


def _read(path: Path, key: str, wanted: type[V]) -> V:
    """Raises OSError where it cannot be read, ValueError where it is damaged or of another."""
    if path.stat().st_size > _LARGEST_BYTES:
        raise ValueError("it is too large for figures")
    try:
        about = from_json(load_arrays(path)[_ABOUT].tobytes(), About)
        if about.key != key:
            raise ValueError("it is of something else")
        return from_plain(about.figures, wanted)
    except (KeyError, msgspec.MsgspecError) as error:
        raise ValueError(f"it is damaged: {error}") from error


def _write(path: Path, about: About) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(path)
    try:
        save_arrays(temporary, {_ABOUT: np.frombuffer(to_json(about), np.uint8)})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
