"""Calibration statistics collected on the workers of a machine, with the same weights in the end.

A worker gives the statistics of every image apart, before anything is made of several. They are
handed to NNCF here, in the order of the images: so it does not matter who collected which. Only
workers that have the very same statistics of the first image take part.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as changed

from core.images.decode import MAX_FILE_BYTES
from core.images.opening import open_image
from core.inference.loading import load_images
from core.inference.processor_words import processor_name
from core.inference.settings import DEFAULT_DEVICE
from core.machines.cache import hash_of
from core.machines.connecting import Scheduler, connected
from core.machines.crew import Crew
from core.machines.machine import Machine
from core.machines.program import this_program
from core.machines.reaching import reached
from core.machines.supply import TRIES, Supply
from core.machines.work import LeftOut
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.optimize import on_worker
from core.optimize.alike import computing
from core.optimize.calibration import Infer, network_for
from core.optimize.machine_conversation import Begin, Ready
from core.optimize.part_statistics import (
    hash_of_outputs,
    names_everywhere,
    renamed,
    size_of_outputs,
    unpacked,
)
from core.optimize.statistics_rest import Outputs
from core.predict.machine_conversation import Lacking, PartAsked
from core.predict.parts import content_of, hash_of_image
from core.progress import Step
from core.remarks.remark import Remark, remark
from core.values import to_json

if TYPE_CHECKING:
    import openvino as ov

    from core.optimize.quantizing import CalibrationImages

PIECE = 16  # images
MOST_BYTES = 2 * 2**20  # of statistics of one image, beyond which it costs more to send them


@dataclass(frozen=True)
class SpreadCalibration:
    """Of this parent by this plan; what came lies in `scratch` meanwhile."""

    machine: Machine
    parent: StoredModel
    plan: QuantizationPlan
    scratch: Path
    step: Step
    log: Callable[[Remark], None]

    def __call__(self, source: CalibrationImages) -> Infer:
        """See `core.optimize.quantizing.Elsewhere`."""

        def infer(
            model: ov.Model, images: Iterator[Any], wanted: frozenset[str]
        ) -> Iterator[Outputs]:
            first = next(images, None)
            if first is None:
                return
            network, expected = network_for(model, first, wanted)
            names = names_everywhere(expected)
            if names is None or size_of_outputs(expected) > MOST_BYTES:
                self.log(remark("statistics_here", machine=self.machine.name))
                yield expected
                yield from network.run(images)
                return
            threads = network.threads
            del network
            ours = {new: old for old, new in names.items()}
            work = _Collecting(self, source, renamed(expected, names), threads)
            yield from (renamed(one, ours) for one in work.outputs())

        return infer


@dataclass(eq=False)
class _Collecting:
    """One such work; see `core.machines.work.Work`."""

    asked: SpreadCalibration
    source: CalibrationImages
    expected: Outputs
    threads: int
    _done: int = 0
    _readable: dict[int, list[bool]] = field(default_factory=dict)
    _files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session = os.urandom(16).hex()
        self._places = self.source.indices.tolist()
        self._pieces = range(-(-len(self._places) // PIECE))
        self._deciding = computing(self.asked.parent, DEFAULT_DEVICE)
        self._first = hash_of_outputs(self.expected)
        self._begin = self._beginning()
        self._parts = [self._part(piece) for piece in self._pieces]
        self._supply: Supply

    def outputs(self) -> Iterator[Outputs]:
        """The statistics of every image, in order; which could be read is noted in the source."""
        self.asked.scratch.mkdir(parents=True, exist_ok=True)
        with reached(self.asked.machine, self.asked.step) as scheduler:
            asyncio.run(self._all(scheduler))
        self._note()
        for piece in self._pieces:
            data = self._file(piece).read_bytes()
            yield from unpacked(data, len(self._of(piece)), self.expected)[1]

    def _note(self) -> None:
        """Which images were used, and why others were not."""
        source, dataset = self.source, self.source.dataset
        readable = [one for piece in self._pieces for one in self._readable[piece]]
        images = list(zip(self._places, readable, strict=True))
        source.used[:] = [dataset.images[place] for place, read in images if read]
        unread = [place for place, read in images if not read]
        loaded = load_images(dataset, unread, source.detector)
        source.problems[:] = [one.problem for one in loaded if one.problem is not None]

    def _of(self, piece: int) -> list[int]:
        """Places of the images of a piece in the dataset."""
        return list(self._places[piece * PIECE : (piece + 1) * PIECE])

    def _file(self, piece: int) -> Path:
        return self.asked.scratch / f"{piece:06}.npz"

    def _beginning(self) -> Begin:
        asked, dataset = self.asked, self.source.dataset
        parent, machine = asked.parent, asked.machine
        name = Path(parent.xml.name)
        read = {dataset.images[place]: place for place in self._places}
        first = dataset.path(read[self.source.used[0]])
        begin = Begin(
            session=self._session,
            machine=machine.number,
            limit_bytes=machine.cache_bytes,
            program=this_program(),
            parent=changed(parent, xml=name, card=changed(parent.card, source=name)),
            xml=hash_of(parent.xml),
            weights=parent.card.weights_sha256,
            first=hash_of_image(first),
            suffix=first.name,
            plan=asked.plan,
        )
        weights = parent.xml.with_suffix(".bin")
        self._files |= {begin.xml: parent.xml, begin.weights: weights, begin.first: first}
        return begin

    def _part(self, piece: int) -> PartAsked:
        dataset, machine = self.source.dataset, self.asked.machine
        places = self._of(piece)
        paths = [dataset.path(place) for place in places]
        hashes = [hash_of_image(path) for path in paths]
        unreadable = tuple(number for number, path in enumerate(paths) if not _can_be_read(path))
        self._files |= dict(zip(hashes, paths, strict=True))
        return PartAsked(
            machine=machine.number,
            limit_bytes=machine.cache_bytes,
            root=dataset.root,
            images=tuple(dataset.images[place] for place in places),
            hashes=tuple(hashes),
            content=content_of(hashes),
            unreadable=unreadable,
            wanted=(),
            keys=(),
        )

    async def _all(self, scheduler: Scheduler) -> None:
        self._tick()
        machine, log = self.asked.machine, self.asked.log
        async with connected(machine, scheduler) as client:
            self._supply = Supply(client, machine, self._session, self._tick)
            crew = Crew(client, machine, self._session, self, self._tick, log)
            try:
                ready = await crew.muster()
                log(remark("statistics_spread", machine=machine.name, count=len(ready)))
                await crew.run(self._pieces, ready)
            finally:
                await crew.leave()
            counts = list(crew.done_by.values())
            log(remark("spread_done", workers=list(crew.done_by), counts=counts))

    def _tick(self) -> None:
        stage = f"Collecting statistics on {self.asked.machine.name}"
        self.asked.step(stage, self._done, len(self._places))

    async def begin(self, worker: str) -> Ready:
        """See `Work`."""
        for _ in range(TRIES):
            said = await self._supply.ask(worker, on_worker.take_up, to_json(self._begin))
            if isinstance(said, Ready):
                return said
            await self._send(worker, said)
        raise LeftOut(remark("worker_forgets"))

    def join(self, worker: str, said: Ready) -> None:
        """See `Work`."""
        if said.threads != self.threads:
            raise LeftOut(remark("runs_otherwise", threads=said.threads, ours=self.threads))
        if (said.deciding, said.first) != (self._deciding, self._first):
            name = processor_name(said.processor)
            raise LeftOut(remark("makes_otherwise", processor=name, openvino=said.openvino))

    async def do(self, worker: str, piece: int) -> None:
        """See `Work`."""
        for _ in range(TRIES):
            given = self._session, to_json(self._parts[piece])
            made = await self._supply.ask(worker, on_worker.collect, *given)
            if not isinstance(made, Lacking):
                self._keep(piece, made)
                return
            await self._send(worker, made)
        raise LeftOut(remark("worker_forgets"))

    def _keep(self, piece: int, made: bytes) -> None:
        """Store what came, once it was looked at; what came before stays."""
        if piece in self._readable:
            return
        images = len(self._of(piece))
        readable, _ = unpacked(made, images, self.expected)
        self._file(piece).write_bytes(made)
        self._readable[piece] = readable
        self._done += images

    async def _send(self, worker: str, lacking: Lacking) -> None:
        await self._supply.send(worker, {one: self._files[one] for one in lacking.hashes})


def _can_be_read(path: Path) -> bool:
    try:
        open_image(path, MAX_FILE_BYTES).file.close()
    except OSError:
        return False
    return True
