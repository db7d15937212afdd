"""Arrays in a file of ours: an uncompressed ``.npz`` whose declared shapes are checked first."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
_LOCAL_HEADER = 30  # bytes of a zip's, before the name and what is extra


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays, by name, and the version of this form."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{_VERSION_NAME: np.array(VERSION)}, **arrays)


@dataclass(frozen=True)
class InPieces:
    """An array that is never whole in memory: of this shape and kind, `pieces` one after another.

    `pieces` are arrays of that kind, which differ from `shape` in their first side alone.
    """

    shape: tuple[int, ...]
    kind: type[np.generic]
    pieces: Iterable[NDArray[Any]]


def save_in_pieces(path: Path, arrays: Mapping[str, NDArray[Any] | InPieces]) -> None:
    """The file that `save_arrays` would write, byte for byte, of arrays that come in pieces."""
    with path.open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in {_VERSION_NAME: np.array(VERSION), **arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                if isinstance(array, InPieces):
                    _write_in_pieces(member, array)
                else:
                    npy.write_array(member, np.asanyarray(array), allow_pickle=False)


def _write_in_pieces(member: IO[bytes], array: InPieces) -> None:
    kind = np.dtype(array.kind)
    npy.write_array_header_1_0(
        member, {"descr": kind.str, "fortran_order": False, "shape": array.shape}
    )
    rows = 0
    for piece in array.pieces:
        expect("a piece", piece, (len(piece), *array.shape[1:]), array.kind)
        member.write(np.ascontiguousarray(piece).tobytes())
        rows += len(piece)
    if rows != array.shape[0]:
        raise ValueError(f"its pieces have {rows:,} rows, not {array.shape[0]:,}")


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What `save_arrays` wrote.

    No array is made before it is known that the file holds all of it. Raises OSError where the
    file cannot be read or is no regular one, ValueError where it is not what was written.
    """
    with _opened(path) as archive:
        arrays = _read(archive)
    version = arrays.pop(_VERSION_NAME, None)
    if version is None or version.shape != () or version != VERSION:
        raise ValueError("another version of the program wrote it")
    return arrays


def load_some(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Some arrays of a file that was looked at as a whole before; raises as `load_arrays`."""
    with _opened(path) as archive:
        return {name: _member(archive, archive.getinfo(f"{name}.npy")) for name in names}


@dataclass(frozen=True)
class StoredColumn:
    """An array that stays in its file: `rows` are read when they are asked for."""

    path: Path
    shape: tuple[int, ...]
    kind: np.dtype[Any]
    place: int  # of its first byte in the file

    def rows(self, first: int, last: int) -> NDArray[Any]:
        """Some rows; raises OSError, and ValueError where the file is shorter by now."""
        width = self.kind.itemsize * math.prod(self.shape[1:])
        data = np.empty((last - first) * width, np.uint8)
        with open_regular(self.path) as file:
            file.seek(self.place + first * width)
            _fill(data, file)
        return data.view(self.kind).reshape(last - first, *self.shape[1:])


def stored_columns(path: Path) -> dict[str, StoredColumn]:
    """What `save_arrays` wrote, by name, none of it read yet; raises as `load_arrays`."""
    with _opened(path) as archive, open_regular(path) as file:
        version = _member(archive, archive.getinfo(f"{_VERSION_NAME}.npy"))
        if version.shape != () or version != VERSION:
            raise ValueError("another version of the program wrote it")
        columns = {}
        for member in _members(archive):
            file.seek(member.header_offset)
            local = file.read(_LOCAL_HEADER)
            if len(local) < _LOCAL_HEADER:
                raise ValueError("it is damaged: an array is beyond its end")
            before = member.header_offset + _LOCAL_HEADER
            before += int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:], "little")
            _require_stored(member)
            with archive.open(member) as one:
                shape, fortran, kind = _header(one, member.file_size)
                if fortran and len(shape) > 1:
                    raise ValueError("an array lies column by column")
                place = before + one.tell()
            name = member.filename.removesuffix(".npy")
            columns[name] = StoredColumn(path, shape, kind, place)
    return columns


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except (zipfile.BadZipFile, NotImplementedError, EOFError, KeyError) as error:
            raise ValueError(f"it is damaged: {error}") from error


def expect(name: str, array: NDArray[Any], shape: tuple[int, ...], kind: type[np.generic]) -> None:
    """Raises ValueError where the array called `name` is not of this shape and kind."""
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"{name} must be {kind.__name__} {list(shape)}, not {array.dtype} {list(array.shape)}"
        )


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > _MOST_ARRAYS:
        raise ValueError(f"it has {len(members):,} arrays")
    return members


def _read(archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    members = _members(archive)
    return {one.filename.removesuffix(".npy"): _member(archive, one) for one in members}


def _require_stored(member: zipfile.ZipInfo) -> None:
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError("it is compressed")
    if member.file_size != member.compress_size:
        raise ValueError("it is damaged")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    _require_stored(member)
    with archive.open(member) as file:
        return _array(file, member.file_size)


def _header(file: IO[bytes], size_bytes: int) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and kind of the array in a member of so many bytes."""
    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"an array has the unknown form {version}")
    shape, fortran, dtype = read(file, max_header_size=_LARGEST_HEADER)
    if dtype.hasobject or dtype.kind not in "biufU" or any(side < 0 for side in shape):
        raise ValueError(f"an array is of {dtype} {list(shape)}")
    count = math.prod(shape)  # Python's integers do not overflow
    if count * dtype.itemsize > size_bytes:
        raise ValueError(f"an array is declared {list(shape)} of {dtype}, which does not exist")
    return shape, fortran, dtype


def _array(file: IO[bytes], size_bytes: int) -> NDArray[Any]:
    """The array in a member of so many bytes, which are all there: the file is not compressed."""
    shape, fortran, dtype = _header(file, size_bytes)
    data = np.empty(math.prod(shape) * dtype.itemsize, np.uint8)
    _fill(data, file)
    return data.view(dtype).reshape(shape, order="F" if fortran else "C")


def _fill(data: NDArray[np.uint8], file: IO[bytes]) -> None:
    filled = 0
    while filled < len(data):
        got = file.readinto(data.data[filled:])  # type: ignore[attr-defined]  # such streams have it
        if not got:
            raise ValueError("an array is cut short")
        filled += got
