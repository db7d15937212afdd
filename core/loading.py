"""What is imported only when it is used, or while something else is waited for; and garbage."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

_SELDOM = 50_000, 20, 100  # see `gc.set_threshold`


def load(place: str) -> Any:
    """The thing at `place`, of a table's line, such as ``core.models.decoders.ssd:SsdDecoder``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def load_ahead(modules: Sequence[str]) -> None:
    """Import these in a thread, while this one waits for another process.

    Not while OpenVINO compiles in this one: loading OpenCV's libraries beside that crashed it, one
    time in some hundreds.
    """
    if not modules:
        return

    def work() -> None:
        for module in modules:
            with suppress(Exception):  # whoever needs it imports it again, and is told
                import_module(module)

    threading.Thread(target=work, name="imports").start()


@contextmanager
def nothing_thrown_away() -> Iterator[None]:
    """Import meanwhile: Python does not look for garbage, and later not among what is there then.

    Of a process of its own, whose modules stay to its end: looking through those of NNCF again and
    again is an eighth of its import, and a tenth of its work before the first image.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def little_looked_through() -> Iterator[None]:
    """Python looks for garbage less often, where many objects are made that stay."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
