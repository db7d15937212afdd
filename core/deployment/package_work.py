"""Making a deployment package: runs in the child process."""

from __future__ import annotations

import shutil

from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.dataset_work import dataset_of
from core.jobs.requests import PackageRequest
from core.jobs.results import PackageResult
from core.models.stored import load_stored
from core.predict.detecting import detect

_LOOKED_AT = 12  # images that those of the self-test are chosen from
_EXAMPLES = 3
_SURE = 0.3


def make_package(request: PackageRequest, context: JobContext) -> PackageResult:
    """The package in a folder of its name, or that folder as a zip file."""
    import msgspec

    from core.deployment.package import Example, write_package, zip_package
    from core.models.importing import safe_name

    stored = load_stored(request.model)
    dataset = dataset_of(request.dataset, context)
    chosen = sorted(int(number) for number in dataset.subset(_LOOKED_AT, 0))
    some = msgspec.structs.replace(dataset, images=tuple(dataset.images[i] for i in chosen))
    detector = stored.card.detector
    ((table, problems),) = detect(
        (stored,), detector, some, "f32", "Finding what the self-test is to find", context
    )
    sure = [int((table[number].scores >= _SURE).sum()) for number in range(len(table))]
    best = sorted(range(len(table)), key=lambda number: -sure[number])[:_EXAMPLES]
    if not any(len(table[number]) for number in best):
        raise InputError(
            f"{stored.card.name} finds nothing in {len(table)} images of {dataset.name}.",
            "Choose images that show what it detects: the package's self-test needs some.",
        )
    context.step("Writing the package")
    name = safe_name(request.name or stored.card.name)
    folder = context.folder / name
    folder.mkdir()
    examples = [Example(dataset.root / table.image_names[n], table[n]) for n in sorted(best)]
    write_package(stored, examples, folder, request.precision)
    file = name
    if request.zipped:
        file = f"{name}.zip"
        zip_package(folder, context.folder / file)
        shutil.rmtree(folder)
    context.artifact("package", context.folder / file)
    return PackageResult(file=file, examples=len(examples), problems=problems)
