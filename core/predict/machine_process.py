"""The helper ``detector``: detects in parts of a dataset, for a job on another machine.

It is told once what to run, and compiles that; then it takes any number of parts, the next one
while it is at one, and answers in the order in which it was asked. When its input ends it is no
longer needed, and leaves.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from core.causes import cause
from core.datasets.dataset import Dataset
from core.errors import WorkbenchError
from core.inference.arithmetic import runs_elsewhere
from core.inference.limited import LimitedDetector
from core.inference.settings import Executed
from core.jobs.context import JobContext
from core.predict.detecting import deciding
from core.predict.machine_conversation import (
    Answer,
    DetectPart,
    Differs,
    Made,
    Question,
    Ready,
    Refused,
    RunThere,
    Setup,
)
from core.predict.part_by_part import PartByPart, Parts, Run, Standing
from core.predict.part_stream import Streamed, stream
from core.predict.parts import Part, hash_of_image
from core.predict.store import NO_CACHE, ShardStore
from core.predict.turns import Turns
from core.processes import own_channel
from core.values import from_json, to_json

_FAILURES = (WorkbenchError, RuntimeError, OSError, MemoryError)


def main() -> None:
    """Serve one session, and leave at once: library threads must not get a chance to abort."""
    Serving().all()
    os._exit(0)


class Serving:
    """The conversation: questions are read, and answers made ready, beside the work."""

    def __init__(self) -> None:
        self._channel = own_channel()
        self._detecting = Detecting()
        self._questions = queue.SimpleQueue[Question | None]()
        self._answering = ThreadPoolExecutor(1, thread_name_prefix="answer")  # in this order

    def all(self) -> None:
        """Answer all questions, until nobody asks any more."""
        threading.Thread(target=self._read, name="questions", daemon=True).start()
        asked = self._questions.get()
        while asked is not None:
            if isinstance(asked, DetectPart) and self._detecting.can_stream(asked):
                asked = self._stream(asked)
                continue
            answer = _answer(partial(self._detecting.answer, asked))
            self._answering.submit(self._say, answer)
            asked = self._questions.get()
        self._detecting.standing.limited.close()

    def _read(self) -> None:
        try:
            for line in sys.stdin.buffer:
                self._questions.put(from_json(line, Question))
        finally:
            self._questions.put(None)

    def _say(self, answer: Answer) -> None:
        self._channel.write(to_json(answer) + b"\n")
        self._channel.flush()

    def _stream(self, first: DetectPart) -> Question | None:
        """Detect in parts for as long as a next one is there; gives the question after them."""
        begun = deque([Streamed(first)])
        after: list[Question | None] = []

        def parts() -> Iterator[Streamed]:
            yield begun[-1]
            while True:
                try:
                    asked = self._questions.get_nowait()
                except queue.Empty:
                    return
                if not (isinstance(asked, DetectPart) and self._detecting.can_stream(asked)):
                    after.append(asked)
                    return
                begun.append(Streamed(asked))
                yield begun[-1]

        try:
            for part in self._detecting.stream(parts()):
                self._answering.submit(self._say_made, part)
                begun.popleft()
        except _FAILURES as error:
            for _ in begun:
                self._answering.submit(self._say, _refused(error))
        return after[0] if after else self._questions.get()

    def _say_made(self, part: Streamed) -> None:
        self._say(_answer(partial(self._detecting.made, part)))


def _answer(make: Callable[[], Answer]) -> Answer:
    try:
        return make()
    except _FAILURES as error:
        return _refused(error)


def _refused(error: Exception) -> Refused:
    if isinstance(error, WorkbenchError):
        return Refused(what=error.what, next_step=error.next_step)
    return Refused(what=f"{cause(error)}.", next_step="")


class Detecting:
    """What the process has: the runs, and what is compiled for them."""

    def __init__(self) -> None:
        self.standing = Standing(LimitedDetector())
        self._runs: tuple[Run, ...] = ()
        self._turns = Turns()
        self._here: dict[int, int] = {}  # runs of this process, each with its place among them

    def answer(self, asked: Question) -> Answer:
        """Do what is asked for by itself, not in a stream."""
        return self._set_up(asked.runs) if isinstance(asked, Setup) else self._detect(asked)

    def can_stream(self, asked: DetectPart) -> bool:
        """Whether all that is wanted runs in this process."""
        return all(run in self._here for run in asked.wanted)

    def stream(self, parts: Iterator[Streamed]) -> Iterator[Streamed]:
        """The parts, once they are done; see `core.predict.part_stream.stream`."""
        models = self._work(None, [], Path()).prepared([self._runs[run] for run in self._here])
        each = ((one, [self._here[run] for run in one.asked.wanted]) for one in parts)
        return stream(models, self._runs[0].stored.card.detector, each, self._turns)

    def made(self, done: Streamed) -> Made | Differs:
        """The shards of a part of the stream."""
        if done.differs:
            return Differs()
        work, wanted = self._part(done.asked)
        for run, parts in zip(done.asked.wanted, wanted, strict=True):
            (model,) = work.prepared([self._runs[run]])
            work.put(parts, 0, done.found, self._here[run], model)
        return _made(wanted)

    def _set_up(self, runs: tuple[RunThere, ...]) -> Ready:
        """Compile all of them."""
        import openvino as ov

        from core.inference.machine import require_device
        from core.inference.processor import this_processor

        for device in {one.settings.device for one in runs}:
            require_device(device)
        self._runs = tuple(Run(one.stored, one.settings, one.role) for one in runs)
        here = [n for n, one in enumerate(self._runs) if not runs_elsewhere(one.settings)]
        self._here = {run: place for place, run in enumerate(here)}
        return Ready(
            deciding=tuple(deciding(one).hexdigest() for one in self._runs),
            executed=tuple(map(self._executed, self._runs)),
            processor=this_processor(),
            openvino=str(ov.get_version()),
        )

    def _detect(self, asked: DetectPart) -> Made | Differs:
        """The shards of a part, some of which another process makes: that one opens images, too."""
        for name, wanted in zip(asked.images, asked.hashes, strict=True):
            if wanted and hash_of_image(asked.root / name) != wanted:
                return Differs()
        work, wanted_parts = self._part(asked)
        work.complete(wanted_parts, "")
        return _made(wanted_parts)

    def _part(self, asked: DetectPart) -> tuple[PartByPart, list[Parts]]:
        part = Part(range(len(asked.images)), asked.content)
        wanted = [
            Parts(self._runs[run], [key], [None])
            for run, key in zip(asked.wanted, asked.keys, strict=True)
        ]
        dataset = Dataset(name="part", root=asked.root, kind="folder", images=asked.images)
        return self._work(dataset, [part], asked.folder), wanted

    def _executed(self, run: Run) -> Executed:
        """How a run computes here."""
        if runs_elsewhere(run.settings):
            none = Dataset(name="none", root=Path(run.stored.xml.anchor), kind="folder", images=())
            detector = run.stored.card.detector
            made = self.standing.limited.found(run.stored.xml, detector, none, run.settings)
            return made.executed
        (model,) = self._work(None, [], Path()).prepared([run])
        return model.executed

    def _work(self, dataset: Dataset | None, parts: list[Part], folder: Path) -> PartByPart:
        none = Dataset(name="none", root=Path("/"), kind="folder", images=())
        context = JobContext(folder, lambda message: None, threading.Event())
        store = ShardStore(NO_CACHE, folder, context)
        return PartByPart(parts, dataset or none, store, context, standing=self.standing)


def _made(wanted: Sequence[Parts]) -> Made:
    files = (one.path for parts in wanted for one in parts.shards if one is not None)
    return Made(files=tuple(files))
