"""Takes one job from another machine: its files, its run in this machine's turn, what it leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import msgspec

from core.capabilities import job_class
from core.errors import InputError, WorkbenchError
from core.folders import make_work_folder
from core.hosting.channel import Channel
from core.jobs.events import Event, JobOutcome, LogLine, Progress
from core.jobs.job import Job, tag_of
from core.jobs.runner import run_job
from core.machines.cache import LARGEST_BYTES, ContentCache, hash_of
from core.machines.condition import condition
from core.machines.frames import MOST_DATA
from core.machines.talk import (
    Bring,
    Bytes,
    Ended,
    FileBytes,
    Happened,
    Hello,
    Lacking,
    NamedFile,
    Refused,
    Start,
    Welcome,
    is_plain,
)
from core.processes import own_channel
from core.refusals import explained
from core.remarks.remark import remark
from core.remarks.sentences import sentence
from core.unfinished import remove, settle, sweep_noted, user_cache
from core.values import from_json

TAKEN = frozenset(
    {
        "benchmark",
        "profile",
        "report_on_predictions",
        "report_on_annotations",
        "report_on_operating_point",
        "self_test",
    }
)
"""The jobs that are taken, by their tags: those that say how models run on this very machine."""

_QUIET_SECONDS = 0.5  # between two reports of one stage: what is measured is left in peace
_LOG_BYTES = 64 * 2**10


def main() -> None:
    """Serve whoever is at the other end of standard input and output, and leave at once."""
    channel = Channel(sys.stdin.buffer, own_channel())
    sweep_noted()  # of sessions that were killed
    with _session_folder() as folder:
        os.chdir(folder)
        serve(channel, folder)
        os.chdir(folder.parent)
    settle()
    os._exit(0)


@contextmanager
def _session_folder() -> Iterator[Path]:
    """A folder beside what is stored, so that files need not be copied."""
    folder = make_work_folder(user_cache() / "session")
    try:
        yield folder
    finally:
        remove(folder)


def serve(channel: Channel, folder: Path) -> None:
    """Answer until nothing more is wanted; the job works in `folder`."""
    serving = _Serving(channel, folder)
    while (heard := channel.hear()) is not None:
        try:
            serving.answer(*heard)
        except WorkbenchError as error:
            channel.say(Refused(what=error.what, next_step=error.next_step))
        except OSError as error:
            refused = explained(error, user_cache())
            channel.say(Refused(what=refused.what, next_step=refused.next_step))
        except (ValueError, msgspec.DecodeError) as error:
            channel.say(Refused(what=f"What was asked for makes no sense: {error}."))


class _Serving:
    """What one conversation has come to."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self._channel = channel
        self._folder = folder
        self._cache = ContentCache("", 0)
        self._sender = os.urandom(8).hex()
        self._placed: set[str] = set()
        self._stage, self._reported = "", 0.0

    def answer(self, asked: object, data: bytes) -> None:
        """Do what is asked; raises what went wrong."""
        if isinstance(asked, Hello):
            self._cache = ContentCache(asked.number, asked.limit_bytes)
            self._channel.say(Welcome(condition=condition()))
        elif isinstance(asked, Bring):
            self._bring(asked)
        elif isinstance(asked, Bytes):
            self._cache.put(asked.piece, data, self._sender)
        elif isinstance(asked, Start):
            self._run(bytes(asked.job))

    def _bring(self, asked: Bring) -> None:
        """Have the files in their places, as far as they are here; say which are not."""
        lacking: dict[str, int] = {}
        for file in asked.files:
            if file.name in self._placed:
                continue
            if not is_plain(file.name):
                raise ValueError(f"a file is called {file.name[:100]!r}")
            place = self._folder / "sent" / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            if self._cache.place(file.digest, place):
                self._placed.add(file.name)
            else:
                lacking[file.digest] = file.size
        coming, limit = sum(lacking.values()), self._cache.limit_bytes
        if coming > limit or max(lacking.values(), default=0) > LARGEST_BYTES:
            raise InputError(sentence(remark("cache_too_small", gigabytes=limit / 2**30)))
        if lacking:
            self._cache.trim(coming)
        self._channel.say(Lacking(hashes=tuple(lacking)))

    def _run(self, request: bytes) -> None:
        kind = job_class(request)
        if tag_of(kind) not in TAKEN:
            raise ValueError(f"{tag_of(kind)} is no job that is taken from another machine")
        job: Job = from_json(request, kind)
        os.chdir(self._folder / "sent")
        log = self._folder / "log.txt"
        outcome = run_job(
            job,
            self._folder / "result",
            on_event=self._hand_on,
            cancel=self._channel.stopping,
            log=log,
        )
        files = _files_in(outcome.folder) if outcome.folder is not None else {}
        self._channel.say(_ended(outcome, tuple(files), log))
        for number, path in enumerate(files.values()):
            self._say_file(number, path)

    def _hand_on(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self._channel.say(Happened(event=event))
        elif isinstance(event, Progress):
            now = monotonic()
            if event.stage == self._stage and now - self._reported < _QUIET_SECONDS:
                return
            self._stage, self._reported = event.stage, now
            self._channel.say(Happened(event=event))

    def _say_file(self, number: int, path: Path) -> None:
        with path.open("rb") as file:
            offset = 0
            while data := file.read(MOST_DATA):
                self._channel.say(FileBytes(number=number, offset=offset), data)
                offset += len(data)


def _files_in(folder: Path) -> dict[NamedFile, Path]:
    """What a job left, by place and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            file = NamedFile(name=name, digest=hash_of(path), size=path.stat().st_size)
            found[file] = path
    return found


def _ended(outcome: JobOutcome, files: tuple[NamedFile, ...], log: Path) -> Ended:
    error = outcome.error
    return Ended(
        state=outcome.state,
        what="" if error is None else error.what,
        next_step="" if error is None else error.next_step,
        refused_input=isinstance(error, InputError),
        files=files,
        log=_end_of(log),
    )


def _end_of(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
