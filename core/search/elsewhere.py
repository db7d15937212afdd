"""A search whose candidates are made and judged on the workers of a machine.

Only workers that compute as this machine does take part, so that plans, models and what they keep
are the same to the last bit. What is timed is timed here; what belongs to the parent is done here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import sleep

from msgspec.structs import replace

from core.errors import WorkbenchError
from core.images.decode import MAX_FILE_BYTES
from core.images.opening import open_image
from core.inference.settings import Arithmetic, PrecisionHint
from core.jobs.quiet import waiting_for_others
from core.machines.cache import hash_of
from core.machines.machine import Machine
from core.machines.program import this_program
from core.machines.reaching import reached
from core.models.differences import require_same_ports
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.optimize.alike import computing
from core.optimize.quantizing import Ingredients
from core.remarks.remark import Remark, remark
from core.search.alike import found
from core.search.candidate_crew import CandidateCrew, Expected, MachineFailed
from core.search.fetching import Fetched
from core.search.local import LocalWorkshop
from core.search.machine_conversation import Begin, Done, Failed, ImageThere
from core.search.shelf import size_of
from core.search.workshop import Made
from core.targets.target import for_target

_LOOK_SECONDS = 0.05
_TIMES, _MORE_BYTES = 4, 64 * 2**20  # of the parent's bytes, and more, that a candidate may have


@dataclass
class SpreadWorkshop(LocalWorkshop):
    """As `LocalWorkshop`, with a `machine` whose workers quantize and judge plans.

    `calibrating` images calibrate; plans are judged in these `arithmetics`. `scratch` is a folder
    for what workers made; `log` is told of them. To be closed in the end.
    """

    machine: Machine = field(kw_only=True)
    calibrating: int = field(kw_only=True)
    arithmetics: tuple[Arithmetic, ...] = field(kw_only=True)
    scratch: Path = field(kw_only=True)
    log: Callable[[Remark], None] = field(kw_only=True)
    _there: dict[str, Done] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """The same, and the workers are left."""
        self._open.close()
        super().close()

    @cached_property
    def _crew(self) -> CandidateCrew:
        """The workers, which begin here: once it is known what the parent finds."""
        reference = self.judge.reference
        expected = Expected(
            deciding=computing(self.parent, self.settings.judged_on),
            executed=reference.executed,
            found=found(reference.table),
            arithmetics=self.arithmetics,
        )
        begin, files = self._begin()
        with waiting_for_others():  # which may take minutes, and is no time of the search's
            return self._begun(begin, files, expected)

    def _begun(self, begin: Begin, files: dict[str, Path], expected: Expected) -> CandidateCrew:
        """The workers as soon as one of them is ready."""
        try:
            scheduler = self._open.enter_context(reached(self.machine, self.step))
        except WorkbenchError as error:
            raise MachineFailed(error) from error
        most = _TIMES * size_of(self.parent.xml) + _MORE_BYTES
        crew = CandidateCrew(
            *(self.machine, scheduler, begin, files, expected), self.scratch, most, self.log
        )
        crew.start()
        self._open.callback(self._leave, crew)
        while not crew.ready:
            self.step(f"Getting ready on {self.machine.name}", 0, None)
            sleep(_LOOK_SECONDS)
        return crew

    def _leave(self, crew: CandidateCrew) -> None:
        crew.close()
        counts = list(crew.done_by.values())
        self.log(remark("search_spread_done", workers=list(crew.done_by), counts=counts))

    def _begin(self) -> tuple[Begin, dict[str, Path]]:
        """What workers are told, and the files that they may ask for by their hashes."""
        parent, dataset, machine = self.parent, self.dataset, self.machine
        xml, weights = hash_of(parent.xml), parent.card.weights_sha256
        files = {xml: parent.xml, weights: parent.xml.with_suffix(".bin")}
        place_of = {name: place for place, name in enumerate(dataset.images)}
        held_out = tuple(place_of[name] for name in self.held_out.images)
        calibrating = dataset.subset(self.calibrating, self.settings.seed).tolist()
        images: list[ImageThere] = []
        for place in sorted({*held_out, *calibrating}):
            self.step("Hashing the images", len(images), None)
            path = dataset.path(place)
            digest = _digest(path)
            files |= {digest: path} if digest else {}
            images.append(ImageThere(place=place, name=dataset.images[place], hash=digest))
        begin = Begin(
            session=os.urandom(16).hex(),
            machine=machine.number,
            limit_bytes=machine.cache_bytes,
            program=this_program(),
            parent=_without_source(parent),
            xml=xml,
            weights=weights,
            root=dataset.root,
            count=len(dataset.images),
            images=tuple(images),
            held_out=held_out,
            settings=self.settings,
            arithmetics=self.arithmetics,
        )
        return begin, files

    def expect(self, likely: Callable[[], Sequence[QuantizationPlan]]) -> None:
        """Have the workers make these ahead."""
        self._crew.expect(likely())

    def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
        """An INT8 model by that plan, made by a worker; what fails there is tried here."""
        number = self._crew.want(plan)
        while (made := self._crew.take(number)) is None:
            self.step(f"On {self.machine.name}", 0, None)
            sleep(_LOOK_SECONDS)
        if isinstance(made, Failed):
            return super().quantize(identity, plan)
        self._require_asked_for(plan, made)
        done = made.done
        names = tuple(self.dataset.images[int(Path(one).stem)] for one in done.images)
        ingredients = Ingredients(
            names, done.subset_size, done.ignored_names, done.rewritten, done.zeros_moved
        )
        stored = self._shelf.adopt(identity, made.xml, done.card, ingredients)
        self._there[stored.model] = done
        return stored

    def alone(self, model: str, plan: QuantizationPlan) -> bool:
        """The same again, made here; what a worker found out of the former one is forgotten."""
        changed = super().alone(model, plan)
        if changed:
            self._there.pop(model, None)
        return changed

    def _require_asked_for(self, plan: QuantizationPlan, made: Fetched) -> None:
        """Raises MachineFailed where a worker made something else."""
        card = made.done.card
        wrong = card.plan != for_target(plan)
        wrong |= card.weights_sha256 != hash_of(made.xml.with_suffix(".bin"))
        wrong |= plan.input_size is None and card.detector != self.parent.card.detector
        try:
            require_same_ports(self.parent, StoredModel(xml=made.xml, card=card))
        except WorkbenchError:
            wrong = True
        if wrong:
            raise MachineFailed(
                WorkbenchError(
                    f"A worker of {self.machine.name} made another model than it was asked for.",
                    "It was not stored. Check what runs on that machine.",
                )
            )

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        """An estimate of what is kept: what the worker found that made it, or found out here."""
        done = self._there.get(model)
        if done is not None and hint == "f32":
            kept = done.kept_as_executed if arithmetic is None else done.kept.get(arithmetic)
            if kept is not None:
                return kept
        return super().accuracy_kept(model, hint, arithmetic)


def _digest(path: Path) -> str:
    """The hash of an image; "" where it cannot be read, or is larger than any image may be."""
    try:
        with open_image(path, MAX_FILE_BYTES) as image:
            return image.digest()
    except OSError:
        return ""


def _without_source(parent: StoredModel) -> StoredModel:
    """As it is sent, without where it came from."""
    name = Path(parent.xml.name)
    return replace(parent, xml=name, card=replace(parent.card, source=name))
