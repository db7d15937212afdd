"""What a worker of a machine does for a job that detects: called there, by Dask."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath

from msgspec.structs import replace as changed

from core.images.opening import is_there
from core.machines.cache import ContentCache, lacking
from core.machines.program import refusal, this_program
from core.machines.session import Session, begin, session_of, still_wanted
from core.machines.work import LeftOut
from core.predict.machine_conversation import (
    Answer,
    Begin,
    DetectPart,
    Lacking,
    Made,
    PartAsked,
    Ready,
    Refused,
    RunThere,
    Setup,
)
from core.predict.parts import content_of, hash_of_image
from core.remarks.remark import remark
from core.values import from_json

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
HELPER = "detector"


def take_up(asked: bytes) -> Ready | Lacking:
    """Begin a session, unless the files of its models are still to come; raises LeftOut."""
    wanted: Begin = from_json(asked, Begin)
    why = refusal(this_program(), wanted.program)
    if why is not None:
        raise LeftOut(why)
    cache = ContentCache(wanted.machine, wanted.limit_bytes)
    missing = lacking(cache, [one for run in wanted.runs for one in (run.xml, run.weights)])
    if missing:
        return Lacking(hashes=tuple(missing))
    session = begin(wanted.session, HELPER, Answer)
    try:
        runs = tuple(_placed(run, n, session, cache) for n, run in enumerate(wanted.runs))
        answer = session.ask(Setup(runs=runs), Answer, still_wanted())
    except BaseException:
        session.end()
        raise
    if isinstance(answer, Ready):
        return answer
    session.end()
    if isinstance(answer, Refused):
        raise LeftOut(remark("worker_refuses", reason=answer.what))
    raise LeftOut(remark("worker_refuses", reason="its answer makes no sense"))


def _placed(run: RunThere, number: int, session: Session, cache: ContentCache) -> RunThere:
    """The run with its model in the session's folder."""
    folder = session.folder / f"model {number}"
    folder.mkdir()
    for digest, suffix in ((run.xml, ".xml"), (run.weights, ".bin")):
        if not cache.place(digest, folder / f"model{suffix}"):
            raise LeftOut(remark("worker_refuses", reason="a file that was sent is damaged"))
    return changed(run, stored=changed(run.stored, xml=folder / "model.xml"))


def detect(number: str, asked: bytes) -> list[bytes] | Lacking:
    """The shards of a part, or which of its images are to be sent first.

    Raises NoSession, HelperGone, OSError, and RuntimeError with what the process says.
    """
    session = session_of(number)
    part: PartAsked = from_json(asked, PartAsked)
    folder = session.folder / os.urandom(8).hex()
    folder.mkdir()
    try:
        found = images_of(part, folder)
        if isinstance(found, Lacking):
            return found
        root, names = found
        question = DetectPart(
            root=root,
            images=names,
            content=part.content,
            wanted=part.wanted,
            keys=part.keys,
            folder=folder / "shards",
        )
        answer = session.ask(question, Answer, still_wanted())
        if not isinstance(answer, Made):
            raise RuntimeError(answer.what if isinstance(answer, Refused) else "no answer")
        return [one.read_bytes() for one in answer.files]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def images_of(part: PartAsked, folder: Path) -> tuple[Path, tuple[str, ...]] | Lacking:
    """Where the part's images lie: where they lie at home, too, or sent here; or what is missing.

    Each is looked at as a whole, so that nothing but the very same bytes is used.
    """
    if is_there(part.root / part.images[0]) or len(part.unreadable) == len(part.images):
        here = [hash_of_image(part.root / name) for name in part.images]
        if content_of(here) == part.content:
            return part.root, part.images
    cache = ContentCache(part.machine, part.limit_bytes)
    names = tuple(f"{place:04}{plain_suffix(name)}" for place, name in enumerate(part.images))
    missing = [
        digest
        for place, (name, digest) in enumerate(zip(names, part.hashes, strict=True))
        if place not in part.unreadable and not cache.place(digest, folder / name)
    ]
    return Lacking(hashes=tuple(missing)) if missing else (folder, names)


def plain_suffix(name: str) -> str:
    """The end of an image's name, where it is a usual one; else none."""
    found = PurePosixPath(name).suffix
    return found if _SUFFIX.fullmatch(found) else ""
