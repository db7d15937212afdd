"""PNG pictures of an SVG icon: icons.py SVG FOLDER SIZE..., with the bundle's Qt, off screen."""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer


def main(svg: str, folder: str, *sizes: str) -> None:
    """Write FOLDER/48x48/apps/NAME.png and so on."""
    application = QGuiApplication([])
    renderer = QSvgRenderer(svg)
    for size in map(int, sizes):
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        file = Path(folder, f"{size}x{size}", "apps", f"{Path(svg).stem}.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        if not image.save(str(file)):
            raise SystemExit(f"{file} cannot be written.")
    del application


if __name__ == "__main__":
    main(*sys.argv[1:])
