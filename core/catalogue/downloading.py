"""A model of the catalogue from the network into a folder, ready to be imported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.catalogue.entries import CatalogueEntry, CatalogueFile
from core.catalogue.fetching import bytes_there, fetch, forget
from core.catalogue.unpacking import unpack_member
from core.errors import InputError, WorkbenchError
from core.sizes import megabytes

STAGE = "Kilobytes downloaded"
REST_STAGE = "Kilobytes of the rest downloaded"
UNPACK_STAGE = "Unpacking"
MAX_DOWNLOAD_BYTES = 2 * 2**30

Report = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done, and how much there is; may raise to stop."""


def download(
    entry: CatalogueEntry, folder: Path, parts: Path, report: Report, timeout_seconds: float
) -> Path:
    """Put the model of `entry` into `folder`, with its class names; gives the file to import.

    `parts` keeps what has arrived so far, for a later call to go on from. It should lie on the
    same disk as `folder`. Raises WorkbenchError with a sentence for whatever goes wrong.
    """
    _check(entry)
    parts.mkdir(parents=True, exist_ok=True)
    try:
        total = _Total(entry, parts, report)
        _require_room(entry, parts, total.missing_bytes)
        fetched = [fetch(file, parts, total.of(file), timeout_seconds) for file in entry.files]
        for file, part in zip(entry.files, fetched, strict=True):
            _place(file, part, folder / (entry.name + file.model_suffix), report)
            forget(part)
        _write_class_names(entry, folder)
    finally:
        with suppress(OSError):  # something is left in it, to go on from
            parts.rmdir()
    return folder / entry.model_file


def _place(file: CatalogueFile, part: Path, target: Path, report: Report) -> None:
    """What was fetched, or what is wanted of it, goes where it belongs."""
    if file.member is None:
        shutil.move(part, target)
    else:
        report(UNPACK_STAGE, 0, None)
        unpack_member(part, file.member, target, lambda: report(UNPACK_STAGE, 0, None))


class _Total:
    """Adds up the bytes of all files, leaving out what was there before."""

    def __init__(self, entry: CatalogueEntry, parts: Path, report: Report) -> None:
        self._report = report
        self._there = {file.name: bytes_there(file, parts) for file in entry.files}
        before = sum(self._there.values())
        self._before = before
        self.missing_bytes = entry.size_bytes - before
        self._stage = REST_STAGE if before else STAGE

    def of(self, file: CatalogueFile) -> Callable[[int], None]:
        """What tells of one file's bytes."""

        def report(there: int) -> None:
            self._there[file.name] = there
            done = max(0, sum(self._there.values()) - self._before)
            self._report(
                self._stage, _kilobytes(min(done, self.missing_bytes)), self._missing_kilobytes
            )

        return report

    @property
    def _missing_kilobytes(self) -> int:
        return max(1, _kilobytes(self.missing_bytes))


def _kilobytes(size: int) -> int:
    return -(-size // 1000)


def _check(entry: CatalogueEntry) -> None:
    """An entry may come from a request that somebody wrote."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", entry.name):
        raise InputError(f"{entry.name[:100]!r} is not a model name.", "Choose another model.")
    if not entry.files or entry.size_bytes > MAX_DOWNLOAD_BYTES:
        raise InputError(
            f"{entry.name} has nothing to download, or far too much.", "Choose another model."
        )
    for file in entry.files:
        if not re.fullmatch(r"\.[a-z]{2,6}", file.model_suffix) or file.size_bytes <= 0:
            raise InputError(f"{file.name[:100]!r} is not a model file.", "Choose another model.")


def _require_room(entry: CatalogueEntry, parts: Path, missing_bytes: int) -> None:
    unpacked = sum(file.size_bytes for file in entry.files if file.member is not None)
    free = shutil.disk_usage(parts).free
    if free < missing_bytes + unpacked:
        raise WorkbenchError(
            f"{entry.name} needs {megabytes(missing_bytes + unpacked, 0)}, and the disk has "
            f"{megabytes(free, 0)} left.",
            "Free some space and start again.",
        )


def _write_class_names(entry: CatalogueEntry, folder: Path) -> None:
    """Beside the model, where the import looks for them."""
    text = "".join(f"{name}\n" for name in entry.class_names)
    (folder / f"{entry.name}.txt").write_text(text, "utf-8", newline="\n")
