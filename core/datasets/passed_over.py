"""What lies in a dataset's folder and is not used: named and counted, with the way out.

Said of images in formats that are not read, of links to folders, and, where no annotations were
found, of files that are annotations in formats that are not read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from core.datasets.dataset import Dataset
from core.datasets.foreign import READ, kind_of_file
from core.datasets.reader import Passed, Place
from core.datasets.reading import read_start
from core.errors import InputError
from core.images.decode import read_size
from core.images.foreign import (
    ARCHIVE_SUFFIXES,
    FOREIGN_SUFFIXES,
    foreign_format,
    told_left_out,
    way_out,
)

_OPENED = 8  # files of one folder and ending that are looked into
_GROUPS = 60
_STARTS_READ = 500  # images that are looked into, of those without annotations
_TEXTS = frozenset({".json", ".jsonl", ".ndjson", ".xml", ".csv", ".tsv", ".txt", ".yaml", ".yml",
                    ".manifest", ".vott"})  # fmt: skip
# Told by their endings alone.
_PACKED = {
    ".tfrecord": "TFRecord", ".tfrecords": "TFRecord", ".record": "TFRecord",
    ".parquet": "Parquet", ".arrow": "Arrow", ".mat": "MATLAB", ".mdb": "LMDB", ".lmdb": "LMDB",
    ".h5": "HDF5", ".hdf5": "HDF5", ".pkl": "pickle", ".npz": "NumPy", ".rec": "RecordIO",
}  # fmt: skip
_KNOWN = frozenset({*_TEXTS, *_PACKED, *ARCHIVE_SUFFIXES, *FOREIGN_SUFFIXES})
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "BMP": ".bmp", "WebP": ".webp", "TIFF": ".tif"}
_CONVERT = f"Convert them to a supported format: {READ}."


def images_not_read(place: Place, root: Path) -> tuple[str, ...]:
    """Of the folder with the images: those of other formats, and links that are not followed."""
    passed = place.passed(root)
    kinds: Counter[str] = Counter()
    for suffix, count in passed.suffixes.items():
        if suffix in FOREIGN_SUFFIXES:
            kinds[FOREIGN_SUFFIXES[suffix]] += count
    told = list(told_left_out(kinds))
    if passed.links:
        links = sorted(passed.links)
        what = "a link" if len(links) == 1 else f"{len(links):,} links"
        told.append(
            f"There is {what} to a folder ({_some(links)}), and links to folders are not "
            "followed. Choose the folder itself."
        )
    return (*told, *_unnamed(passed, root))


def _unnamed(passed: Passed, root: Path) -> Iterator[str]:
    """Images by their content, whose names have no ending, or one of nothing known."""
    unknown = [name for name in sorted(passed.files) if _suffix(name) not in _KNOWN]
    looked = unknown[:: -(-len(unknown) // _STARTS_READ) or 1]
    formats: dict[str, list[str]] = defaultdict(list)
    for name in looked:
        with suppress(InputError):
            formats[read_size(f"{root}/{name}").format].append(name)
    least = "At least " if len(looked) < len(unknown) else ""
    for kind, found in sorted(formats.items()):
        files = "files are images" if len(found) > 1 else "file is an image"
        them = "them" if len(found) > 1 else "it"
        yield (
            f"{least}{len(found):,} {kind} {files} by the content but not by the name "
            f"({_some(found)}), and not used. Give {them} the ending {_ENDINGS[kind]}."
        )


def called_otherwise(dataset: Dataset) -> tuple[str, ...]:
    """Files that are called like images that are read, and are none, by their first bytes."""
    names = dataset.images[:: -(-len(dataset.images) // _STARTS_READ)]
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in names:
        kind = foreign_format(read_start(f"{dataset.root}/{name}", 32))
        if kind:
            kinds[kind].append(name)
    least = "At least " if len(names) < len(dataset.images) else ""
    told = []
    for kind, found in sorted(kinds.items()):
        several = len(found) > 1
        what = f"{len(found):,} images are {kind} files" if several else f"1 image is a {kind} file"
        told.append(
            f"{least}{what}, whatever {'they are' if several else 'it is'} called "
            f"({_some(found)}), and cannot be used. {way_out(kind, several=several)}"
        )
    return tuple(told)


def annotations_not_read(place: Place) -> tuple[str, ...]:
    """Of a folder that no reader knows: files that are annotations all the same."""
    passed = place.passed(place.folder)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for name in sorted(passed.files):
        suffix = _suffix(name)
        if suffix in _TEXTS:
            groups[name.rpartition("/")[0], suffix].append(name)
        elif suffix in _PACKED or suffix in ARCHIVE_SUFFIXES:
            kind = f"{_PACKED[suffix]} file" if suffix in _PACKED else "archive inside the folder"
            counts[kind] += 1
            first.setdefault(kind, name)
    for names in list(groups.values())[:_GROUPS]:
        kind, name = _kind(place.folder, names)
        if kind:
            counts[kind] += len(names)
            first.setdefault(kind, name)
    if not counts:
        return ()
    seen = "; ".join(
        f"{count:,} {_several(kind) if count > 1 else kind} ({first[kind]})"
        for kind, count in _most_first(counts)
    )
    return (f"The folder contains annotations in unsupported formats: {seen}. {_CONVERT}",)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name.rpartition("/")[2] else ""


def _kind(folder: Path, names: Sequence[str]) -> tuple[str, str]:
    """What the files of one folder and ending are, by some of them, and the first such."""
    for name in names[:_OPENED]:
        kind = kind_of_file(folder / name)
        if kind:
            return kind, name
    return "", ""


def _several(kind: str) -> str:
    """``KITTI files``, ``JSON files of an unknown format``, ``COCO files that do not fit ...``."""
    first, noun, rest = kind, "", ""
    for noun in ("file", "table", "export", "manifest", "list", "archive"):
        first, found, rest = kind.partition(noun)
        if found:
            break
    rest = rest.replace(" that does not fit", " that do not fit").replace(
        "whose name is", "whose names are"
    )
    return f"{first}{noun}s{rest}"


def _most_first(kinds: Counter[str]) -> list[tuple[str, int]]:
    return sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
