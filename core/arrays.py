"""Arrays in a file of ours: an uncompressed ``.npz`` whose declared shapes are checked first."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.files import open_regular

VERSION = 1
_VERSION_NAME = "version"
_LARGEST_HEADER = 4096  # bytes of the text that says an array's type and shape
_MOST_ARRAYS = 100_000


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays, by name, and the version of this form."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{_VERSION_NAME: np.array(VERSION)}, **arrays)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What `save_arrays` wrote.

    No array is made before it is known that the file holds all of it. Raises OSError where the
    file cannot be read or is no regular one, ValueError where it is not what was written.
    """
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                arrays = _read(archive)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, KeyError) as error:
            raise ValueError(f"it is damaged: {error}") from error
    version = arrays.pop(_VERSION_NAME, None)
    if version is None or version.shape != () or version != VERSION:
        raise ValueError("another version of the program wrote it")
    return arrays


def expect(name: str, array: NDArray[Any], shape: tuple[int, ...], kind: type[np.generic]) -> None:
    """Raises ValueError where the array called `name` is not of this shape and kind."""
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"{name} must be {kind.__name__} {list(shape)}, not {array.dtype} {list(array.shape)}"
        )


def _read(archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    members = archive.infolist()
    if len(members) > _MOST_ARRAYS:
        raise ValueError(f"it has {len(members):,} arrays")
    arrays = {}
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError("it is compressed")
        if member.file_size != member.compress_size:
            raise ValueError("it is damaged")
        with archive.open(member) as file:
            arrays[member.filename.removesuffix(".npy")] = _array(file, member.file_size)
    return arrays


def _array(file: IO[bytes], size_bytes: int) -> NDArray[Any]:
    """The array in a member of so many bytes, which are all there: the file is not compressed."""
    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"an array has the unknown form {version}")
    shape, fortran, dtype = read(file, max_header_size=_LARGEST_HEADER)
    if dtype.hasobject or dtype.kind not in "biufU" or any(side < 0 for side in shape):
        raise ValueError(f"an array is of {dtype} {list(shape)}")
    count = 1
    for side in shape:
        count *= side  # Python's integers do not overflow
    if count * dtype.itemsize > size_bytes:
        raise ValueError(f"an array is declared {list(shape)} of {dtype}, which does not exist")
    data = np.empty(count * dtype.itemsize, np.uint8)
    filled = 0
    while filled < len(data):
        got = file.readinto(data.data[filled:])  # type: ignore[attr-defined]  # zipfile streams have it
        if not got:
            raise ValueError("an array is cut short")
        filled += got
    return data.view(dtype).reshape(shape, order="F" if fortran else "C")
