"""Datasets with a file for each image in folders of any name: told by the names of the files.

Asked last, after the readers that know how folders are called as a rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.datasets import voc, yolo
from core.datasets.dataset import Dataset
from core.datasets.names import key
from core.datasets.reader import Place
from core.datasets.reading import folders_in, stem
from core.datasets.splits import split_rank
from core.datasets.yolo_data import names_beside
from core.images.listing import list_files

_SAMPLED = 2000
_SAME = 8  # images of one name that a file may belong to
_TRIED = 20  # pairs of folders
_NAMES_IN = 20  # folders that are looked through for names of classes


def find(place: Place) -> Dataset | None:
    """The dataset in two folders whose files have the same names, or None."""
    return _with_xml(place) or _with_text(place)


def _with_text(place: Place) -> Dataset | None:
    for root, labels, files in _found(place, ".txt"):
        if yolo.are_labels(labels / file for file in files):
            folders = (*yolo.near(root, place), labels, *folders_in(place.folder)[:_NAMES_IN])
            names, title = names_beside(folders, place.warnings), _title(root, place)
            return yolo.make(root, place.images(root), labels, place, names, title)
    return None


def _with_xml(place: Place) -> Dataset | None:
    for root, labels, files in _found(place, ".xml"):
        if voc.are_annotations(labels / file for file in files):
            return voc.open_folders(labels, root, root, place)
    return None


def _found(place: Place, suffix: str) -> Iterator[tuple[Path, Path, list[str]]]:
    """Folders of images and of files for them, with those of the files that have an image."""
    images = place.images(place.folder)
    if not place.passed(place.folder).suffixes[suffix]:
        return
    texts = list(list_files(place.folder, {suffix}))
    for ours, theirs in pairs(images, texts, place.role)[:_TRIED]:
        root, labels = place.folder / ours, place.folder / theirs
        wanted = {key(stem(name)) for name in place.images(root)}
        files = [name for name in list_files(labels, {suffix}) if key(stem(name)) in wanted]
        if files:
            yield root, labels, files


def _title(root: Path, place: Place) -> str:
    inside = root.relative_to(place.folder).as_posix()
    return f"{place.folder.name} ({inside})" if inside != "." else root.name


def pairs(images: Sequence[str], texts: Sequence[str], role: str) -> list[tuple[str, str]]:
    """Folders of images and of label files, relative as the names are; the best for `role` first.

    A label file belongs to the images of its name. What their folders have in common at the end
    is not part of the pair: ``img/train/a.jpg`` and ``txt/train/a.txt`` make ``img``, ``txt``.
    """
    named: dict[str, list[str]] = defaultdict(list)
    for name in images:
        known = named[key(stem(name).rpartition("/")[2])]
        if len(known) < _SAME:
            known.append(name)
    found: Counter[tuple[str, str]] = Counter()
    for text in texts[:: max(1, len(texts) // _SAMPLED)]:
        for name in named.get(key(stem(text).rpartition("/")[2]), ()):
            found[_folders(name, text)] += 1
    return sorted(found, key=lambda pair: (split_rank(pair[0], role), -found[pair], pair))


def _folders(image: str, text: str) -> tuple[str, str]:
    ours, theirs = image.split("/")[:-1], text.split("/")[:-1]
    while ours and theirs and key(ours[-1]) == key(theirs[-1]):
        ours.pop()
        theirs.pop()
    return "/".join(ours), "/".join(theirs)
