"""What a worker of a machine does for a search: called there, by Dask."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace as changed

from core.datasets.dataset import Dataset
from core.images.decode import MAX_FILE_BYTES
from core.images.opening import is_there, read_bytes
from core.machines.cache import ContentCache, hash_of, lacking
from core.machines.on_worker import place, require_same, set_up
from core.machines.session import Session, session_of, still_wanted
from core.machines.work import LeftOut
from core.models.sources import safe_name
from core.predict.machine_conversation import Lacking
from core.predict.on_worker import plain_suffix
from core.predict.parts import hash_of_image
from core.remarks.remark import remark
from core.search.machine_conversation import (
    Announced,
    Answer,
    Begin,
    Done,
    Failed,
    ImageThere,
    Made,
    Make,
    Ready,
    SetUp,
)
from core.values import from_json

HELPER = "candidates"
SUFFIXES = (".xml", ".bin")


def take_up(asked: bytes) -> Ready | Lacking:
    """Begin a session, unless files of it are still to come; raises LeftOut."""
    wanted: Begin = from_json(asked, Begin)
    require_same(wanted.program)
    cache = ContentCache(wanted.machine, wanted.limit_bytes)
    shared = {one.place for one in wanted.images if _is_shared(wanted.root / one.name, one)}
    needed = [wanted.xml, wanted.weights]
    needed += [one.hash for one in wanted.images if one.hash and one.place not in shared]
    missing = lacking(cache, needed)
    if missing:
        return Lacking(hashes=tuple(missing))
    return set_up(
        wanted.session,
        HELPER,
        Answer,
        Ready,
        lambda session: _placed(wanted, shared, session, cache),
    )


def _is_shared(path: Path, image: ImageThere) -> bool:
    """Whether an image lies where it lies at home, too: the very same bytes."""
    return bool(image.hash) and is_there(path) and hash_of_image(path) == image.hash


def _placed(wanted: Begin, shared: set[int], session: Session, cache: ContentCache) -> SetUp:
    """All that is needed, in the session's folder; raises LeftOut."""
    parent, images = session.folder / "parent", session.folder / "images"
    parent.mkdir()
    images.mkdir()
    xml = parent / f"{safe_name(wanted.parent.xml.stem)}.xml"
    for digest, suffix in ((wanted.xml, ".xml"), (wanted.weights, ".bin")):
        place(cache, digest, xml.with_suffix(suffix))
    names = [""] * wanted.count
    for one in wanted.images:
        names[one.place] = f"{one.place:08}{plain_suffix(one.name)}"
        at = images / names[one.place]
        if one.place in shared:
            _link(wanted.root / one.name, at, one)
        elif one.hash:  # else it cannot be read at home, and is missing here
            place(cache, one.hash, at)
    dataset = Dataset(name="images", root=images, kind="folder", images=tuple(names))
    held_out = tuple(names[place] for place in wanted.held_out)
    return SetUp(
        parent=changed(wanted.parent, xml=xml),
        dataset=dataset,
        held_out=changed(dataset, images=held_out),
        settings=wanted.settings,
        arithmetics=wanted.arithmetics,
        folder=session.folder,
    )


def _link(path: Path, at: Path, image: ImageThere) -> None:
    """Have an image of the shared folder here as well, whatever becomes of it there."""
    at.write_bytes(read_bytes(path, MAX_FILE_BYTES))
    if hash_of_image(at) != image.hash:
        raise LeftOut(remark("worker_refuses", reason=f"{image.name} changed meanwhile"))


def make(number: str, asked: bytes) -> Made | Failed:
    """A candidate, whose files are fetched next: by `part`.

    Raises NoSession, HelperGone, OSError, and RuntimeError where the process makes no sense.
    """
    session = session_of(number)
    question: Make = from_json(asked, Make)
    answer = session.ask(question, still_wanted())
    if isinstance(answer, Failed):
        return answer
    if not isinstance(answer, Done):
        raise RuntimeError("no answer")
    files = []
    for suffix in SUFFIXES:
        path = answer.xml.with_suffix(suffix)
        size = path.stat().st_size
        files.append(Announced(suffix=suffix, size=size, digest=hash_of(path)))
    return Made(done=answer, files=tuple(files))


def part(number: str, xml: Path, suffix: str, offset: int, size: int) -> bytes:
    """So many bytes of a candidate's file, from there on; raises NoSession, OSError."""
    folder = session_of(number).folder
    path = xml.with_suffix(suffix)
    if suffix not in SUFFIXES or not path.is_relative_to(folder):
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
