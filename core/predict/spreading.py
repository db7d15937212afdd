"""Detecting on the workers of a machine: what `PartByPart` does, elsewhere.

Parts go there, shards come back and are stored as if they had been made here. Only workers that
compute as this machine does take part: the same processor, instructions, versions and code.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace as changed

from core.files import why
from core.images.decode import MAX_FILE_BYTES
from core.images.opening import open_image
from core.inference.loading import load_images
from core.inference.processor_words import processor_name
from core.inference.settings import Executed
from core.machines.cache import hash_of
from core.machines.connecting import Scheduler, connected
from core.machines.crew import Crew
from core.machines.machine import Machine
from core.machines.program import this_program
from core.machines.reaching import reached
from core.machines.store import require_agreed
from core.machines.supply import TRIES, Supply
from core.machines.work import LeftOut
from core.predict import on_worker
from core.predict.machine_conversation import Begin, Lacking, PartAsked, Ready, RunThere
from core.predict.part_by_part import PartByPart, Parts, Run
from core.predict.parts import image_hashes
from core.predict.shards import Shard, read_shard
from core.remarks.remark import Remark, remark
from core.values import to_json


def spread(machine: Machine, missing: Sequence[Parts], work: PartByPart, stage: str) -> None:
    """Make the shards that do not exist on the machine's workers; the user sees `stage` meanwhile.

    Raises WorkbenchError where that cannot be; what came by then is stored.
    """
    require_agreed(machine)
    with reached(machine, work.context.step) as scheduler:
        asyncio.run(_Spreading(machine, missing, work, stage).all(scheduler))


class _Spreading:
    """One such work; see `core.machines.work.Work`."""

    def __init__(
        self, machine: Machine, missing: Sequence[Parts], work: PartByPart, stage: str
    ) -> None:
        self._machine = machine
        self._missing = missing
        self._work = work
        self._stage = stage
        self._session = os.urandom(16).hex()
        self._executed: tuple[Executed, ...] | None = None
        self._unreadable: dict[int, Remark] = {}  # by the image in the dataset
        self._done, self._total = 0, 0
        self._runs = tuple(_there(one.run) for one in missing)
        self._files = {
            digest: one.run.stored.xml.with_suffix(suffix)
            for run, one in zip(self._runs, missing, strict=True)
            for digest, suffix in ((run.xml, ".xml"), (run.weights, ".bin"))
        }
        self._supply: Supply

    async def all(self, scheduler: Scheduler) -> None:
        """Connect, and have everything done."""
        self._tick()
        async with connected(self._machine, scheduler) as client:
            log = self._work.context.log
            self._supply = Supply(client, self._machine, self._session, self._tick)
            crew = Crew(client, self._machine, self._session, self, self._tick, log)
            try:
                ready = await crew.muster()
                self._choose(ready)
                pieces = sorted({number for one in self._missing for number in one.missing})
                self._total = sum(len(self._work.parts[one].images) for one in pieces)
                self._say(ready)
                await crew.run(pieces, ready)
            finally:
                await crew.leave()
            counts = [crew.done_by[one] for one in crew.done_by]
            log(remark("spread_done", workers=list(crew.done_by), counts=counts))

    def _tick(self) -> None:
        self._work.context.step(self._stage, self._done, self._total or None)

    def _say(self, ready: dict[str, Any]) -> None:
        name, count = self._machine.name, len(ready)
        self._work.context.log(remark("spread_begun", machine=name, count=count))

    def _choose(self, ready: dict[str, Ready]) -> None:
        """How it is computed: as the stored shards were, if somebody can, else as most do."""
        counts = Counter(_key(one.executed) for one in ready.values())
        before = tuple(one.executed for one in self._missing)
        executed = max(counts, key=lambda one: (one == _key(before), counts[one]))
        self._executed = next(
            one.executed for one in ready.values() if _key(one.executed) == executed
        )
        for parts, one in zip(self._missing, self._executed, strict=True):
            parts.keep_to(one)

    async def begin(self, worker: str) -> Ready:
        """See `Work`."""
        begin = Begin(
            session=self._session,
            machine=self._machine.number,
            limit_bytes=self._machine.cache_bytes,
            program=this_program(),
            runs=self._runs,
        )
        for _ in range(TRIES):
            said = await self._supply.ask(worker, on_worker.take_up, to_json(begin))
            if isinstance(said, Ready):
                self._require_alike(said)
                return said
            await self._supply.send(worker, {one: self._files[one] for one in said.hashes})
        raise LeftOut(remark("worker_forgets"))

    def _require_alike(self, said: Ready) -> None:
        """Raises LeftOut where a worker would find something else."""
        from core.predict.detecting import deciding

        ours = tuple(deciding(one.run).hexdigest() for one in self._missing)
        if said.deciding != ours:
            name = processor_name(said.processor)
            raise LeftOut(remark("computes_otherwise", processor=name, openvino=said.openvino))

    def join(self, worker: str, said: Ready) -> None:
        """See `Work`."""
        if said.executed != self._executed:
            threads = [one.threads for one in said.executed]
            ours = [one.threads for one in self._executed or ()]
            raise LeftOut(remark("executes_otherwise", threads=max(threads), ours=max(ours)))

    async def do(self, worker: str, piece: int) -> None:
        """See `Work`."""
        wanted = [n for n, one in enumerate(self._missing) if one.shards[piece] is None]
        for _ in range(TRIES):
            asked_for = to_json(self._asked(piece, wanted))
            made = await self._supply.ask(worker, on_worker.detect, self._session, asked_for)
            if not isinstance(made, Lacking):
                self._keep(piece, wanted, made)
                return
            images = self._work.parts[piece].images
            files = {
                digest: (image, self._work.dataset.path(image))
                for image, digest in zip(images, self._hashes(piece), strict=True)
            }
            await self._send_images(worker, {one: files[one] for one in made.hashes})
        raise LeftOut(remark("worker_forgets"))

    def _asked(self, piece: int, wanted: Sequence[int]) -> PartAsked:
        part, dataset = self._work.parts[piece], self._work.dataset
        images = part.images
        return PartAsked(
            machine=self._machine.number,
            limit_bytes=self._machine.cache_bytes,
            root=dataset.root,
            images=dataset.images[images.start : images.stop],
            hashes=self._hashes(piece),
            content=part.content,
            unreadable=tuple(n for n, one in enumerate(images) if one in self._unreadable),
            wanted=tuple(wanted),
            keys=tuple(self._missing[one].keys[piece] for one in wanted),
        )

    def _hashes(self, piece: int) -> tuple[str, ...]:
        images, folder = self._work.parts[piece].images, self._work.store.folder
        return image_hashes(self._work.dataset, images, folder)

    def _keep(self, piece: int, wanted: Sequence[int], made: Sequence[bytes]) -> None:
        """Store shards that came, each looked at as a whole; what came before stays."""
        part, executed = self._work.parts[piece], self._executed or ()
        fresh = False
        for run, data in zip(wanted, made, strict=True):
            one = self._missing[run]
            if one.shards[piece] is not None:
                continue
            path = self._work.store.received(one.keys[piece], data)
            try:
                shard = read_shard(path, one.keys[piece], part, _names(one))
                if shard.executed != executed[run]:
                    raise ValueError("it was computed otherwise")
                one.shards[piece] = self._stored(one, piece, shard)
            except OSError as error:
                raise ValueError(why(error)) from error
            finally:
                path.unlink(missing_ok=True)
            fresh = True
        self._done += len(part.images) if fresh else 0

    def _stored(self, run: Parts, piece: int, shard: Shard) -> Shard:
        """A shard that came, as it would be had it been made here; it is so but for one thing.

        Why an image cannot be read is only known here.
        """
        part, store, key = self._work.parts[piece], self._work.store, run.keys[piece]
        left = [(part.images[one.image], one.remark) for one in shard.left_out]
        if not any(image in self._unreadable for image, _ in left):
            return store.adopt(key, shard)
        problems = [(image, self._unreadable.get(image, said)) for image, said in left]
        kept = [part.images.start + place for place in shard.kept.tolist()]
        table = shard.table(self._work.dataset, _names(run))
        return store.put(key, part, table, kept, shard.executed, problems)

    async def _send_images(self, worker: str, files: dict[str, tuple[int, Path]]) -> None:
        """Send images; those that cannot be read are noted, with why."""
        there: dict[str, Path] = {}
        for digest, (image, path) in files.items():
            try:
                open_image(path, MAX_FILE_BYTES).file.close()
            except OSError:
                dataset, detector = self._work.dataset, self._missing[0].run.stored.card.detector
                (loaded,) = load_images(dataset, [image], detector)
                if loaded.problem is not None:
                    self._unreadable[image] = loaded.problem
                    continue
            there[digest] = path
        await self._supply.send(worker, there)


def _names(run: Parts) -> tuple[str, ...]:
    return run.run.stored.card.detector.class_names


def _there(run: Run) -> RunThere:
    """The run as it is sent, without where its model came from."""
    xml, card = run.stored.xml, run.stored.card
    stored = changed(run.stored, xml=Path(xml.name), card=changed(card, source=Path(xml.name)))
    return RunThere(
        stored=stored,
        settings=run.settings,
        role=run.role,
        xml=hash_of(xml),
        weights=card.weights_sha256,
    )


def _key(executed: Sequence[Executed | None]) -> bytes:
    return to_json(list(executed))
