"""What lies in a dataset's folder and is not used: named and counted, with the way out.

Said of images in formats that are not read, of links to folders, and, where no annotations were
found, of files that are annotations in formats that are not read, and of empty folders of them.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from core.datasets.dataset import Dataset
from core.datasets.foreign import READ, kind_of_file
from core.datasets.one_file import not_readable
from core.datasets.reader import Passed, Place
from core.datasets.reading import folders_in, is_damaged_text
from core.errors import InputError
from core.images.decode import read_size
from core.images.foreign import (
    ARCHIVE_SUFFIXES,
    FOREIGN_SUFFIXES,
    files_left_out,
    foreign_format,
)
from core.images.opening import start_of, why_not
from core.remarks.remark import Remark, remark

_OPENED = 8  # files of one folder and ending that are looked into
_GROUPS = 60
_STARTS_READ = 500  # images that are looked into, of those without annotations
_TEXTS = frozenset({".json", ".jsonl", ".ndjson", ".xml", ".csv", ".tsv", ".txt", ".yaml", ".yml",
                    ".manifest", ".vott"})  # fmt: skip
_OF_ANNOTATIONS = frozenset({"annotations", "annotation", "labels", "label", "xml", "xmls"})
_OF_IMAGES = frozenset({"jpegimages", "images", "image", "imgs", "img"})
# Told by their endings alone.
_PACKED = {
    ".tfrecord": "TFRecord", ".tfrecords": "TFRecord", ".record": "TFRecord",
    ".parquet": "Parquet", ".arrow": "Arrow", ".mat": "MATLAB", ".mdb": "LMDB", ".lmdb": "LMDB",
    ".h5": "HDF5", ".hdf5": "HDF5", ".pkl": "pickle", ".npz": "NumPy", ".rec": "RecordIO",
}  # fmt: skip
_KNOWN = frozenset({*_TEXTS, *_PACKED, *ARCHIVE_SUFFIXES, *FOREIGN_SUFFIXES})


def images_not_read(place: Place, root: Path) -> tuple[Remark, ...]:
    """Of the folder with the images: those of other formats, and links that are not followed."""
    passed = place.passed(root)
    kinds: Counter[str] = Counter()
    for suffix, count in passed.suffixes.items():
        if suffix in FOREIGN_SUFFIXES:
            kinds[FOREIGN_SUFFIXES[suffix]] += count
    links = sorted(passed.links)
    not_followed = (remark("links_not_followed", links=links),) if links else ()
    return (*files_left_out(kinds), *not_followed, *_unnamed(passed, root))


def _unnamed(passed: Passed, root: Path) -> Iterator[Remark]:
    """Images by their content, whose names have no ending, or one of nothing known."""
    unknown = [name for name in sorted(passed.files) if _suffix(name) not in _KNOWN]
    looked = unknown[:: -(-len(unknown) // _STARTS_READ) or 1]
    formats: dict[str, list[str]] = defaultdict(list)
    for name in looked:
        with suppress(InputError):
            formats[read_size(f"{root}/{name}").format].append(name)
    sampled = len(looked) < len(unknown)
    for kind, found in sorted(formats.items()):
        yield remark("images_without_ending", kind=kind, names=found, sampled=sampled)


def called_otherwise(dataset: Dataset) -> tuple[Remark, ...]:
    """Files that are called like images and are none, by their first bytes, or cannot be read."""
    names = dataset.images[:: -(-len(dataset.images) // _STARTS_READ)]
    kinds: dict[str, list[str]] = defaultdict(list)
    closed: dict[str, list[str]] = defaultdict(list)
    for name in names:
        start = start_of(f"{dataset.root}/{name}", 32)
        if kind := foreign_format(start):
            kinds[kind].append(name)
        elif not start and (reason := why_not(f"{dataset.root}/{name}")):
            closed[reason].append(name)
    sampled = len(names) < len(dataset.images)
    return (
        *(
            remark("called_otherwise", kind=kind, names=found, sampled=sampled)
            for kind, found in sorted(kinds.items())
        ),
        *(
            remark("images_unreadable", reason=reason, names=found, sampled=sampled)
            for reason, found in sorted(closed.items())
        ),
    )


def called_by_name(warnings: Iterable[Remark], root: Path) -> frozenset[str]:
    """The images that such remarks are of: that they cannot be read was said with them."""
    said = ("called_otherwise", "images_unreadable")
    names = (one.facts["names"] for one in warnings if one.code in said)
    return frozenset(f"{root}/{name}" for of_kind in names for name in cast("tuple[str]", of_kind))


def annotations_not_read(place: Place) -> tuple[Remark, ...]:
    """Of a folder that no reader knows: files that are annotations all the same."""
    passed = place.passed(place.folder)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for name in sorted(passed.files):
        suffix = _suffix(name)
        if suffix in _TEXTS:
            groups[name.rpartition("/")[0], suffix].append(name)
        elif suffix in _PACKED:
            kind = f"{_PACKED[suffix]} file"
            counts[kind] += 1
            first.setdefault(kind, name)
    for names in list(groups.values())[:_GROUPS]:
        kind, name = _kind(place.folder, names)
        if kind:
            counts[kind] += len(names)
            first.setdefault(kind, name)
    texts = sorted(n for n in passed.files if _suffix(n) in _TEXTS)
    not_text = _not_text(place.folder, texts)
    closed = not_readable((place.folder / name for name in texts), place.folder)
    not_text = (*not_text, *closed, *archives_inside(place), *place.unreadable(place.folder))
    if not counts:
        return not_text
    kinds = [kind for kind, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    return (
        remark(
            "annotations_not_read",
            kinds=kinds,
            counts=[counts[kind] for kind in kinds],
            first=[first[kind] for kind in kinds],
            supported=READ,
        ),
        *not_text,
    )


def annotations_empty(place: Place) -> tuple[Remark, ...]:
    """Of folders that are called as those of annotations are, and hold no annotation.

    They are looked for in the folder, in those in it, and beside it. A folder without a file is
    empty, as is one of which every text file is.
    """
    top = place.folder
    inner = folders_in(top)[:_GROUPS]
    around = [*inner, *(deeper for one in inner for deeper in folders_in(one)[:_GROUPS])]
    if top.name.lower() in _OF_IMAGES:
        around += folders_in(top.parent)[:_GROUPS]
    called = (one for one in around if one.name.lower() in _OF_ANNOTATIONS)
    names = [one.relative_to(top.parent).as_posix() for one in called if _is_empty(one)]
    return (remark("annotations_empty", names=names),) if names else ()


def _is_empty(folder: Path) -> bool:
    """Whether no file below a folder has a byte in it; what cannot be listed is said elsewhere."""
    unlisted: list[OSError] = []
    for at, _, files in os.walk(folder, onerror=unlisted.append):
        for name in files:
            with suppress(OSError):
                if Path(at, name).stat().st_size:
                    return False
    return not unlisted


def archives_inside(place: Place) -> tuple[Remark, ...]:
    """Of archives in the folder, which may hold what is looked for."""
    names = sorted(n for n in place.passed(place.folder).files if _suffix(n) in ARCHIVE_SUFFIXES)
    return (remark("archives_inside", names=names),) if names else ()


def _not_text(folder: Path, names: Sequence[str]) -> tuple[Remark, ...]:
    """Files called like texts that hold other bytes: annotations may have been damaged so."""
    looked = names[:: -(-len(names) // _STARTS_READ) or 1]
    found = [name for name in looked if is_damaged_text(folder / name)]
    sampled = len(looked) < len(names)
    return (remark("files_not_text", names=found, sampled=sampled),) if found else ()


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name.rpartition("/")[2] else ""


def _kind(folder: Path, names: Sequence[str]) -> tuple[str, str]:
    """What the files of one folder and ending are, by some of them, and the first such."""
    for name in names[:_OPENED]:
        kind = kind_of_file(folder / name)
        if kind:
            return kind, name
    return "", ""
