"""Detecting part by part: what is stored is taken, the rest is inferred and stored as it comes.

Whatever ends the process, all parts that were finished by then are found by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from core.datasets.dataset import Dataset
from core.inference.settings import Executed, InferenceSettings
from core.jobs.context import JobContext
from core.models.stored import StoredModel
from core.predict.parts import Part
from core.predict.shards import Shard
from core.predict.store import ShardStore

if TYPE_CHECKING:
    from core.inference.image_by_image import Compile, FoundInImage, Prepared
    from core.inference.limited import LimitedDetector
    from core.inference.predicting import Prediction


@dataclass(frozen=True)
class Run:
    """A stored model, how it is to run, and what the user calls it, such as ``the model``."""

    stored: StoredModel
    settings: InferenceSettings
    role: str


@dataclass(eq=False)
class Parts:
    """The parts of a dataset for one run: `keys` name the shards, which are None until they exist.

    `taken` counts those that were there.
    """

    run: Run
    keys: Sequence[str]
    shards: list[Shard | None]
    taken: int = 0

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts that do not exist."""
        return [number for number, one in enumerate(self.shards) if one is None]

    @property
    def executed(self) -> Executed | None:
        """How the run computed, by what exists; None where nothing does."""
        return next((one.executed for one in self.shards if one is not None), None)

    def keep_to(self, executed: Executed | None) -> None:
        """Forget the shards of runs that computed otherwise: they are never in one report."""
        for number, one in enumerate(self.shards):
            if one is not None and one.executed != executed:
                self.shards[number] = None
                self.taken -= 1


def taken(
    run: Run,
    keys: Sequence[str],
    parts: Sequence[Part],
    store: ShardStore,
    progress: Callable[[int], None],
) -> Parts:
    """What the store has of a run, all computed alike; `progress` hears of each part."""
    names = run.stored.card.detector.class_names
    shards: list[Shard | None] = []
    for number, (key, part) in enumerate(zip(keys, parts, strict=True)):
        progress(number)
        shards.append(store.find(key, part, names))
    found = Parts(run, keys, shards, sum(one is not None for one in shards))
    found.keep_to(found.executed)
    return found


@dataclass(eq=False)
class Standing:
    """What stays ready between one call and the next: compiled models, a limited process."""

    limited: LimitedDetector
    prepared: dict[tuple[Path, InferenceSettings], Prepared] = field(default_factory=dict)


@dataclass
class PartByPart:
    """Infers what is missing of runs of models that are used alike.

    Who calls it again and again gives what is to stay ready meanwhile, `standing`.
    """

    parts: Sequence[Part]
    dataset: Dataset
    store: ShardStore
    context: JobContext
    compile_model: Compile | None = None
    standing: Standing | None = None

    def complete(self, missing: Sequence[Parts], stage: str) -> None:
        """Make the shards that do not exist; the user sees `stage` meanwhile."""
        from core.inference.arithmetic import runs_elsewhere

        apart = [runs_elsewhere(one.run.settings) for one in missing]
        here = [one for one, elsewhere in zip(missing, apart, strict=True) if not elsewhere]
        self.context.step(stage, 0, self._images(here or missing))
        if here:
            self._infer(here, stage)
        for one, elsewhere in zip(missing, apart, strict=True):
            if elsewhere:
                self._ask(one, stage)

    def _images(self, missing: Sequence[Parts]) -> int:
        """How many are looked at: once, by however many runs."""
        numbers = {number for one in missing for number in one.missing}
        return sum(len(self.parts[number].images) for number in numbers)

    def _infer(self, missing: Sequence[Parts], stage: str) -> None:
        """In this process, with all runs in one pass over the images."""
        from core.inference.image_by_image import found_in_images
        from core.inference.loading import load_images

        models = self.prepared([one.run for one in missing])
        for one, model in zip(missing, models, strict=True):
            one.keep_to(model.executed)
        wanted: dict[int, list[int]] = {}
        for run, one in enumerate(missing):
            for number in one.missing:
                wanted.setdefault(number, []).append(run)
        numbers, total, done = sorted(wanted), self._images(missing), 0
        each = ((image, wanted[n]) for n in numbers for image in self.parts[n].images)
        detector = missing[0].run.stored.card.detector
        images = found_in_images(
            models, detector, each, lambda indices: load_images(self.dataset, indices, detector)
        )
        for number in numbers:
            found = []
            for image in islice(images, len(self.parts[number].images)):
                found.append(image)
                done += 1
                self.context.step(stage, done, total)
            for run in wanted[number]:
                self.put(missing[run], number, found, run, models[run])

    def prepared(self, runs: Sequence[Run]) -> tuple[Prepared, ...]:
        """The runs, compiled; those that stay ready are compiled once."""
        from core.inference.image_by_image import Run as Inferred
        from core.inference.image_by_image import prepare

        ready = {} if self.standing is None else self.standing.prepared
        places = [(one.stored.xml, one.settings) for one in runs]
        new = [one for one in places if one not in ready]
        if new:
            made = prepare([Inferred(*one) for one in new], self.compile_model)
            ready.update(zip(new, made, strict=True))
        return tuple(ready[one] for one in places)

    def put(
        self,
        run: Parts,
        number: int,
        found: Sequence[FoundInImage],
        of_run: int,
        model: Prepared,
    ) -> None:
        """Store what the model, the one of that number in `found`, found in a part."""
        from core.inference.image_by_image import table_of

        detector = run.run.stored.card.detector
        run.shards[number] = self.store.put(
            run.keys[number],
            self.parts[number],
            table_of(found, of_run, detector, self.dataset),
            [one.image for one in found if one.size is not None],
            model.executed,
            [(one.image, one.problem) for one in found if one.problem is not None],
        )

    def _ask(self, run: Parts, stage: str) -> None:
        """In a process of its own, whose INT8 sums saturate."""
        from core.inference.limited import LimitedDetector

        detector, done = run.run.stored.card.detector, 0
        own = LimitedDetector() if self.standing is None else nullcontext(self.standing.limited)
        with own as limited:
            while run.missing:
                number, total = run.missing[0], done + self._images([run])
                images = self.parts[number].images
                names = self.dataset.images[images.start : images.stop]
                some = changed(self.dataset, images=names, annotations=(), warnings=())
                heard = partial(self._hear, stage, done, total)
                made = limited.found(run.run.stored.xml, detector, some, run.run.settings, heard)
                run.keep_to(made.executed)
                run.shards[number] = self._stored(run, number, made)
                done += len(images)

    def _hear(self, stage: str, before: int, total: int, done: int) -> None:
        self.context.step(stage, before + done, total)

    def _stored(self, run: Parts, number: int, made: Prediction) -> Shard:
        part = self.parts[number]
        numbers = {self.dataset.images[image]: image for image in part.images}
        places = {str(self.dataset.path(image)): image for image in part.images}
        return self.store.put(
            run.keys[number],
            part,
            made.table,
            [numbers[name] for name in made.table.image_names],
            made.executed,
            [(places[str(one.facts["image"])], one) for one in made.problems],
        )
