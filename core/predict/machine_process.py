"""The helper ``detector``: detects in parts of a dataset, for a job on another machine.

It is told once what to run, and compiles that; then it takes any number of parts. When its input
ends it is no longer needed, and leaves.
"""

from __future__ import annotations

import os
import sys
import threading
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
    Made,
    Question,
    Ready,
    Refused,
    RunThere,
    Setup,
)
from core.predict.part_by_part import PartByPart, Parts, Run, Standing
from core.predict.parts import Part
from core.predict.store import NO_CACHE, ShardStore
from core.processes import own_channel
from core.values import from_json, to_json


def main() -> None:
    """Serve one session, and leave at once: library threads must not get a chance to abort."""
    channel = own_channel()
    detector = Detecting()
    for line in sys.stdin.buffer:
        channel.write(to_json(_answer(detector, from_json(line, Question))) + b"\n")
        channel.flush()
    detector.standing.limited.close()
    os._exit(0)


def _answer(detector: Detecting, asked: Question) -> Answer:
    try:
        return detector.set_up(asked.runs) if isinstance(asked, Setup) else detector.detect(asked)
    except WorkbenchError as error:
        return Refused(what=error.what, next_step=error.next_step)
    except (RuntimeError, OSError, MemoryError) as error:
        return Refused(what=f"{cause(error)}.", next_step="")


class Detecting:
    """What the process has: the runs, and what is compiled for them."""

    def __init__(self) -> None:
        self.standing = Standing(LimitedDetector())
        self._runs: tuple[Run, ...] = ()

    def set_up(self, runs: tuple[RunThere, ...]) -> Ready:
        """Compile all of them."""
        import openvino as ov

        from core.inference.machine import require_device
        from core.inference.processor import this_processor

        for device in {one.settings.device for one in runs}:
            require_device(device)
        self._runs = tuple(Run(one.stored, one.settings, one.role) for one in runs)
        return Ready(
            deciding=tuple(deciding(one).hexdigest() for one in self._runs),
            executed=tuple(map(self._executed, self._runs)),
            processor=this_processor(),
            openvino=str(ov.get_version()),
        )

    def detect(self, asked: DetectPart) -> Made:
        """The shards of a part."""
        part = Part(range(len(asked.images)), asked.content)
        wanted = [
            Parts(self._runs[run], [key], [None])
            for run, key in zip(asked.wanted, asked.keys, strict=True)
        ]
        dataset = Dataset(name="part", root=asked.root, kind="folder", images=asked.images)
        self._work(dataset, [part], asked.folder).complete(wanted, "")
        files = (one.path for parts in wanted for one in parts.shards if one is not None)
        return Made(files=tuple(files))

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
