"""The child process of a job: the helper ``job [KIND]``.

With a kind it was begun before its job was known, and imports meanwhile what such a job needs. The
first line of standard input says where it is to work, the second is the request; a later line
``cancel`` asks it to stop, others are questions to a job that takes some, and the end of input
means that the parent is gone.
Messages leave, a JSON line each, through what was standard output at the start; whatever
libraries print goes to standard error, the job's log.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from core.errors import (
    IN_THE_LOG,
    ClassNamesMissing,
    InputError,
    JobCancelled,
    WorkbenchError,
    unexpected,
)
from core.jobs.context import SCRATCH, UNPACKED, JobContext
from core.jobs.events import Cancelled, End, Failed, Message, Succeeded
from core.jobs.job import RESULT_FILE, Job, Place
from core.jobs.journal import Journal
from core.jobs.quiet import LightWork
from core.jobs.time_left import remember_stages, usual_stages
from core.loading import nothing_thrown_away
from core.processes import own_channel
from core.refusals import refused_by_system
from core.unfinished import settle
from core.values import Value, from_json, to_json, write_json

_LOOKS = 3  # whether something is timed, until nothing is imported ahead
MEMORY_SHARE = 0.9  # of the machine's memory, as the child's address space beyond the usual 4 GiB


def main(
    job_class: Callable[[bytes], Any],
    in_words: Callable[[Value], str],
    get_ready: Callable[[str], None],
) -> None:
    """Run one job, of the class that its request has, and leave at once.

    Library threads must not get the chance to abort. `in_words` is how a value reads in the log,
    `get_ready` imports what jobs of a kind need.
    """
    messages = own_channel()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    _limit_resources()
    commands = sys.stdin.buffer
    folder, first_line = _asked(commands, get_ready)
    cancelled = threading.Event()
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    listening = (commands, cancelled, questions)
    threading.Thread(target=_listen, args=listening, daemon=True).start()
    lock, journal = threading.Lock(), Journal(sys.stderr, first_line)

    def send(message: Message) -> None:
        with lock:
            journal.note(message)
            messages.write(to_json(message) + b"\n")
            messages.flush()

    tag = _tag(first_line)
    context = JobContext(folder, send, cancelled, questions, in_words, usual_stages(tag))
    end = _run(job_class, first_line, context, cancelled)
    if isinstance(end, Succeeded) and not end.stopped:
        remember_stages(tag, context.stages())
    for own in (UNPACKED, SCRATCH):
        shutil.rmtree(folder / own, ignore_errors=True)
    settle()
    send(end)
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(0)


def _asked(commands: BinaryIO, get_ready: Callable[[str], None]) -> tuple[Path, bytes]:
    """Where to work, and the request; until that is known, what such a job needs is imported.

    Leaves where nobody asks. Prints go to the job's log from now on.
    """
    with nothing_thrown_away():
        for kind in sys.argv[1:]:
            import_ahead(kind, get_ready)
    line = commands.readline()
    if not line:
        os._exit(0)
    place: Place = from_json(line, Place)
    if place.log is not None:
        with suppress(OSError), Path(os.fsdecode(place.log)).open("ab") as log:
            for descriptor in (1, 2):
                os.dup2(log.fileno(), descriptor)
    return Path(os.fsdecode(place.folder)), commands.readline()


def import_ahead(kind: str, get_ready: Callable[[str], None]) -> None:
    """Import what is needed, but not while something is timed; what fails, fails in the job."""
    looks = iter(range(_LOOKS))

    def look() -> None:
        if next(looks, None) is None:
            raise JobCancelled

    with suppress(Exception, JobCancelled), closing(LightWork()) as share:
        share.join(look)  # past the door, where whoever asks for the job may stand
        get_ready(kind)


def _tag(request: bytes) -> str:
    """The kind of job that is asked for."""
    with suppress(msgspec.DecodeError, ValueError, AttributeError):
        return str(msgspec.json.decode(request).get("type", ""))
    return ""


def _run(
    job_class: Callable[[bytes], Any],
    first_line: bytes,
    context: JobContext,
    cancelled: threading.Event,
) -> End:
    try:
        job: Job = from_json(first_line, job_class(first_line))
        if job.weight == "light":
            context.join()
        result = job.run(context)
        write_json(context.folder / RESULT_FILE, result)
    except JobCancelled:
        return Cancelled()
    except WorkbenchError as error:
        _log_traceback()
        return Failed(
            what=error.what,
            next_step=error.next_step,
            refused_input=isinstance(error, InputError),
            class_names_missing=isinstance(error, ClassNamesMissing),
        )
    except BaseException as error:  # the process's boundary: the user gets a sentence
        _log_traceback()
        return Cancelled() if cancelled.is_set() else _failure(error, context.folder)
    return Succeeded(stopped=context.keeping)


def _log_traceback() -> None:
    with suppress(OSError):  # the log may lie on the disk that is full
        traceback.print_exc()


def _failure(error: BaseException, place: Path) -> Failed:
    if isinstance(error, MemoryError) or "bad_alloc" in str(error):
        return Failed(
            what="This machine does not have enough memory for this.",
            next_step="Close other programs, or use a smaller model or fewer images.",
        )
    if isinstance(error, OSError) and (refused := refused_by_system(error, place)) is not None:
        return Failed(what=refused.what, next_step=refused.next_step)
    explained = unexpected(error, IN_THE_LOG)
    return Failed(what=explained.what, next_step=explained.next_step, unexpected=True)


def _listen(
    commands: BinaryIO, cancelled: threading.Event, questions: queue.SimpleQueue[bytes]
) -> None:
    for line in commands:
        if line.strip() == b"cancel":
            cancelled.set()
        questions.put(line)  # a cancel, too: it wakes who waits for one
    os._exit(1)


def _limit_resources() -> None:
    """No core dumps, and an end to memory before the whole machine has none left."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        wanted = int(4 * 2**30 + MEMORY_SHARE * memory)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
