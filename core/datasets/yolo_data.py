"""What describes a YOLO dataset: a ``data.yaml``, Darknet's ``obj.data``, a list of its classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.datasets.names import place_of
from core.datasets.reading import WAY_OUT, files_in, read_utf8, text_start
from core.datasets.splits import is_split, splits_for
from core.detection.label_forms import MAX_CLASSES, parse_labels, parse_yaml
from core.detection.label_lists import lists_in, read_labels
from core.errors import InputError
from core.images.listing import IMAGE_SUFFIXES
from core.remarks.remark import Remark, remark
from core.text import whole_number

MAX_YAML_BYTES = 256 * 1024  # YAML is parsed slowly: some seconds at most
DATA_FILES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_MOST = 2**63 - 1  # that a number may say
_SUFFIXES = (".yaml", ".yml", ".data")
_SPLITS = ("train", "val", "valid", "validation", "test")
_MOST_FILES = 50


def data_file(folder: Path) -> Path | None:
    """The file that describes the dataset in a folder, if there is one, whatever it is called."""
    files = files_in(folder, *_SUFFIXES)[:_MOST_FILES]
    files.sort(key=lambda path: path.name.lower() not in DATA_FILES)
    return next((path for path in files if is_data_file(path)), None)


def is_data_file(path: Path) -> bool:
    """Whether a file describes a dataset: by its name, or since it has names and a split."""
    if path.suffix.lower() not in _SUFFIXES or path.is_dir():
        return False
    if path.name.lower() in DATA_FILES:
        return True  # a pipe as well: that it cannot be read is said when it is
    lines = text_start(path, MAX_YAML_BYTES).splitlines()
    keys = {line.partition("=" if path.suffix == ".data" else ":")[0].strip() for line in lines}
    return "names" in keys and bool(keys.intersection(_SPLITS))


def parse(path: Path) -> dict[str, Any]:
    """The mapping in a ``data.yaml``, all of it text; raises InputError where it is damaged."""
    try:
        data = read_utf8(path, MAX_YAML_BYTES)
    except FileNotFoundError:
        raise InputError(f"{path} no longer exists.", WAY_OUT) from None
    if path.suffix == ".data":
        return _equations(data.decode())
    try:
        described = parse_yaml(data.decode())
    except ValueError as error:
        raise InputError(f"{path} is not valid YAML.", WAY_OUT) from error
    if not isinstance(described, dict):
        raise InputError(
            f"{path} does not describe a dataset.",
            "It should name train, val and the class names; or choose the folder with the images.",
        )
    return described


def image_sources(
    described: Mapping[str, Any], folder: Path, role: str, root: Path
) -> tuple[str, list[Path], dict[str, str]]:
    """The split that fits the role, its folders or lists of images that exist, and what does not.

    The last are better splits, with the first of their entries that is nowhere.

    `folder` is that of the description, `root` the dataset's. Entries are relative to ``path``, to
    the file, or, as Roboflow writes them, to a folder beside; of paths of another machine the end
    is looked for below these, and nowhere else.
    """
    bases = _bases(described, folder, root)
    elsewhere: dict[str, str] = {}
    for split in splits_for(role):
        entry = described.get(split)
        entries = entry if isinstance(entry, list) else [entry]
        found: list[Path] = []
        missing = []
        for name in entries[:1000]:
            if isinstance(name, str) and name:
                place = _found(bases, name)
                found += [place] if place else []
                missing += [] if place else [name]
        if missing:
            elsewhere[split] = missing[0]
        if found:
            return split, found, elsewhere
    return "", [], elsewhere


def class_names(
    described: Mapping[str, Any], folder: Path, root: Path | None = None
) -> tuple[str, ...]:
    """The names: a list, a mapping from numbers, or the name of a file with them; gaps numbered.

    `folder` and `root` are as of `image_sources`.
    """
    names = described.get("names")
    if isinstance(names, str):
        bases = _bases(described, folder, root or folder)
        exact = (place_of(base, names) for base in bases)
        tails = (_tail(base, names) for base in bases)
        place = next((one for one in (*exact, *tails) if one is not None and one.is_file()), None)
        return read_labels(place) if place else parse_labels(names) if "," in names else ()
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        return ()
    numbered = ((whole_number(key, MAX_CLASSES - 1), name) for key, name in names.items())
    named = {
        number: name for number, name in numbered if number is not None and isinstance(name, str)
    }
    return tuple(
        named.get(number, f"class {number}") for number in range(max(named, default=-1) + 1)
    )


def names_missing(
    described: Mapping[str, Any], names: tuple[str, ...], path: Path
) -> tuple[Remark, ...]:
    """What to know where a file tells of more or fewer names than `names`, or of a list of them."""
    given, count = described.get("names"), whole_number(described.get("nc", ""), _MOST)
    if isinstance(given, str) and given and not names:
        return (remark("class_names_elsewhere", file=path.name, named=given),)
    if given and not names:
        return (remark("class_names_unusable", file=path.name),)
    if names and count is not None and count != len(names):
        return (remark("class_names_unequal", file=path.name, classes=count, names=len(names)),)
    return ()


def key_points(described: Mapping[str, Any]) -> tuple[int, int] | None:
    """``kpt_shape``: how many key points a row has, and of how many numbers each."""
    shape = described.get("kpt_shape")
    if not isinstance(shape, list) or len(shape) != 2:
        return None
    points, numbers = (whole_number(one, _MOST) for one in shape)
    if points is None or numbers is None:
        return None
    return min(points, 10_000), min(numbers, 3)


def described_in(folders: Iterable[Path]) -> tuple[dict[str, Any], Path] | None:
    """What the first description in one of the folders says, and where it lies."""
    for folder in folders:
        path = data_file(folder)
        if path is not None:
            with suppress(InputError):  # the images can be used without
                return parse(path), folder
    return None


def names_beside(folders: Iterable[Path], warnings: list[Remark]) -> tuple[str, ...]:
    """Class names from the first description or list of names in one of the folders.

    Of lists that cannot be used `warnings` tell.
    """
    for folder in dict.fromkeys(folders):
        described = described_in([folder])
        if described is not None:
            with suppress(InputError):
                if names := class_names(*described):
                    return names
        for path in lists_in(folder):
            try:
                names = read_labels(path)
            except InputError as error:
                unusable = remark("class_names_unreadable", file=path.name, why=error.what)
                if path.suffix != ".json" and unusable not in warnings:  # these have other uses
                    warnings.append(unusable)
                continue
            if not any(name.lower().endswith(tuple(IMAGE_SUFFIXES)) for name in names):
                return names
    return ()


def _equations(text: str) -> dict[str, Any]:
    """``names = data/obj.names`` of Darknet, a line each."""
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _bases(described: Mapping[str, Any], folder: Path, root: Path) -> list[Path]:
    """The folders that entries may be relative to: none beside the dataset's but what it names."""
    path = described.get("path")
    bases = [folder / path, folder] if isinstance(path, str) and path else [folder]
    inside = root in folder.parents  # as Darknet's, which are relative to where it was started
    return [*bases, folder.parent] if inside else bases


def _found(bases: list[Path], name: str) -> Path | None:
    """The folder or list of images of that name."""
    inside = name.replace("\\", "/")
    while inside.startswith("../"):
        inside = inside[3:]
    for base in bases:
        for place in (
            _absolute(name),
            place_of(base, name),
            place_of(base, inside),
            _tail(base, inside),
        ):
            with suppress(OSError, ValueError):
                if place and (place.is_dir() or (place.suffix == ".txt" and place.is_file())):
                    return place
    return None


def _absolute(name: str) -> Path | None:
    return Path(name) if Path(name).is_absolute() else None


def _tail(base: Path, name: str) -> Path | None:
    """The longest end of a path of another machine that is there.

    It must still have the name of the split in it: ``images`` is not ``val/images``.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    last = max(
        (place for place, part in enumerate(parts) if is_split(part)), default=len(parts) - 1
    )
    tails = ("/".join(parts[first:]) for first in range(last + 1))
    return next((place for tail in tails if (place := place_of(base, tail))), None)
