"""Making a deployment package: runs in the child process."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar, Literal

from core.datasets.source import DatasetSource
from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.stored import StoredModel, load_stored
from core.remarks.remark import Remark
from core.text import counted
from core.values import Value

Precision = Literal["", "f32", "bf16", "f16"]
_EXAMPLES = 20  # images: a device that goes wrong in one of so many is to be found out


class PackageResult(Value):
    """Of a deployment package: its folder or file, and how many images its self-test has."""

    file: str
    examples: int
    problems: tuple[Remark, ...]


class PackageJob(Value, tag="package"):
    """A detector that runs without this program, with a self-test on images of a dataset.

    `scores` are from which on its detections count; None for the usual threshold. `weights_sha256`
    is that of the model that they were chosen for.

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

    def run(self, context: JobContext) -> PackageResult:
        """See `core.jobs.job.Job`."""
        import msgspec

        from core.deployment.comparing import LOWEST
        from core.deployment.expecting import expected
        from core.deployment.package import Example, write_package, zip_package
        from core.models.sources import safe_name

        stored = load_stored(self.model)
        self._require_own(stored)
        dataset = context.open_dataset(self.dataset)
        chosen = sorted(int(number) for number in dataset.subset(_EXAMPLES, 0))
        some = msgspec.structs.replace(dataset, images=tuple(dataset.images[i] for i in chosen))
        found = expected(stored, some, context)
        table = found[0].table
        if table.scores.max(initial=0) < LOWEST:
            raise InputError(
                f"{stored.card.name} detects nothing in the {counted(len(table), 'image')} of "
                f"{dataset.name} from score {LOWEST:g} on.",
                "Choose images that show what it detects: the package's self-test needs some.",
            )
        context.step("Writing the package")
        name = safe_name(self.name or stored.card.name)
        folder = context.folder / name
        folder.mkdir()
        examples = [
            Example(dataset.root / name, tuple(one.table[number] for one in found))
            for number, name in enumerate(table.image_names)
        ]
        ran = [one.executed for one in found]
        write_package(stored, examples, ran, folder, self.precision, self.scores)
        file = name
        if self.zipped:
            file = f"{name}.zip"
            zip_package(folder, context.folder / file)
            shutil.rmtree(folder)
        context.artifact("package", context.folder / file)
        return PackageResult(file=file, examples=len(examples), problems=found[0].problems)

    def _require_own(self, stored: StoredModel) -> None:
        """Thresholds of one model are wrong for any other."""
        if self.weights_sha256 not in ("", stored.card.weights_sha256):
            raise InputError(
                f"The operating point was chosen for another model than {stored.card.name}: their "
                "weights differ.",
                "Make a report on the operating point of this model.",
            )
