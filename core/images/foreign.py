"""Images in formats that are not read, so that they can be called by their names."""

from __future__ import annotations

from collections.abc import Mapping

from core.remarks.of_images import VIDEO
from core.remarks.remark import Remark, remark

HEIC, AVIF, GIF, RAW = "HEIC", "AVIF", "GIF", "camera raw"

# By the endings of their names.
FOREIGN_SUFFIXES = {
    **dict.fromkeys((".heic", ".heif", ".hif"), HEIC),
    ".avif": AVIF,
    ".gif": GIF,
    ".jxl": "JPEG XL",
    **dict.fromkeys((".jp2", ".j2k", ".jpx", ".j2c"), "JPEG 2000"),
    ".psd": "Photoshop",
    ".svg": "SVG",
    **dict.fromkeys((".ppm", ".pgm", ".pbm", ".pnm"), "Netpbm"),
    **dict.fromkeys((".exr", ".hdr"), "HDR"),
    ".tga": "TGA",
    ".ico": "icon",
    ".dcm": "DICOM",
    **dict.fromkeys((".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2", ".raw"), RAW),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".wmv", ".mpg"), VIDEO),
}
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    b"crx ": RAW,
}
_STARTS = (
    (b"GIF8", GIF),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"\x76\x2f\x31\x01", "HDR"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "zip"),
    (b"version https://git-lfs", "Git LFS pointer"),
    (b"<!DOCTYPE html", "HTML"),
    (b"<html", "HTML"),
    (b"<svg", "SVG"),
)
ARCHIVE_SUFFIXES = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"})


def foreign_format(start: bytes) -> str:
    """What a file is by its first bytes, such as ``HEIC``; "" where that is not known."""
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], VIDEO)
    if start[:4] == b"RIFF" and start[8:11] == b"AVI":
        return VIDEO
    return next((name for mark, name in _STARTS if start.startswith(mark)), "")


def files_left_out(kinds: Mapping[str, int]) -> tuple[Remark, ...]:
    """Remarks on files of such kinds that are not used, the most first."""
    ordered = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        remark("files_left_out", kind=kind, count=count) for kind, count in ordered if count
    )
