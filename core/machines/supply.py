"""What the workers of a machine are asked and sent, seen from the job that works on it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import JobCancelled, WorkbenchError
from core.files import why
from core.images.opening import open_image
from core.machines import on_worker
from core.machines.cache import LARGEST_BYTES, Piece
from core.machines.connecting import asked, submitted
from core.machines.machine import Machine
from core.machines.work import LeftOut
from core.remarks.remark import remark
from core.values import to_json

if TYPE_CHECKING:
    from distributed import Client

AT_ONCE_BYTES = 8 * 2**20  # that are sent in one message
TRIES = 3  # to send what a worker lacks
_REFUSED = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST),
)


@dataclass(frozen=True, eq=False)
class Supply:
    """For one session; `tick` is called between two messages, and may raise to stop."""

    client: Client
    machine: Machine
    session: str
    tick: Callable[[], None]
    _sending: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def ask(self, worker: str, function: Any, *arguments: object) -> Any:
        """What the function gives there; raises LeftOut, or what it raises."""
        try:
            return await submitted(self.client, worker, function, *arguments)
        except (JobCancelled, WorkbenchError):
            raise
        except Exception as error:
            raise _as_left_out(error) from error

    async def send(self, worker: str, files: dict[str, Path]) -> None:
        """Send files or images, some at a time in one message; one sender for each worker."""
        async with self._sending.setdefault(worker, asyncio.Lock()):
            pieces: list[tuple[bytes, bytes]] = []
            size = 0
            for digest, path in files.items():
                with open_image(path, LARGEST_BYTES) as file:
                    if file.digest() != digest:
                        raise WorkbenchError(f"{path} changed meanwhile.", "Start again.")
                    for offset in range(0, max(file.size, 1), AT_ONCE_BYTES):
                        data = file.at(offset, AT_ONCE_BYTES)
                        about = Piece(digest=digest, offset=offset, total=file.size)
                        pieces.append((to_json(about), data))
                        size += len(data)
                        if size >= AT_ONCE_BYTES:
                            await self._put(worker, pieces)
                            pieces, size = [], 0
            if pieces:
                await self._put(worker, pieces)

    async def _put(self, worker: str, pieces: list[tuple[bytes, bytes]]) -> None:
        self.tick()
        given = (self.session, self.machine.number, self.machine.cache_bytes, pieces)
        said = (await asked(self.client, [worker], on_worker.put, *given))[worker]
        if isinstance(said, Exception):
            raise _as_left_out(said)


def _as_left_out(error: Exception) -> Exception:
    """What a worker's exception means: some are no fault of the work, but of the worker."""
    if isinstance(error, ImportError):
        return LeftOut(remark("program_missing", reason=str(error)))
    if isinstance(error, OSError) and error.errno in _REFUSED:
        return LeftOut(remark("worker_full", reason=why(error)))
    return error
