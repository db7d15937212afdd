"""Pictures of an SVG icon, drawn by the bundle's Qt, off screen.

    icons.py SVG FOLDER SIZE...    FOLDER/48x48/apps/NAME.png and so on, as Linux's desktops read
    icons.py SVG FILE.ico          for Windows
    icons.py SVG FILE.icns         for macOS

Both containers hold PNG pictures: https://en.wikipedia.org/wiki/ICO_(file_format) and
https://en.wikipedia.org/wiki/Apple_Icon_Image_format have their fields.
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

_ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
_ICNS_KINDS = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}


def main(svg: str, target: str, *sizes: str) -> None:
    """Draw what was asked for."""
    application = QGuiApplication([])
    renderer, file = QSvgRenderer(svg), Path(target)
    if file.suffix == ".ico":
        file.write_bytes(ico({size: png(renderer, size) for size in _ICO_SIZES}))
    elif file.suffix == ".icns":
        file.write_bytes(icns({kind: png(renderer, size) for kind, size in _ICNS_KINDS.items()}))
    else:
        for size in map(int, sizes):
            picture = file / f"{size}x{size}" / "apps" / f"{Path(svg).stem}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(png(renderer, size))
    del application


def png(renderer: QSvgRenderer, size: int) -> bytes:
    """The icon as PNG, `size` pixels wide and high."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"png")).write(image):
        raise SystemExit("The icon could not be drawn.")
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A file of PNG pictures by their size in pixels, at most 256."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    entries = b""
    for size, data in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return head + entries + b"".join(pictures.values())


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """A file of PNG pictures by the four letters that stand for their size."""
    body = b"".join(
        kind + struct.pack(">I", len(data) + 8) + data for kind, data in pictures.items()
    )
    return b"icns" + struct.pack(">I", len(body) + 8) + body


if __name__ == "__main__":
    main(*sys.argv[1:])
