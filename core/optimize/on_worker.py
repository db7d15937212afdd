"""What a worker of a machine does for a quantization: called there, by Dask."""

from __future__ import annotations

from msgspec.structs import replace as changed

from core.machines.cache import ContentCache, lacking
from core.machines.on_worker import for_a_part, place, require_same, set_up
from core.machines.session import Session, still_wanted
from core.models.sources import safe_name
from core.optimize.machine_conversation import (
    Answer,
    Begin,
    Collect,
    Collected,
    Ready,
    Refused,
    SetUp,
)
from core.predict.machine_conversation import Lacking, PartAsked
from core.predict.on_worker import images_of, plain_suffix
from core.values import from_json

HELPER = "statistics"


def take_up(asked: bytes) -> Ready | Lacking:
    """Begin a session, unless files of it are still to come; raises LeftOut."""
    wanted: Begin = from_json(asked, Begin)
    require_same(wanted.program)
    cache = ContentCache(wanted.machine, wanted.limit_bytes)
    missing = lacking(cache, [wanted.xml, wanted.weights, wanted.first])
    if missing:
        return Lacking(hashes=tuple(missing))
    return set_up(
        wanted.session, HELPER, Answer, Ready, lambda session: _placed(wanted, session, cache)
    )


def _placed(wanted: Begin, session: Session, cache: ContentCache) -> SetUp:
    """The model and the first image in the session's folder; raises LeftOut."""
    xml = session.folder / f"{safe_name(wanted.parent.xml.stem)}.xml"
    first = session.folder / f"first{plain_suffix(wanted.suffix)}"
    places = ((wanted.xml, xml), (wanted.weights, xml.with_suffix(".bin")), (wanted.first, first))
    for digest, at in places:
        place(cache, digest, at)
    return SetUp(parent=changed(wanted.parent, xml=xml), plan=wanted.plan, first=first)


def collect(number: str, asked: bytes) -> bytes | Lacking:
    """The statistics of a part, or which of its images are to be sent first.

    Raises NoSession, HelperGone, OSError, and RuntimeError with what the process says.
    """
    part: PartAsked = from_json(asked, PartAsked)
    with for_a_part(number) as (session, folder):
        found = images_of(part, folder)
        if isinstance(found, Lacking):
            return found
        root, names = found
        file = folder / "statistics.npz"
        answer = session.ask(Collect(root=root, images=names, file=file), still_wanted())
        if not isinstance(answer, Collected):
            raise RuntimeError(answer.what if isinstance(answer, Refused) else "no answer")
        return file.read_bytes()
