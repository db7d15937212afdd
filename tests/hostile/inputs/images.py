"""Pictures and archives of pictures, of every format that is read."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from core.images.listing import IMAGE_SUFFIXES
from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked
from tests.support.image_files import chunk, png
from tests.support.images import encoded, sample_image

ENCODED = {suffix: suffix for suffix in (".jpg", ".png", ".bmp", ".webp", ".tiff")}
ENCODED |= dict.fromkeys((".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp"), ".jpg")
ENCODED |= {".dib": ".bmp", ".tif": ".tiff"}
FLIPS = 6  # of each suffix


def _header_of(width: int, height: int, bits: int = 8, kind: int = 2) -> bytes:
    return png(width, height, b"\0" * 64, bits, kind)


def _bomb_png() -> bytes:
    """900 million pixels in a megabyte."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(30_001)) for _ in range(30_000)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(sample_image(40, 30), ".jpg"))
    place = data.find(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _bmp_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(sample_image(40, 30), ".bmp"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def _tiff_loop() -> bytes:
    """A directory whose next one is itself."""
    entry = struct.pack("<HHII", 256, 3, 1, 40)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


PICTURES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "PNG of 2**31 pixels a side": (".png", lambda: _header_of(2**31 - 1, 2**31 - 1)),
    "PNG of no pixels": (".png", lambda: _header_of(0, 0)),
    "PNG of 16 bits declared": (".png", lambda: _header_of(60_000, 60_000, 16, 6)),
    "PNG bomb": (".png", _bomb_png),
    "PNG with a text bomb": (
        ".png",
        lambda: png(
            2, 2, b"\0" * 14, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**28), 9))
        ),
    ),
    "JPEG of 65535 a side": (".jpg", lambda: _jpeg_of(65535, 65535)),
    "JPEG of no height": (".jpg", lambda: _jpeg_of(40, 0)),
    "JPEG of a comment without end": (".jpg", lambda: b"\xff\xd8" + b"\xff\xfe\xff\xff" * 500_000),
    "BMP of 2**30 a side": (".bmp", lambda: _bmp_of(2**30, 2**30)),
    "BMP of a negative width": (".bmp", lambda: _bmp_of(-(2**31), -(2**31))),
    "TIFF in a circle": (".tiff", _tiff_loop),
    "a GIF": (".jpg", lambda: b"GIF89a" + bytes(200)),
    "a program": (".png", lambda: b"#!/bin/sh\ntouch hacked\n"),
    "an SVG of a file": (
        ".png",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    ),
    "empty": (".webp", lambda: b""),
}

Pack = Callable[[Room, Base], tuple[str, bytes]]


def _zip_of(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def _tar_of(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def _tar_link(kind: bytes, target: str) -> bytes:
    info = tarfile.TarInfo("images/link.jpg")
    info.type, info.linkname = kind, target
    photo = tarfile.TarInfo("images/link.jpg/../../escaped.jpg")
    return _tar_of((info, b""), (photo, _jpg()))


def _jpg() -> bytes:
    return encoded(sample_image(40, 30), ".jpg")


def _zip_link(target: str) -> bytes:
    link = zipfile.ZipInfo("images/link.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    out = io.BytesIO(_zip_of(("images/a.jpg", _jpg())))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, target)
    return out.getvalue()


def _nested(levels: int) -> bytes:
    data = _zip_of(("a.jpg", _jpg()))
    for _ in range(levels):
        data = _zip_of(("inner.zip", data))
    return data


def _overlapping() -> bytes:
    """Every entry of the directory is the same megabytes of zeros."""
    data = _zip_of(("a0.jpg", bytes(4 * 2**20)))
    place = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    entry, rest = data[place:end], data[end:]
    many = b"".join(entry.replace(b"a0.jpg", b"%06d" % n) for n in range(3000))
    tail = rest[:8] + struct.pack("<HHII", 3000, 3000, len(many), place) + rest[20:]
    return data[:place] + many + tail


def _lying(size: int) -> bytes:
    data = bytearray(_zip_of(("images/a.jpg", _jpg())))
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(sign)
        data[place + offset : place + offset + 4] = struct.pack("<I", size)
    return bytes(data)


def _device() -> bytes:
    info = tarfile.TarInfo("images/zero.jpg")
    info.type, info.devmajor, info.devminor = tarfile.CHRTYPE, 1, 5
    return _tar_of((info, b""))


ARCHIVES: dict[str, tuple[str, Callable[[Room], bytes]]] = {
    "member above": (".zip", lambda room: _zip_of(("../escaped.jpg", _jpg()), ("a.jpg", _jpg()))),
    "absolute member": (".zip", lambda room: _zip_of((f"{room.victim}/new.jpg", _jpg()))),
    "member of Windows": (".zip", lambda room: _zip_of(("..\\..\\escaped.jpg", _jpg()))),
    "a link": (".zip", lambda room: _zip_link(str(room.victim / "photo.jpg"))),
    "a link to a folder": (".zip", lambda room: _zip_link(str(room.victim))),
    "bomb": (".zip", lambda room: _zip_of(("a.jpg", bytes(2**30)))),
    "bomb of BZIP2": (
        ".zip", lambda room: _zip_of(("a.jpg", bytes(2**28)), packing=zipfile.ZIP_BZIP2)
    ),
    "bomb of LZMA": (
        ".zip", lambda room: _zip_of(("a.jpg", bytes(2**28)), packing=zipfile.ZIP_LZMA)
    ),
    "nested": (".zip", lambda room: _nested(60)),
    "overlapping": (".zip", lambda room: _overlapping()),
    "size too large": (".zip", lambda room: _lying(2**32 - 2)),
    "size too small": (".zip", lambda room: _lying(3)),
    "30000 members": (".zip", lambda room: _zip_of(*((f"{n}.jpg", b"") for n in range(30_000)))),
    "200 deep": (".zip", lambda room: _zip_of(("d/" * 200 + "a.jpg", _jpg()))),
    "same names": (".zip", lambda room: _zip_of(("A.jpg", _jpg()), ("a.JPG", _jpg()))),
    "controls in names": (".zip", lambda room: _zip_of(("\x1b[2J.jpg", _jpg()), ("a.jpg", b"x"))),
    "symbolic link": (".tar", lambda room: _tar_link(tarfile.SYMTYPE, str(room.victim))),
    "hard link": (".tar", lambda room: _tar_link(tarfile.LNKTYPE, "../victim/photo.jpg")),
    "device": (".tar", lambda room: _device()),
    "pipe": (".tar", lambda room: _tar_link(tarfile.FIFOTYPE, "")),
    "bomb of tar": (
        ".tar.gz", lambda room: _tar_of((tarfile.TarInfo("a.jpg"), bytes(2**29)), mode="w:gz")
    ),
    "bomb of xz": (
        ".tar.xz", lambda room: _tar_of((tarfile.TarInfo("a.jpg"), bytes(2**28)), mode="w:xz")
    ),
    "gzip of nothing": (".tar.gz", lambda room: b"\x1f\x8b\x08" + bytes(400)),
    "cut": (".zip", lambda room: _zip_of(("a.jpg", _jpg()))[:300]),
    "text": (".zip", lambda room: b"no archive\n" * 50),
    "huge PAX header": (
        ".tar", lambda room: _pax("comment", "x" * 3_000_000)
    ),
    "PAX size of a lie": (".tar", lambda room: _pax("size", "999999999999999999999")),
    "PAX path outside": (".tar", lambda room: _pax("path", str(room.victim / "new.jpg"))),
}  # fmt: skip


def _pax(key: str, value: str) -> bytes:
    info = tarfile.TarInfo("a.jpg")
    info.pax_headers = {key: value}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info.size = 10
        archive.addfile(info, io.BytesIO(bytes(10)))
    return target.getvalue()


def cases() -> Iterator[Case]:
    """Bytes of each format changed, pictures that lie, and archives."""
    for suffix in sorted(IMAGE_SUFFIXES):
        for number in range(FLIPS):
            yield Case("picture", f"{suffix} changed {number}", _flipped(suffix))
    for name, (suffix, make) in PICTURES.items():
        for command in ("predict", "preview", "create-dataset"):
            yield Case("picture", f"{name}, {command}", _pictured(suffix, make, command))
    for name, (suffix, pack) in ARCHIVES.items():
        yield Case("archive", name, _packed(suffix, pack))


def _asked(room: Room, base: Base, command: str, file: Path) -> Asked:
    if command == "preview":
        out = room.out / "preview.png"
        return typed("import", "--preview", base.model, file, "--output", out)
    if command == "create-dataset":
        return typed("create-dataset", file, "--output", room.out / "own", "--flip", "both")
    return typed("predict", base.model, file.parent, "--output", room.out / "found.json")


def _flipped(suffix: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        data = bytearray(encoded(sample_image(40, 30), ENCODED[suffix]))
        for _ in range(int(random.integers(1, 6))):
            data[int(random.integers(min(len(data), 400)))] = int(random.integers(256))
        if random.random() < 0.3:
            data = data[: int(random.integers(len(data)))]
        file = room.work / "photos" / f"odd{suffix}"
        file.parent.mkdir()
        file.write_bytes(data)
        return _asked(room, base, ("predict", "create-dataset")[int(random.integers(2))], file)

    return build


def _pictured(
    suffix: str, make: Callable[[], bytes], command: str
) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = room.work / "photos" / f"odd{suffix}"
        file.parent.mkdir()
        file.write_bytes(make())
        return _asked(room, base, command, file)

    return build


def _packed(suffix: str, pack: Callable[[Room], bytes]) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = room.work / f"images{suffix}"
        file.write_bytes(pack(room))
        return typed("check-dataset", file)

    return build
