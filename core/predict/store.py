"""Where shards lie: a folder with a limit, from which the longest unused go first."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.detection.detections import DetectionTable
from core.files import why
from core.inference.settings import Executed
from core.jobs.context import JobContext
from core.machines.machine import Machine
from core.predict.parts import HASHES_SUFFIX, Part
from core.predict.shards import SUFFIX, Shard, read_shard, write_shard
from core.remarks.remark import Remark, remark
from core.unfinished import unfinished

LIMIT_BYTES = 8 * 2**30
FIGURES_SUFFIX = ".figures.npz"
"""Of what was computed of detections: see `core.predict.figures`."""
_SUFFIXES = "|".join(map(re.escape, (SUFFIX, HASHES_SUFFIX, FIGURES_SUFFIX)))
_OURS = re.compile(rf"[0-9a-f]{{32,64}}({_SUFFIXES})")


@dataclass(frozen=True)
class DetectionCache:
    """Where a job finds detections of earlier ones, and leaves its own; nowhere without a `folder`.

    With `fresh` nothing is taken, and what is made takes its place. What is missing is made on a
    `machine`, if there is one, else here.
    """

    folder: Path | None = None
    fresh: bool = False
    machine: Machine | None = None


NO_CACHE = DetectionCache()


@dataclass
class ShardStore:
    """The shards in a cache; those that cannot be stored there go to `spare`, for this job alone.

    What is wrong with one of them is logged, and the work goes on.
    """

    cache: DetectionCache
    spare: Path
    context: JobContext
    limit_bytes: int = LIMIT_BYTES
    _used: set[str] = field(default_factory=set)
    _writable: bool = True

    @property
    def folder(self) -> Path | None:
        """Of the cache."""
        return self.cache.folder

    def find(self, key: str, part: Part, class_names: Sequence[str]) -> Shard | None:
        """The shard of that name, if there is one that can be used."""
        if self.folder is None or self.cache.fresh:
            return None
        path = self.folder / f"{key}{SUFFIX}"
        try:
            shard = read_shard(path, key, part, class_names)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.context.log(remark("shard_damaged", file=path, reason=why(error)))
            return None
        self._used.add(path.name)
        with suppress(OSError):
            os.utime(path)  # the longest unused go first
        return shard

    def put(
        self,
        key: str,
        part: Part,
        table: DetectionTable,
        kept: Sequence[int],
        executed: Executed,
        problems: Iterable[tuple[int, Remark]],
    ) -> Shard:
        """Store what was found in a part."""
        noticed = tuple(problems)
        if self.folder is not None and self._writable:
            path = self.folder / f"{key}{SUFFIX}"
            try:
                shard = write_shard(path, key, part, table, kept, executed, noticed)
            except OSError as error:
                self._refuse(error)
            else:
                self._used.add(path.name)
                return shard
        return write_shard(self.spare / f"{key}{SUFFIX}", key, part, table, kept, executed, noticed)

    def received(self, key: str, data: bytes) -> Path:
        """A file with what is to be the shard of that name, once it was looked at: see `adopt`."""
        if self.folder is not None and self._writable:
            try:
                return _written(self.folder / key, data)
            except OSError as error:
                self._refuse(error)
        return _written(self.spare / key, data)

    def adopt(self, key: str, shard: Shard) -> Shard:
        """Keep a shard that was received, as `put` would have written it. Raises OSError."""
        path = shard.path.with_name(f"{key}{SUFFIX}")
        shard.path.replace(path)
        self._used.add(path.name)
        return replace(shard, path=path)

    def _refuse(self, error: OSError) -> None:
        """Nothing more can be stored in the cache."""
        self._writable = False
        self.context.log(remark("shards_not_stored", folder=self.folder, reason=why(error)))

    def trim(self) -> None:
        """Remove what was unused for longest, down to the limit; what this job uses stays."""
        if self.folder is None:
            return
        with suppress(OSError):
            files = [one for one in os.scandir(self.folder) if _OURS.fullmatch(one.name)]
            status = {one.name: one.stat(follow_symlinks=False) for one in files}
            total = sum(one.st_size for one in status.values())
            for name in sorted(status, key=lambda name: status[name].st_mtime):
                if total <= self.limit_bytes:
                    break
                if name not in self._used:
                    (self.folder / name).unlink(missing_ok=True)
                    total -= status[name].st_size


def _written(beside: Path, data: bytes) -> Path:
    """An unfinished file in the same folder; raises OSError, and leaves none then."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    path = unfinished(beside)
    try:
        path.write_bytes(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path
