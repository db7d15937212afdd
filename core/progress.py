"""How long work says where it is."""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[str, int, int | None], None]
"""Told the stage, how many of its items are done, and of how many, if that is known.

Instead of how many there are, `SHARE` says that they are no items but thousandths of the whole.
It may raise `core.errors.JobCancelled`: every call is a point where the work can be stopped.
"""

SHARE = -1000
