"""Unpacking a zip or tar archive of a dataset into a folder, with limits.

Only images and the files that describe them are written. What leads outside, links, devices,
names that clash or that some system cannot store, overlapping entries, and sizes beyond the limits
make the whole archive refused: what is left of it would not be what its maker packed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from core.datasets.archives import tars, zips
from core.datasets.archives.limits import Guard, Limits
from core.datasets.reading import read_start
from core.errors import InputError
from core.files import open_regular, sentence
from core.folders import make_work_folder
from core.images.foreign import files_left_out
from core.progress import SHARE
from core.remarks.remark import Remark
from core.remarks.sentences import sentences

STAGE = "Unpacking the archive"
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_COPIED = 1024 * 1024
_FORMATS = (zips, tars)


@dataclass(frozen=True)
class Unpacked:
    """What was written, and sentences on images of other formats that were not."""

    files: int
    size_bytes: int
    left_out: tuple[Remark, ...] = ()


def is_archive(path: Path) -> bool:
    """Whether this is a file that is called and begins like an archive."""
    if not path.name.lower().endswith(SUFFIXES):
        return False
    start = read_start(path, 512)
    return any(format_.is_ours(start) for format_ in _FORMATS)


def archive_title(path: Path) -> str:
    """The name without the suffixes of archives."""
    lower = path.name.lower()
    longest = max((s for s in SUFFIXES if lower.endswith(s)), key=len, default="")
    return path.name[: len(path.name) - len(longest)] or path.name


def unpack(
    archive: Path,
    folder: Path,
    step: Callable[[str, int, int | None], None] = lambda stage, done, total: None,
    limits: Limits | None = None,
) -> Unpacked:
    """Unpack into `folder`, which must not exist and appears whole or not at all.

    `step` gets the stage and which share of it is done, and may raise to stop. Raises
    InputError where the archive is damaged or refused.
    """
    start = read_start(archive, 512)
    format_ = next((one for one in _FORMATS if one.is_ours(start)), None)
    if format_ is None:
        _require_readable(archive)
        raise InputError(
            f"{archive} is not a zip or tar archive.", "Unpack it, and drop the folder."
        )
    work = make_work_folder(folder)
    try:
        guard = Guard(archive, work, limits or Limits())
        step(STAGE, 0, SHARE)
        try:
            written = _write(format_.files(archive, guard), work, guard, step)
        except format_.ERRORS as error:
            raise InputError(
                f"{archive} is damaged: {str(error) or type(error).__name__}.",
                "Copy or download it again.",
            ) from error
        left_out = files_left_out(guard.left_out)
        if not written.files:
            raise InputError(
                f"There are no images in {archive}.",
                " ".join(sentences(left_out))
                or "Choose an archive of JPEG, PNG, BMP, WebP or TIFF files.",
            )
        work.replace(folder)
        return replace(written, left_out=left_out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _require_readable(archive: Path) -> None:
    """What cannot be opened is no archive of a strange kind."""
    try:
        open_regular(archive).close()
    except OSError as error:
        raise InputError(
            sentence(archive, error), "Check its permissions, or choose another file."
        ) from error


def _write(
    files: Iterator[tuple[str, IO[bytes], float]],
    work: Path,
    guard: Guard,
    step: Callable[[str, int, int | None], None],
) -> Unpacked:
    count = size = 0
    made: set[Path] = set()
    for place, packed, share in files:
        step(STAGE, int(share * 1000), SHARE)
        path = work / place
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        written = 0
        with path.open("xb") as file:
            while data := packed.read(_COPIED):
                written += len(data)
                file.write(data)
                step(STAGE, int(share * 1000), SHARE)
        count, size = count + 1, size + written
    return Unpacked(count, size)
