"""What this machine and a host say to each other about a job that is sent there."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from core.jobs.events import LogLine, Progress
from core.machines.cache import Piece
from core.machines.condition import Condition
from core.values import Value

RENEW_SECONDS = 3.0  # between two signs of life, each way
LEASE_SECONDS = 20.0  # without one: then the other side is taken for gone
_MOST_PARTS = 16
_NAME = re.compile(r"[^\x00-\x1f\x7f<>:\"|?*\\/]{1,200}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class NamedFile(Value):
    """A file: its place below a folder, with ``/``; its content by hash and size."""

    name: str
    digest: str
    size: int


class Hello(Value, tag="hello"):
    """Who sends: what was sent for the machine of this number is stored, up to a limit."""

    number: str
    limit_bytes: int


class Bring(Value, tag="bring"):
    """The files that the job needs."""

    files: tuple[NamedFile, ...]


class Bytes(Value, tag="bytes"):
    """A piece of a file that was lacking; its bytes come with it."""

    piece: Piece


class Start(Value, tag="start"):
    """Run this job; its paths are places of files that were brought."""

    job: msgspec.Raw


class Renew(Value, tag="renew"):
    """Whoever says so is still there."""


class Stop(Value, tag="stop"):
    """The job is to stop; what it has by then is wanted."""


class Cancel(Value, tag="cancel"):
    """Nobody wants the job any more."""


class Welcome(Value, tag="welcome"):
    """What the host is."""

    condition: Condition


class Lacking(Value, tag="lacking"):
    """Files that the host does not have yet, by hash; none: all are in their places."""

    hashes: tuple[str, ...]


class Happened(Value, tag="happened"):
    """What the job said."""

    event: Progress | LogLine


class Ended(Value, tag="ended"):
    """How the job ended, the files that it left, and the end of what its process wrote."""

    state: Literal["succeeded", "failed", "cancelled"]
    what: str = ""
    next_step: str = ""
    refused_input: bool = False
    files: tuple[NamedFile, ...] = ()
    log: str = ""


class FileBytes(Value, tag="file_bytes"):
    """Bytes of the file with this number among those that the job left, from `offset` on."""

    number: int
    offset: int


class Refused(Value, tag="refused"):
    """What was asked for cannot be: what happened, and what to do next."""

    what: str
    next_step: str = ""


FromHome = Hello | Bring | Bytes | Start | Renew | Stop | Cancel
FromHost = Welcome | Lacking | Happened | Ended | FileBytes | Refused | Renew


def is_plain(name: str) -> bool:
    """Whether a file may be called so: a place below a folder, on any system, nothing hidden."""
    parts = name.split("/")
    return len(parts) <= _MOST_PARTS and all(
        _NAME.fullmatch(part)
        and part.isprintable()
        and not part.startswith(".")
        and part[-1] not in ". "
        and not _RESERVED.fullmatch(part)
        for part in parts
    )
