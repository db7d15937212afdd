"""Arrays are read only where the file holds what it declares."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.arrays import load_arrays, save_arrays


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    arrays: dict[str, NDArray[Any]] = {
        "boxes": np.arange(8, dtype=np.float32).reshape(2, 4),
        "none": np.zeros((0, 4), np.float32),
        "turned": np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    }
    save_arrays(path, arrays)
    read = load_arrays(path)
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def declared(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    """An array of which only the header is there."""
    file = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def packed(path: Path, data: bytes, packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("boxes.npy", data)
    return path


@pytest.mark.parametrize(
    ("data", "packing", "reason"),
    [
        (declared((600_000_000,)), zipfile.ZIP_STORED, "which does not exist"),
        (declared((2**40, 2**40)), zipfile.ZIP_STORED, "which does not exist"),
        (declared((2,), "|O"), zipfile.ZIP_STORED, "an array is of"),
        (declared((10,)) + bytes(80), zipfile.ZIP_DEFLATED, "compressed"),
        (declared((10,)) + bytes(80), zipfile.ZIP_STORED, "another version"),
        (b"no array at all", zipfile.ZIP_STORED, "magic string"),
        (b"", zipfile.ZIP_STORED, "reading magic string"),
    ],
)
def test_what_is_not_ours_is_refused_before_an_array_is_made(
    tmp_path: Path, data: bytes, packing: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        load_arrays(packed(tmp_path / "a.npz", data, packing))


def test_no_archive_and_no_regular_file(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK\3\4" + bytes(100))
    with pytest.raises(ValueError, match="damaged"):
        load_arrays(tmp_path / "a.npz")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.npz")
        with pytest.raises(OSError, match="regular"):
            load_arrays(tmp_path / "pipe.npz")
