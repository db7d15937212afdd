"""A candidate that a worker made, brought here: what was announced, and no more than may be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkbenchError
from core.machines.supply import AT_ONCE_BYTES, Supply
from core.search import on_worker
from core.search.machine_conversation import Announced, Done, Made
from core.sizes import gigabytes


@dataclass(frozen=True, eq=False)
class Fetched:
    """The candidate, and where its IR lies here."""

    done: Done
    xml: Path


async def fetch(supply: Supply, worker: str, made: Made, at: Path, most_bytes: int) -> Fetched:
    """Bring the files of a candidate into the folder `at`, which is made.

    Raises RuntimeError where it is not what was announced, WorkbenchError where there is more than
    may be; else what asking raises.
    """
    if sorted(one.suffix for one in made.files) != sorted(on_worker.SUFFIXES):
        raise RuntimeError("a candidate came without its files")
    total = sum(one.size for one in made.files)
    if min(one.size for one in made.files) < 0 or total > most_bytes:
        raise WorkbenchError(
            f"A candidate of {supply.machine.name} has {gigabytes(total, 2)}, more than a "
            "quantized model of this parent can have.",
            "Nothing of it was stored. Check what runs on that machine.",
        )
    at.mkdir(parents=True)
    xml = at / "candidate.xml"
    for one in made.files:
        await _fetch(supply, worker, made.done.xml, one, xml.with_suffix(one.suffix))
    return Fetched(made.done, xml)


async def _fetch(supply: Supply, worker: str, xml: Path, file: Announced, at: Path) -> None:
    digest, arrived = hashlib.sha256(), 0
    with at.open("wb") as written:
        while arrived < file.size:
            size = min(AT_ONCE_BYTES, file.size - arrived)
            given = (supply.session, xml, file.suffix, arrived, size)
            data: bytes = await supply.ask(worker, on_worker.part, *given)
            if len(data) != size:
                break
            arrived += size
            digest.update(data)
            written.write(data)
    if digest.hexdigest() != file.digest:
        raise RuntimeError("a candidate is not what was announced")
