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
    Differs,
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
_CHANGING = "its images change while they are read"


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
    answer: object = None
    for find in (supposed_images_of, images_of):  # the process looks at each that it reads itself
        with for_a_part(number) as (session, folder):
            found = find(part, folder)
            if isinstance(found, Lacking):
                return found
            answer = session.ask(_question(part, *found, folder), still_wanted())
            if isinstance(answer, Made):
                return [one.read_bytes() for one in answer.files]
        if not isinstance(answer, Differs):
            break
    raise RuntimeError(answer.what if isinstance(answer, Refused) else _CHANGING)


def _question(part: PartAsked, root: Path, names: tuple[str, ...], folder: Path) -> DetectPart:
    hashes = part.hashes
    if root != part.root:  # what cannot be read at home was not sent
        unreadable = set(part.unreadable)
        hashes = tuple("" if n in unreadable else one for n, one in enumerate(hashes))
    return DetectPart(
        root=root,
        images=names,
        hashes=hashes,
        content=part.content,
        wanted=part.wanted,
        keys=part.keys,
        folder=folder / "shards",
    )


def supposed_images_of(part: PartAsked, folder: Path) -> tuple[Path, tuple[str, ...]] | Lacking:
    """As `images_of`, of images that nobody has looked at yet: who reads them does."""
    if _may_lie_there(part):
        return part.root, part.images
    return _sent(part, folder, looked_at=False)


def images_of(part: PartAsked, folder: Path) -> tuple[Path, tuple[str, ...]] | Lacking:
    """Where the part's images lie: where they lie at home, too, or sent here; or what is missing.

    Each is looked at as a whole, so that nothing but the very same bytes is used.
    """
    if _may_lie_there(part):
        here = [hash_of_image(part.root / name) for name in part.images]
        if content_of(here) == part.content:
            return part.root, part.images
    return _sent(part, folder, looked_at=True)


def _may_lie_there(part: PartAsked) -> bool:
    """Whether the images seem to lie where they lie at home, too."""
    return is_there(part.root / part.images[0]) or len(part.unreadable) == len(part.images)


def _sent(
    part: PartAsked, folder: Path, *, looked_at: bool
) -> tuple[Path, tuple[str, ...]] | Lacking:
    """The images that were sent, in the folder; or those that are still to be."""
    cache = ContentCache(part.machine, part.limit_bytes)
    names = tuple(f"{place:04}{plain_suffix(name)}" for place, name in enumerate(part.images))
    put = cache.place if looked_at else cache.link
    unreadable = set(part.unreadable)
    missing = [
        digest
        for place, (name, digest) in enumerate(zip(names, part.hashes, strict=True))
        if place not in unreadable and not put(digest, folder / name)
    ]
    return Lacking(hashes=tuple(missing)) if missing else (folder, names)


def plain_suffix(name: str) -> str:
    """The end of an image's name, where it is a usual one; else none."""
    found = PurePosixPath(name).suffix
    return found if _SUFFIX.fullmatch(found) else ""
