"""Projects that are inside the native files of a wheel, and that its licence texts do not name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

_ABI = re.compile(r"\.(cpython|cp|abi3)[^/]*\.(so|pyd)$|\.pyd$")


@dataclass(frozen=True)
class Inside:
    """A project that is linked into files of a wheel; `text` names its licence text."""

    project: str
    license: str
    text: str
    files: tuple[str, ...]


def inside(
    distribution: metadata.Distribution,
    native: Sequence[str],
    texts: str,
    known: Sequence[Mapping[str, Any]],
) -> tuple[Inside, ...]:
    """What the marks of `known` tell of the `native` files, as far as `texts` do not name it."""
    own = distribution.name.lower()
    unnamed = [
        one
        for one in known
        if one["project"].lower() not in texts.lower() and one["project"].lower() not in own
    ]
    found: dict[str, list[str]] = {}
    for file in native if unnamed else ():
        content = Path(str(distribution.locate_file(file))).read_bytes()
        for one in unnamed:
            if one["mark"].encode() in content:
                found.setdefault(one["project"], []).append(_short(file))
    return tuple(
        Inside(one["project"], one["license"], one["text"], tuple(sorted(found[one["project"]])))
        for one in unnamed
        if one["project"] in found
    )


def _short(file: str) -> str:
    """The name of a file, and of an extension module the same for every Python and system."""
    return _ABI.sub("", file.rpartition("/")[2])
