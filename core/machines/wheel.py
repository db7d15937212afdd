"""This very code as a wheel for the Python of a host, without the window and the sample."""

from __future__ import annotations

import hashlib
import io
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import core
from core import __version__
from core.parts import PROGRAM

_WHEN = (1980, 1, 1, 0, 0, 0)  # the same code makes the same bytes
_NOT_THERE = ("__pycache__", "sample")


def wheel_name() -> str:
    """As pip wants it."""
    return f"{PROGRAM.replace('-', '_')}-{__version__}-py3-none-any.whl"


def program_wheel() -> bytes:
    """The wheel; raises OSError where the program cannot be read."""
    about = f"{PROGRAM.replace('-', '_')}-{__version__}.dist-info"
    files = dict(_sources(Path(core.__file__).parent.parent))
    files[f"{about}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {PROGRAM}\nVersion: {__version__}\n".encode()
    )
    files[f"{about}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: detection-workbench\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n"
    )
    record = f"{about}/RECORD"
    files[record] = "".join([*map(_recorded, files.items()), f"{record},,\n"]).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _recorded(file: tuple[str, bytes]) -> str:
    name, data = file
    digest = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def _sources(root: Path) -> Iterator[tuple[str, bytes]]:
    """All modules of the core, and what they read beside them."""
    for room in ("core", "resources"):
        for path in sorted((root / room).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not set(inside.parts) & set(_NOT_THERE):
                yield inside.as_posix(), path.read_bytes()
