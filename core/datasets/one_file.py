"""Datasets that one file describes: where it may lie, and where the images that it names are."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.datasets.names import NameIndex, is_there, normal
from core.datasets.reader import Place
from core.datasets.reading import files_in, folders_in, why_not
from core.datasets.splits import is_split, split_rank
from core.errors import InputError
from core.remarks.remark import Remark, remark

MAX_CANDIDATES = 50
_ANNOTATION_FOLDERS = ("labels", "annotations", "annotation", "json", "coco", "csv", "xml", "data")
_SAMPLED = 50


class ImagesMissing(InputError):
    """A file whose images are not there."""


def candidates(place: Place, suffix: str) -> list[Path]:
    """Files with that ending in and beside the folder, with the best for the role first."""
    folder = place.folder
    beside = [
        path
        for above in list(folder.parents)[:2]
        for path in files_in(above / "annotations", suffix)
        if folder.name in path.stem.split("_")
    ]
    found = beside + files_in(folder / "annotations", suffix) + files_in(folder, suffix)
    for inner in folders_in(folder):
        if is_split(inner.name) or inner.name.lower() in _ANNOTATION_FOLDERS:
            found += files_in(inner, suffix)[:MAX_CANDIDATES]

    def rank(path: Path) -> int:
        above = path.parent.name if path.parent != folder else ""
        return split_rank(f"{above} {path.stem}", place.role)

    ordered = sorted(dict.fromkeys(found), key=rank)
    refused = not_readable(ordered[:MAX_CANDIDATES], folder)
    place.warnings.extend(one for one in refused if one not in place.warnings)
    return ordered


def not_readable(files: Iterable[Path], folder: Path) -> Iterator[Remark]:
    """Of those of the files that cannot be read, why."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for file in files:
        if reason := why_not(file):
            reasons[reason].append(os.path.relpath(file, folder).replace(os.sep, "/"))
    for reason, names in reasons.items():
        yield remark("files_unreadable", names=names, reason=reason)


def located(
    named: Sequence[str], path: Path, place: Place, *, alone: bool = False
) -> tuple[Path, tuple[str, ...]]:
    """The folder that the names in a file are relative to, and those of its images that exist.

    Says how many are not there, named twice, or not named. If a file that names nothing but
    images with objects is `alone` beside them, those that it does not name are images, too.
    Raises ImagesMissing where none is there.
    """
    wanted = {normal(name) for name in named}
    root, images = _images(wanted, path, place)
    if not images:
        raise ImagesMissing(
            f"None of the {len(wanted):,} images that {path} names were found.",
            "Choose the folder that holds both the images and the annotations.",
        )
    missing, twice = len(wanted) - len(images), len(named) - len(wanted)
    if missing > 0:
        place.warnings.append(
            remark(
                "images_missing", missing=missing, images=len(wanted), file=path.name, folder=root
            )
        )
    if twice:
        place.warnings.append(remark("images_repeated", file=path.name, images=twice))
    others = len(place.images(root)) - len(images)
    if alone and path.parent == root:
        return root, place.images(root)
    if others > 0:
        unnamed = remark("images_not_named", file=path.name, images=others, folder=root)
        place.warnings.append(unnamed)
    return root, images


def title(path: Path, root: Path, place: Place) -> str:
    """What a dataset is called: its folder, and that of the images in brackets."""
    above = path.parent.parent if path.parent.name == "annotations" else path.parent
    name = above.name or place.folder.name
    if root == above and place.folder == above.parent:  # of several beside each other
        return f"{place.folder.name} ({root.name})"
    return f"{name} ({root.name})" if root not in (place.folder, above) else root.name


def _images(wanted: set[str], path: Path, place: Place) -> tuple[Path, tuple[str, ...]]:
    sample = sorted(wanted)[:: max(1, len(wanted) // _SAMPLED)]
    best = max(
        _roots(path, place.folder),
        key=lambda root: sum(is_there(root / name) for name in sample),
        default=place.folder,
    )
    images = tuple(name for name in place.images(best) if name in wanted)
    if len(images) == len(wanted):
        return best, images
    for root in (best, place.folder) if images else (place.folder,):
        below = place.images(root)  # however their names are written, and anywhere
        found = NameIndex(below).found(wanted)
        if len(found) > len(images):
            return root, tuple(name for index, name in enumerate(below) if index in found)
    return best, images


def _roots(path: Path, folder: Path) -> Iterator[Path]:
    """Folders that the names in the file may be relative to, the most likely first."""
    seen: set[Path] = set()
    tops = [path.parent, folder, folder / "images", path.parent.parent]
    split = path.stem.removeprefix("instances_")
    for top in tops:
        for root in (top / split, top / "data", top, *folders_in(top)[:MAX_CANDIDATES]):
            if root not in seen and root.is_dir():
                seen.add(root)
                yield root
