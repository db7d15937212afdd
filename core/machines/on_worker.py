"""What a worker of a machine says of itself, stores and removes: called there, by Dask."""

from __future__ import annotations

from core.machines.cache import ContentCache, Piece
from core.machines.condition import Condition, condition
from core.machines.work import LeftOut
from core.remarks.remark import remark
from core.values import from_json


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
        cache.put(piece, data, number)
