"""The work of a search: runs in the child process."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource
from core.errors import JobCancelled, WorkbenchError
from core.images.opening import status
from core.inference.settings import DEFAULT_DEVICE
from core.jobs.context import SCRATCH, JobContext
from core.jobs.job import Weight
from core.machines.machine import Machine
from core.machines.store import require_agreed
from core.models.stored import CARD_SUFFIX, StoredModel, load_stored
from core.search.candidates import STATE_FILE, Activity, SearchState
from core.search.resuming import begun, resumed
from core.search.settings import SearchSettings
from core.values import Value, write_json

if TYPE_CHECKING:
    from core.inference.limited import LimitedDetector
    from core.search.local import LocalWorkshop
    from core.search.search import Search


class CopyModelResult(Value):
    """Of a copied model: its file name."""

    model: str


class SearchJob(Value, tag="search"):
    """The setting of a stored model that is fastest and loses nothing.

    Leaves the recommended model with its card, and ``search.json``. Candidates are kept in
    `folder` as soon as they are made, with a ``search.json`` there, so that a cancelled search can
    be resumed; usually it is the job's destination. With a `machine`, its workers make and judge
    plans.
    """

    weight: ClassVar[Weight] = "heavy"
    model: Path
    dataset: DatasetSource
    folder: Path
    settings: SearchSettings = SearchSettings()
    resume: bool = False
    machine: Machine | None = None

    def run(self, context: JobContext) -> SearchState:
        """See `core.jobs.job.Job`."""
        from core.inference.limited import LimitedDetector

        with LimitedDetector() as limited:
            return self._run(context, limited)

    def _run(self, context: JobContext, limited: LimitedDetector) -> SearchState:
        from core.search.candidate_crew import MachineFailed
        from core.search.possible_sizes import possible_sizes
        from core.search.search import Search
        from core.search.splitting import split

        parent = load_stored(self.model)
        if self.settings.input_sizes != "own":
            possible_sizes(parent, self.settings.input_sizes)  # refused before anything is done
        dataset = context.open_dataset(self.dataset)
        calibrating, held_out = split(dataset, self.settings.seed)
        fresh = self._fresh(parent, dataset, calibrating, held_out.images)
        fresh = _judged(fresh, limited, context)
        state = (resumed if self.resume else begun)(fresh, self.folder)
        progress = _Progress(context)
        given = parent, dataset, held_out, self.folder, state.settings, progress.inside, limited
        workshop = self._workshop(given, state, context)
        running = Search(
            state,
            self.folder,
            workshop,
            progress.show,
            lambda state: context.artifact("search", self.folder / STATE_FILE),
        )
        progress.search = running
        try:
            running.run()
        except JobCancelled:
            if running.state.candidates:
                running.cancelled()
            if not running.state.choice.recommended:
                raise
            context.keep()
        except MachineFailed as failed:
            raise failed.error from failed
        finally:
            workshop.close()
        state = replace(running.state, problems=tuple(workshop.problems))
        return _deliver(state, parent, self.folder, context)

    def _workshop(
        self, given: tuple[Any, ...], state: SearchState, context: JobContext
    ) -> LocalWorkshop:
        """Where candidates are made: here, or on the workers of a machine."""
        from core.search.elsewhere import SpreadWorkshop
        from core.search.local import LocalWorkshop

        if self.machine is None:
            return LocalWorkshop(*given)
        require_agreed(self.machine)
        return SpreadWorkshop(
            *given,
            machine=self.machine,
            calibrating=state.calibration_images,
            arithmetics=state.arithmetics,
            scratch=context.folder / SCRATCH / "candidates",
            log=context.log,
        )

    def _fresh(
        self, parent: StoredModel, dataset: Dataset, calibrating: int, held_out: tuple[str, ...]
    ) -> SearchState:
        """A search that has found out nothing yet."""
        from core.inference.arithmetic import int8_arithmetic
        from core.inference.executed import default_precision
        from core.search.augmenting import evaluated_images
        from core.targets.target import known_target

        return SearchState(
            name=parent.card.name,
            weights_sha256=parent.card.weights_sha256,
            fingerprint=_fingerprint(dataset),
            calibration_images=calibrating,
            held_out=held_out,
            settings=replace(self.settings, target=known_target(self.settings.target)),
            dataset=self.dataset.path,
            evaluated_images=evaluated_images(len(held_out)),
            arithmetic=int8_arithmetic(),
            float_precision=default_precision(),
        )


def _judged(fresh: SearchState, limited: LimitedDetector, context: JobContext) -> SearchState:
    """The search with the arithmetics in which plans are to be judged, and those it cannot be."""
    from core.targets.target import LOOKING, judged

    if fresh.settings.judged_on != DEFAULT_DEVICE:
        return fresh
    found = judged(fresh.settings.target, limited, lambda: context.step(LOOKING))
    return replace(fresh, arithmetics=found.arithmetics, not_judged=found.not_judged)


class _Progress:
    """What the search does, where that is, and the time left."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._activity = ""
        self.search: Search | None = None

    def show(self, activity: Activity) -> None:
        self._activity = self._context.in_words(activity)
        self._report(self._activity)

    def inside(self, stage: str, done: int, total: int | None) -> None:
        if self.search is not None:
            self.search.keep_to_budget()
        self._report(f"{self._activity}: {stage[:1].lower()}{stage[1:]}")

    def _report(self, stage: str) -> None:
        if self.search is None:
            return self._context.step(stage)
        budget = 60 * self.search.state.settings.minutes
        left = self.search.seconds_left
        done = int(100 * (1 - left / budget))
        return self._context.step(stage, done, 100, seconds_left=round(left, 1), counted=False)


def _deliver(
    state: SearchState, parent: StoredModel, folder: Path, context: JobContext
) -> SearchState:
    """Leave the recommended model in the job's folder, under one name whichever it is."""
    chosen = state.candidate(state.choice.recommended)
    if chosen is None:
        failures = [one.failure for one in state.candidates if one.failure is not None]
        reason = f"{failures[0].what} {failures[0].next_step}" if failures else "See the log."
        if not state.tried_int8 and not failures:
            raise WorkbenchError(
                "The time was used up before any INT8 plan was tried.", "Give the search more time."
            )
        raise WorkbenchError("No candidate could be measured.", reason)
    source = folder / chosen.model if chosen.model else parent.xml
    from core.optimize.recipe import IMAGES_FILE, INGREDIENTS_FILE, RECIPE_FILE

    for stale in (RECIPE_FILE, IMAGES_FILE, INGREDIENTS_FILE):  # of what was recommended before
        (folder / stale).unlink(missing_ok=True)
    target = _copy(source, context.folder / f"{parent.xml.stem}-recommended.xml")
    context.artifact("model", target)
    state = replace(state, model=target.name)
    write_json(folder / STATE_FILE, state)
    write_json(context.folder / STATE_FILE, state)
    return state


class CopyModelJob(Value, tag="copy_model"):
    """A stored model with its card, copied as it is."""

    weight: ClassVar[Weight] = "light"
    model: Path

    def run(self, context: JobContext) -> CopyModelResult:
        """See `core.jobs.job.Job`."""
        context.step("Copying the model")
        return CopyModelResult(model=_copy(self.model, context.folder / self.model.name).name)


def _copy(xml: Path, target: Path) -> Path:
    for suffix in (".xml", ".bin", CARD_SUFFIX):
        shutil.copyfile(xml.with_suffix(suffix), target.with_suffix(suffix))
    from core.optimize.recipe import remake_recipe

    remake_recipe(xml, target.parent)
    return target


def _fingerprint(dataset: Dataset) -> str:
    """Of names and sizes alone: an archive is unpacked to another place each time."""
    digest = hashlib.sha256()
    for number, name in enumerate(dataset.images):
        try:
            size = status(dataset.path(number))[0]
        except OSError:
            size = -1
        digest.update(os.fsencode(f"{name}\0{size}\0"))
    return digest.hexdigest()[:32]
