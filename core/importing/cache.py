"""Models that were imported before, by all that decides what an import gives.

A command of the terminal imports its models anew: what it finds out is the same as long as the
model, what lies beside it, the images that guesses were tried on and the program are the same. They
are known by their places, sizes and times; what was stored is known by its hash. A model of ours,
whose card says how it is used, is the same whatever the images are; so is one whose guesses were
settled by images: a command after another uses it in the same way. One that `optimize` has just
made needs no examination at all, and is known by its content.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from time import time_ns

from msgspec.structs import replace

from core import __version__
from core.errors import InputError, WorkbenchError
from core.files import open_regular, read_regular
from core.folders import make_work_folder, temporary_folder
from core.images.listing import IMAGE_SUFFIXES
from core.images.opening import file_of
from core.importing.job import ImportJob, ImportResult
from core.jobs.job import RESULT_FILE, Job, read_result
from core.models.adjusting import Overrides
from core.models.guesses import BY_CONVENTION
from core.models.onnx_file import external_files
from core.models.sources import find_model_file
from core.models.stored import CARD_SUFFIX, load_stored, weights_sha256
from core.unfinished import remove, user_cache
from core.values import Stored, read_json, to_json, write_json

LIMIT_BYTES = 2 * 2**30
_ENTRY = re.compile(r"[0-9a-f]{64}")
_ABOUT = "about.json"
_SETTLED = "settled"
_MOST_FILES = 1000  # beside a model, or in it
_MADE_BY_RUNS = frozenset({".log", *IMAGE_SUFFIXES})  # an import looks at none of them
_JUST_NOW = 2 * 10**9  # nanoseconds: a file that is as young may change without its time changing
_PIECE = 2**20
_LARGEST_TEXT = 2**29  # bytes of a graph or a card
_DONE_BY = ("openvino", "cv2", "numpy")
_MODELS = Path(__file__).resolve().parent.parent / "models"


class CachedImport(Stored):
    """What an import left: its files with their hashes."""

    files: dict[str, str]


def imported_into(
    job: ImportJob, folder: Path, run: Callable[[Job, Path], Path], *, anew: bool = False
) -> None:
    """Leave in the new `folder` what `job` gives: of an earlier import, or by `run` now.

    What images of an earlier import have settled is taken as well, unless it is to be found out
    `anew` on the images of this one. `job` has a model and no datasets. Raises what `run` raises.
    """
    key, lasting = key_of(job)
    settled, _ = key_of(replace(job, images=()), _SETTLED)
    known = (key,) if anew else (_made_key(job), settled, key)
    if any(_take(one, folder) for one in known if one):
        return
    run(job, folder)
    if lasting and key_of(job) == (key, True):
        with suppress(OSError, WorkbenchError):  # the next one imports it again
            by_images = _is_settled(job, folder)
            if anew or not by_images:
                _leave(key, folder)
            if by_images:
                _leave(settled, folder)


def leave_made(xml: Path) -> None:
    """Remember a model that the program itself has made of an imported one, as it lies there."""
    with suppress(OSError, WorkbenchError), temporary_folder() as folder:
        key = _made_key(ImportJob(model=xml))
        for suffix in ("", ".bin", CARD_SUFFIX):
            path = xml.with_suffix(suffix) if suffix else xml
            _copy(path, folder / path.name)
        write_json(folder / RESULT_FILE, ImportResult(model=xml.name, datasets=()))
        if key:
            _leave(key, folder)


def _made_key(job: ImportJob) -> str:
    """A hash of the bytes of a model of ours, its card and its name; empty of any other."""
    if not _knows_itself(job) or job.overrides != Overrides():
        return ""
    assert job.model is not None
    with suppress(OSError, WorkbenchError):  # whoever imports it says what is wrong
        path = find_model_file(job.model)
        digest = hashlib.sha256(f"{__version__}\0{path.name}\0{_weights_of(path)}".encode())
        for part in (path, path.with_suffix(CARD_SUFFIX)):
            digest.update(hashlib.sha256(read_regular(part, _LARGEST_TEXT)).digest())
        return digest.hexdigest()
    return ""


def _is_settled(job: ImportJob, folder: Path) -> bool:
    """Whether images have told how the model, which is in `folder` now, is used."""
    if not job.images or _knows_itself(job):
        return False
    name = read_result(folder, ImportResult).model
    reasons = load_stored(folder / str(name)).card.detector.reasons
    return not any(one.code in BY_CONVENTION for one in reasons)


def key_of(job: ImportJob, kind: str = "") -> tuple[str, bool]:
    """A hash of all that decides; whether nothing of it is so new that it may change unseen.

    Empty where that cannot be told. `kind` tells keys of the same job apart.
    """
    if _knows_itself(job):
        job = replace(job, images=())
    digest, newest = hashlib.sha256(to_json(job) + kind.encode()), 0
    digest.update(f"\0{__version__}\0".encode() + os.fsencode(Path.cwd()))
    try:
        for path in _deciding(job):
            status = path.stat()
            times = status.st_mtime_ns, status.st_ctime_ns
            newest = max(newest, *times)
            digest.update(b"\0" + os.fsencode(path) + f"\0{status.st_size} {times}".encode())
    except (OSError, ValueError, InputError):  # whoever imports it says what is wrong
        return "", False
    return digest.hexdigest(), newest < time_ns() - _JUST_NOW


def _knows_itself(job: ImportJob) -> bool:
    """Whether a card of these very weights lies beside the model: nothing is tried on images."""
    assert job.model is not None
    with suppress(OSError, WorkbenchError):  # whoever imports it says what is wrong
        path = find_model_file(job.model)
        beside = path.suffix.lower() == ".xml" and path.with_suffix(CARD_SUFFIX).is_file()
        return beside and load_stored(path).card.weights_sha256 == _weights_of(path)
    return False


def _weights_of(path: Path) -> str:
    """The hash of the weights beside `path`, read once while they are the same file."""
    status = path.with_suffix(".bin").stat()
    return _hashed(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@lru_cache(maxsize=16)
def _hashed(path: Path, *_: int) -> str:
    return weights_sha256(path)


def _folder() -> Path:
    return user_cache() / "models"


def _deciding(job: ImportJob) -> Iterator[Path]:
    """The files that an import may look at, and what it is done by.

    Raises OSError, InputError where there is no model, ValueError for too many files.
    """
    assert job.model is not None
    model = find_model_file(job.model)
    yield from (*_files(model, deep=True), *_files(model.parent), *map(file_of, job.images))
    if model.suffix.lower() == ".onnx":
        yield from external_files(model)
    yield from _files(_MODELS, deep=True)
    for package in _DONE_BY:  # which is not loaded for that: another version has other times
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin)


def _files(folder: Path, *, deep: bool = False) -> list[Path]:
    if not folder.is_dir():
        return []
    found = []
    for path in folder.rglob("*") if deep else folder.iterdir():
        if path.suffix.lower() not in _MADE_BY_RUNS and path.is_file():
            found.append(path)
            if len(found) > _MOST_FILES:
                raise ValueError(f"too many files in {folder}")
    return sorted(found)


def _take(key: str, folder: Path) -> bool:
    """Copy what an earlier import left, if all of it is there as it was stored."""
    entry = _folder() / key
    try:
        about = read_json(entry / _ABOUT, CachedImport)
        if any(Path(name).name != name for name in about.files):
            return False
        folder.mkdir(parents=True)
        for name, stored in about.files.items():
            if _copy(entry / name, folder / name) != stored:
                raise ValueError("damaged")
        os.utime(entry)  # the longest unused go first
    except (OSError, ValueError, WorkbenchError):
        remove(folder)
        return False
    return True


def _leave(key: str, folder: Path) -> None:
    """Store what an import gave, unless it would fill a good part of the cache. Raises OSError."""
    made = sorted(folder.iterdir())
    if sum(path.stat().st_size for path in made) > LIMIT_BYTES // 4:
        return
    entry = _folder() / key
    work = make_work_folder(entry)
    try:
        files = {path.name: _copy(path, work / path.name) for path in made}
        (work / _ABOUT).write_bytes(to_json(CachedImport(files=files)))
        remove(entry)  # a damaged one
        work.rename(entry)
    finally:
        remove(work)
    _trim(key)


def _copy(source: Path, target: Path) -> str:
    """Copy a regular file; gives the hash of its bytes. Raises OSError."""
    digest = hashlib.sha256()
    with open_regular(source, LIMIT_BYTES) as file, target.open("xb") as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


def _trim(used: str) -> None:
    """Remove what was unused for longest, down to the limit."""
    entries = [path for path in _folder().iterdir() if _ENTRY.fullmatch(path.name)]
    entries.sort(key=lambda path: (path.name == used, path.stat().st_mtime), reverse=True)
    total = 0
    for entry in entries:
        total += sum(path.stat().st_size for path in entry.iterdir())
        if total > LIMIT_BYTES:
            remove(entry)
