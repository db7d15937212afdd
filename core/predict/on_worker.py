"""What a worker of a machine does for a job that detects: called there, by Dask."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from msgspec.structs import replace as changed

from core.images.opening import is_there
from core.machines.cache import ContentCache, lacking
from core.machines.on_worker import for_a_part, place, require_same, set_up
from core.machines.session import Session, still_wanted
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
from core.values import from_json

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
HELPER = "detector"


def take_up(asked: bytes) -> Ready | Lacking:
    """Begin a session, unless the files of its models are still to come; raises LeftOut."""
    wanted: Begin = from_json(asked, Begin)
    require_same(wanted.program)
    cache = ContentCache(wanted.machine, wanted.limit_bytes)
    missing = lacking(cache, [one for run in wanted.runs for one in (run.xml, run.weights)])
    if missing:
        return Lacking(hashes=tuple(missing))

    def runs(session: Session) -> Setup:
        placed = (_placed(run, n, session, cache) for n, run in enumerate(wanted.runs))
        return Setup(runs=tuple(placed))

    return set_up(wanted.session, HELPER, Answer, Ready, runs)


def _placed(run: RunThere, number: int, session: Session, cache: ContentCache) -> RunThere:
    """The run with its model in the session's folder."""
    folder = session.folder / f"model {number}"
    folder.mkdir()
    for digest, suffix in ((run.xml, ".xml"), (run.weights, ".bin")):
        place(cache, digest, folder / f"model{suffix}")
    return changed(run, stored=changed(run.stored, xml=folder / "model.xml"))


def detect(number: str, asked: bytes) -> list[bytes] | Lacking:
    """The shards of a part, or which of its images are to be sent first.

    Raises NoSession, HelperGone, OSError, and RuntimeError with what the process says.
    """
    part: PartAsked = from_json(asked, PartAsked)
    with for_a_part(number) as (session, folder):
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
