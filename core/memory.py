"""How the process gets its memory from the system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_... of glibc's malloc.h
_LARGE = 4 * 2**20
_USUAL = 32 * 2**20  # bytes: the most that glibc sets the second one to by itself
_KEPT = 64 * 2**20


def give_back_large_arrays() -> None:
    """From now on, the memory of a large array leaves the process as soon as it is freed.

    glibc's malloc gives freed blocks back at once only above a threshold, which it raises by
    itself to 32 MiB; below, they stay. Of a report on 100 000 images that was 130 MB. Does
    nothing where malloc is another one.
    """
    _set((_MMAP_THRESHOLD, _LARGE))


@cache
def keep_freed_memory() -> None:
    """From now on, a thread that needs the same memory again and again has it at once.

    glibc's malloc gives the end of its memory back as soon as a few MB of it are free. An image's
    pixels and tensors are so much, and every page of them that the system gives anew is an
    interrupt: 150 to 350 of them for an image of 900 x 700, and 6 to 20 % of the processor time of
    detecting with a small network. Does nothing where malloc is another one.
    """
    _set((_MMAP_THRESHOLD, _USUAL), (_TRIM_THRESHOLD, _KEPT))


def _set(*options: tuple[int, int]) -> None:
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            for option, value in options:
                mallopt(option, value)
