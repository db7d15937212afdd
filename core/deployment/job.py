"""Making a deployment package: runs in the child process."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from core.benchmark.recommending import Goal, RunSetting
from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource
from core.deployment.inside import NMS, PREPROCESSING, Placed, Where, placed
from core.errors import InputError
from core.inference.settings import PrecisionHint
from core.jobs.context import SCRATCH, JobContext
from core.jobs.job import Weight
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.stored import StoredModel, load_stored
from core.remarks.remark import Remark
from core.text import counted
from core.values import Value

if TYPE_CHECKING:
    from core.detection.detections import DetectionTable

Precision = Literal["", "f32", "bf16", "f16"]
_EXAMPLES = 20  # images: a device that goes wrong in one of so many is to be found out


class PackageResult(Value):
    """Of a deployment package: its folder or file, and how many images its self-test has.

    `preprocessing` and `nms` are where those are done, `run` how it is to run for the goal that was
    stated.
    """

    file: str
    examples: int
    problems: tuple[Remark, ...]
    preprocessing: Placed = Placed()
    nms: Placed = Placed()
    run: RunSetting | None = None


class PackageJob(Value, tag="package"):
    """A detector that runs without this program, with a self-test on images of a dataset.

    `scores` are from which on its detections count; None for the usual threshold. `weights_sha256`
    is that of the model that they were chosen for.

    `preprocessing` and `nms` say whether those are put into the network: not, always, or where
    that is measured to be faster; what the model has inside stays there. `goal` is what it is to
    be fast at: ways to run are measured here, and the best is written into it; None leaves that to
    OpenVINO.

    Leaves a folder called `name`, or a zip file of it. `precision` is the hint that it runs
    with, "" for OpenVINO's own choice.
    """

    weight: ClassVar[Weight] = "heavy"
    model: Path
    dataset: DatasetSource
    name: str = ""
    precision: Precision = ""
    zipped: bool = False
    scores: ScoreThresholds | None = None
    weights_sha256: str = ""
    preprocessing: Where = "outside"
    nms: Where = "outside"
    goal: Goal | None = None

    def run(self, context: JobContext) -> PackageResult:
        """See `core.jobs.job.Job`."""
        import msgspec

        from core.deployment.expecting import expected
        from core.deployment.package import examples_of, write_package
        from core.deployment.wording import chosen_sentences
        from core.models.sources import safe_name

        stored = load_stored(self.model)
        self._require_own(stored)
        dataset = context.open_dataset(self.dataset)
        chosen = sorted(int(number) for number in dataset.subset(_EXAMPLES, 0))
        some = msgspec.structs.replace(dataset, images=tuple(dataset.images[i] for i in chosen))
        own = stored
        stored, preprocessing, nms = self._placed(stored, some, context)
        setting = self._setting(stored, some, context)
        found = expected(stored, some, context)
        _require_some(found[0].table, stored.card.name, dataset.name)
        context.step("Writing the package")
        folder = context.folder / safe_name(self.name or stored.card.name)
        folder.mkdir()
        examples = examples_of(dataset.root, [one.table for one in found])
        ran = [one.executed for one in found]
        said = chosen_sentences(preprocessing, nms, setting)
        write_package(
            stored, examples, ran, folder, self.precision, self.scores, own.xml, setting, said
        )
        file = self._as_asked(folder)
        context.artifact("package", file)
        return PackageResult(
            file=file.name,
            examples=len(examples),
            problems=found[0].problems,
            preprocessing=preprocessing,
            nms=nms,
            run=setting,
        )

    def _setting(
        self, stored: StoredModel, images: Dataset, context: JobContext
    ) -> RunSetting | None:
        from core.benchmark.recommending import recommend
        from core.deployment.batching import possible_batches

        if self.goal is None:
            return None
        several = self.goal.aim == "throughput"
        batches = possible_batches(stored, images, context.step) if several else ()
        paths = [images.path(number) for number in range(len(images.images))]
        hint: PrecisionHint = self.precision or "default"
        return recommend(stored.xml, self.goal, hint, paths, context.step, batches)

    def _as_asked(self, folder: Path) -> Path:
        """The package as its folder, or as a zip file in its place."""
        from core.deployment.package import zip_package

        if not self.zipped:
            return folder
        file = folder.with_name(f"{folder.name}.zip")
        zip_package(folder, file)
        shutil.rmtree(folder)
        return file

    def _placed(
        self, stored: StoredModel, images: Dataset, context: JobContext
    ) -> tuple[StoredModel, Placed, Placed]:
        """The model, and where it has its preprocessing and NMS."""
        paths = [images.path(number) for number in range(len(images.images))]
        found = []
        for movable, where in ((PREPROCESSING, self.preprocessing), (NMS, self.nms)):
            hint: PrecisionHint = self.precision or "default"
            folder = context.folder / SCRATCH / "model"
            stored, one = placed(stored, movable, where, paths, hint, folder, context.step)
            found.append(one)
        return stored, found[0], found[1]

    def _require_own(self, stored: StoredModel) -> None:
        """Thresholds of one model are wrong for any other."""
        if self.weights_sha256 not in ("", stored.card.weights_sha256):
            raise InputError(
                f"The operating point was chosen for another model than {stored.card.name}: their "
                "weights differ.",
                "Make a report on the operating point of this model.",
            )


def _require_some(found: DetectionTable, model: str, dataset: str) -> None:
    """A self-test needs detections to find again."""
    from core.deployment.comparing import LOWEST

    if found.scores.max(initial=0) < LOWEST:
        raise InputError(
            f"{model} detects nothing in the {counted(len(found), 'image')} of {dataset} from "
            f"score {LOWEST:g} on.",
            "Choose images that show what it detects: the package's self-test needs some.",
        )
