"""One file from the network: resumed where it broke off, no longer than it should be, checked."""

from __future__ import annotations

import hashlib
import http
import re
import time
import urllib.error
from collections.abc import Callable
from http.client import HTTPResponse
from io import FileIO
from pathlib import Path, PurePosixPath

from core.catalogue.entries import CatalogueFile
from core.errors import WorkbenchError
from core.network.connecting import opened
from core.network.trouble import BrokenOffError

CHUNK_BYTES = 2**16
TRIES_WITHOUT_PROGRESS = 3
MAX_CONNECTIONS = 100  # for one file: a server that gives a byte each is no server
PAUSE_SECONDS = 0.5  # before another try, longer each time

Report = Callable[[int], None]
"""Told how many bytes of the file are there; may raise to stop."""


def part_of(file: CatalogueFile, parts: Path) -> Path:
    """Where the file lies while it is being downloaded, below the folder `parts`.

    The name holds the checksum: what belongs to another version is never resumed.
    """
    return parts / f"{file.checksum[:16]}-{PurePosixPath(file.name).name}.part"


def bytes_there(file: CatalogueFile, parts: Path) -> int:
    """How much of the file was downloaded before."""
    try:
        return min(part_of(file, parts).stat().st_size, file.size_bytes)
    except OSError:
        return 0


def fetch(file: CatalogueFile, parts: Path, report: Report, timeout_seconds: float) -> Path:
    """Download `file` into the folder `parts` and check it; gives its path.

    What was downloaded before is resumed. Raises WorkbenchError where the server or the
    network fails, or where the bytes are not those that the catalogue knows.
    """
    part = part_of(file, parts)
    resumed = part.is_file()
    _complete(file, part, report, timeout_seconds)
    if _is_right(file, part, report):
        return part
    forget(part)
    if resumed:  # what was there before may have been wrong
        _complete(file, part, report, timeout_seconds)
        if _is_right(file, part, report):
            return part
        forget(part)
    raise WorkbenchError(
        f"{file.name} arrived, but is not the file that the catalogue knows: its checksum "
        f"({file.algorithm.upper().replace('SHA', 'SHA-')}) is wrong.",
        "Download it again. If that happens every time, do not trust the server.",
    )


def forget(part: Path) -> None:
    """Remove what was downloaded so far."""
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)


def _complete(file: CatalogueFile, part: Path, report: Report, timeout_seconds: float) -> None:
    """Download what is missing, over several connections if need be."""
    tries = connections = 0
    while (there := _size(part)) != file.size_bytes:
        connections += 1
        if there > file.size_bytes:
            forget(part)
            there = 0
        try:
            _resume(file, part, there, report, timeout_seconds)
        except BrokenOffError:
            tries = 1 if _size(part) > there else tries + 1
            if tries >= TRIES_WITHOUT_PROGRESS or connections >= MAX_CONNECTIONS:
                raise
            for _ in range(tries * 10):
                report(_size(part))
                time.sleep(PAUSE_SECONDS / 10)


def _resume(
    file: CatalogueFile, part: Path, there: int, report: Report, timeout_seconds: float
) -> None:
    """One connection: what is missing, or all of it where the server cannot go on."""
    headers = {}
    if there:
        headers["Range"] = f"bytes={there}-"
        if tag := _tag(part):
            headers["If-Range"] = tag
    try:
        with opened(file.url, headers, timeout_seconds) as response:
            start = _start(response, file, there)
            if start is None:
                forget(part)
                raise BrokenOffError(
                    f"{file.host} sent the wrong part of {file.name}.",
                    "Start the download again.",
                )
            _remember_tag(part, response)
            _receive(file, part, start, response, report)
    except urllib.error.HTTPError:  # 416: the server has less than we do
        forget(part)
        raise BrokenOffError(
            f"{file.host} cannot send the rest of {file.name}.", "Start the download again."
        ) from None


def _start(response: HTTPResponse, file: CatalogueFile, there: int) -> int | None:
    """At which byte the response begins; None where it is not the part that was asked for."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _another_length(file, "is sent packed")
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        stated = re.fullmatch(
            r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip()
        )
        if stated is None or int(stated[1]) != there:
            return None
        if stated[3] not in ("*", str(file.size_bytes)):
            raise _another_length(file, f"has {int(stated[3]):,} bytes")
        return there
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != file.size_bytes:
        raise _another_length(file, f"has {int(length):,} bytes")
    return 0


def _receive(
    file: CatalogueFile, part: Path, start: int, response: HTTPResponse, report: Report
) -> None:
    there = start
    with part.open("r+b" if start else "wb", buffering=0) as out:
        out.seek(start)
        out.truncate()
        report(there)
        while there < file.size_bytes:
            chunk = response.read1(min(CHUNK_BYTES, file.size_bytes - there))
            if not chunk:
                raise BrokenOffError(
                    f"The connection to {file.host} broke off after {there:,} of "
                    f"{file.size_bytes:,} bytes of {file.name}.",
                    "Start the download again; it resumes from there.",
                )
            _write(out, chunk)
            there += len(chunk)
            report(there)
        if response.length != 0 and response.read1(1):
            raise _another_length(file, "is longer than that")


def _write(out: FileIO, chunk: bytes) -> None:
    """All of it: an unbuffered file may take less at a time."""
    view = memoryview(chunk)
    while view:
        view = view[out.write(view) :]


def _is_right(file: CatalogueFile, part: Path, report: Report) -> bool:
    digest = hashlib.new(file.algorithm)
    with part.open("rb") as data:
        while chunk := data.read(CHUNK_BYTES * 16):
            digest.update(chunk)
            report(file.size_bytes)
    return digest.hexdigest() == file.checksum


def _another_length(file: CatalogueFile, difference: str) -> WorkbenchError:
    return WorkbenchError(
        f"{file.name} on {file.host} is not the file that the catalogue knows: it {difference}, "
        f"and should have {file.size_bytes:,} bytes.",
        "Choose another model, or get the file elsewhere and import it.",
    )


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _tag_file(part: Path) -> Path:
    return part.with_suffix(".etag")


def _tag(part: Path) -> str:
    try:
        return _tag_file(part).read_text("ascii")
    except (OSError, ValueError):
        return ""


def _remember_tag(part: Path, response: HTTPResponse) -> None:
    """A weak tag says too little about bytes to go on with."""
    tag = response.headers.get("ETag", "")
    if re.fullmatch(r'"[!-~]{1,200}"', tag):
        _tag_file(part).write_text(tag, "ascii")
    else:
        _tag_file(part).unlink(missing_ok=True)
