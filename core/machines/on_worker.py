"""What a worker of a machine says of itself, stores and removes: called there, by Dask."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from core.machines.cache import ContentCache, Piece
from core.machines.condition import Condition, condition
from core.machines.program import Program, refusal, this_program
from core.machines.session import Session, begin, session_of, still_wanted
from core.machines.work import LeftOut
from core.remarks.remark import remark
from core.values import Value, from_json

R = TypeVar("R")


def describe() -> Condition:
    """What it is."""
    return condition()


def clear(number: str) -> int:
    """Remove what was sent for the machine of this number; gives how many bytes that were."""
    return ContentCache(number, 0).clear()


def put(number: str, machine: str, limit_bytes: int, pieces: list[tuple[bytes, bytes]]) -> None:
    """Store what was sent, each with its `Piece` in JSON; raises OSError, LeftOut."""
    cache = ContentCache(machine, limit_bytes)
    for about, data in pieces:
        piece: Piece = from_json(about, Piece)
        if piece.total > limit_bytes:
            raise LeftOut(remark("cache_too_small", gigabytes=limit_bytes / 2**30))
        if piece.offset == 0:
            cache.trim(piece.total)
        cache.put(piece, data, f"{number}{os.getpid()}")  # other workers may store it there, too


def require_same(program: Program) -> None:
    """Raises LeftOut where the program of this worker is another one than that of the job."""
    why = refusal(this_program(), program)
    if why is not None:
        raise LeftOut(why)


def set_up(
    number: str, helper: str, answers: Any, ready: type[R], ask: Callable[[Session], Value]
) -> R:
    """Begin a session of this number; gives what its process says once it is ready.

    `ask` is called with the session, for what it is set up with. Raises LeftOut where the process
    refuses; what is raised on the way ends the session.
    """
    session = begin(number, helper, answers)
    try:
        answer = session.ask(ask(session), still_wanted())
    except BaseException:
        session.end()
        raise
    if isinstance(answer, ready):
        return answer
    session.end()
    reason = getattr(answer, "what", "its answer makes no sense")
    raise LeftOut(remark("worker_refuses", reason=reason))


def place(cache: ContentCache, digest: str, at: Path) -> None:
    """Have what was sent at a place of the session; raises LeftOut where it is damaged."""
    if not cache.place(digest, at):
        raise LeftOut(remark("worker_refuses", reason="a file that was sent is damaged"))


@contextmanager
def for_a_part(number: str) -> Iterator[tuple[Session, Path]]:
    """The session of this number, and a folder of it for one part; raises NoSession."""
    session = session_of(number)
    folder = session.folder / os.urandom(8).hex()
    folder.mkdir()
    try:
        yield session, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
