"""What is done on the workers of a machine, as `core.machines.crew` sees it."""

from __future__ import annotations

from typing import Any, Protocol

from core.remarks.remark import Remark


class LeftOut(Exception):
    """A worker takes no part; `remark` says why."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark)  # which is pickled, as it may come from a worker
        self.remark = remark


class Work(Protocol):
    """What is done on workers. All of them are called in one thread, one after the other."""

    async def begin(self, worker: str) -> Any:
        """Make a worker ready; what it says of itself. Raises LeftOut."""

    def join(self, worker: str, said: Any) -> None:
        """A worker that is ready takes part, or not: raises LeftOut."""

    async def do(self, worker: str, piece: int) -> None:
        """Have a piece done there, and keep what comes of it; raises LeftOut or what went wrong."""
