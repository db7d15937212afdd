"""The statistics of some calibration images, as they are sent from one machine to another."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from zipfile import BadZipFile

import numpy as np

from core.optimize.statistics_rest import Outputs

_HASH = re.compile(r"Reducer-?\d+")
_READABLE, _NAMES = "readable", "names"


def names_everywhere(outputs: Outputs) -> dict[str, str] | None:
    """What each statistic of an image is called in every process; None where two are alike.

    NNCF puts the hash of a reduction into its name, which is another one for each process. Two
    reductions of a kind of the same tensor differ in the shape of what they give.
    """
    names = {name: f"{_HASH.sub('Reducer', name)} {one.shape}" for name, one in outputs.items()}
    return names if len(set(names.values())) == len(names) else None


def renamed(outputs: Outputs, names: dict[str, str]) -> Outputs:
    """The statistics by other names."""
    return {new: outputs[old] for old, new in names.items()}


def hash_of_outputs(outputs: Outputs) -> str:
    """A hash of the statistics of one image: names, shapes and bits."""
    digest = hashlib.sha256()
    for name in sorted(outputs):
        value = outputs[name]
        digest.update(f"\0{name} {value.dtype} {value.shape}\0".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def size_of_outputs(outputs: Outputs) -> int:
    """The bytes of the statistics of one image."""
    return sum(one.nbytes for one in {id(value): value for value in outputs.values()}.values())


def packed(readable: Sequence[bool], found: Sequence[Outputs]) -> bytes:
    """The statistics of the images of a part that could be read, in their order."""
    names = sorted(found[0]) if found else []
    columns = {_READABLE: np.array(readable, bool), _NAMES: np.array(names, np.str_)}
    for place, name in enumerate(names):
        for number, outputs in enumerate(found):
            columns[f"{place}.{number}"] = outputs[name]
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **columns)
    return file.getvalue()


def unpacked(data: bytes, images: int, like: Outputs) -> tuple[list[bool], list[Outputs]]:
    """What `packed` was given, of so many images; raises ValueError where it is something else.

    `like` are the statistics of another image: names, types and dimensions are the same.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as columns:
            readable = [bool(one) for one in columns[_READABLE]]
            names = [str(one) for one in columns[_NAMES]]
            found: list[Outputs] = [
                {name: columns[f"{place}.{number}"] for place, name in enumerate(names)}
                for number in range(sum(readable))
            ]
    except (KeyError, BadZipFile, EOFError) as error:
        raise ValueError("statistics came damaged") from error
    if len(readable) != images or (found and set(names) != set(like)):
        raise ValueError("statistics of other images or tensors came")
    for one in found:
        for name, value in one.items():
            if (value.dtype, value.ndim) != (like[name].dtype, like[name].ndim):
                raise ValueError(f"statistics of {name} have another type")
    return readable, found
