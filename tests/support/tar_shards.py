"""Tar shards as WebDataset writes them, for tests."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from core.images.encode import jpeg

WIDTH, HEIGHT = 96, 64
Member = tuple[str, bytes]


def write_tar(path: Path, members: Iterable[Member]) -> Path:
    """As WebDataset's writer: with a pax header for each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), 1_700_000_000.5
            archive.addfile(member, io.BytesIO(data))
    return path


def image(seed: int) -> bytes:
    """A JPEG of `WIDTH` x `HEIGHT` that no other seed gives."""
    return jpeg(np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))


def write_shards(
    folder: Path, sidecars: list[Any], per_shard: int = 2, name: str = "shard"
) -> Path:
    """A sample for each sidecar, None for one without."""
    for first in range(0, len(sidecars), per_shard):
        members: list[Member] = []
        for number, said in enumerate(sidecars[first : first + per_shard], start=first):
            members.append((f"{number:06}.jpg", image(number)))
            if said is not None:
                members.append((f"{number:06}.json", json.dumps(said).encode()))
        write_tar(folder / f"{name}-{first // per_shard:06}.tar", members)
    return folder
