"""Draws a translated page into a PDF file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from app.reports.pdf.pages import STYLE, Drawing, Page, translate
from core.unfinished import unfinished

_MARGIN_MM = 14
_WIDTH = 640  # of the text, in the document's pixels
_KEPT_TOGETHER = 5  # blocks from a heading on, at most: text, another heading, a picture
_LOW = 60.0  # higher blocks are pictures
_SHARPNESS = 2.5  # pixels of a drawing for one of the document


class _Document(QTextDocument):
    """Shows its own drawings, and fetches nothing else from anywhere."""

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        super().__init__()
        self._drawings = drawings
        self._images: dict[int, QImage] = {}

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        scheme, _, number = (name.toString() if isinstance(name, QUrl) else name).partition(":")
        if scheme != "drawing" or not number.isdigit():
            return QByteArray()
        place = int(number)
        if place not in self._images:
            self._images[place] = _drawn(self._drawings[place])
        return self._images[place]


def write_pdf(document: str, output: Path) -> None:
    """The page `document` as a PDF file of A4 pages; raises OSError where it cannot be written."""
    page = translate(document)
    text = _Document(page.drawings)
    text.setDefaultStyleSheet(STYLE)
    font = QFont("sans-serif")
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(12)
    text.setDefaultFont(font)
    option = text.defaultTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)  # or narrow columns would cut words
    text.setDefaultTextOption(option)
    temporary = unfinished(output)
    try:
        writer = QPdfWriter(str(temporary))
        writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
        writer.setTitle(output.stem)
        _paint(text, page, writer)
        del writer
        if not temporary.is_file() or not temporary.stat().st_size:
            raise OSError(f"nothing was written to {output}")
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)


def _paint(text: _Document, page: Page, writer: QPdfWriter) -> None:
    """Page after page, scaled so that the text is `_WIDTH` wide, with page numbers."""
    scale = writer.width() / _WIDTH
    foot = 24.0
    height = writer.height() / scale - foot
    text.setDocumentMargin(0)
    _lay_out(text, page, height)
    painter = QPainter(writer)
    if not painter.isActive():
        raise OSError("the file cannot be opened")
    pages = text.pageCount()
    for number in range(pages):
        if number:
            writer.newPage()
        painter.save()
        painter.scale(scale, scale)
        painter.translate(0, -number * height)
        text.drawContents(painter, QRectF(0, number * height, _WIDTH, height))
        painter.restore()
        painter.save()
        painter.scale(scale, scale)
        painter.setPen(Qt.GlobalColor.gray)
        painter.setFont(text.defaultFont())
        place = QRectF(0, height, _WIDTH, foot)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{number + 1} / {pages}")
        painter.restore()
    painter.end()


def _lay_out(text: _Document, page: Page, height: float) -> None:
    """Headings whose picture or first line would come on the next page begin that page.

    The document is laid out anew for each of them: it moves all that follows.
    """
    breaks: set[int] = set()
    for _ in range(page.headings + 1):
        text.setHtml(page.with_breaks(breaks))
        text.setPageSize(QSizeF(_WIDTH, height))
        lonely = next((n for n in _lonely_headings(text, height) if n not in breaks), None)
        if lonely is None:
            return
        breaks.add(lonely)


def _lonely_headings(text: QTextDocument, height: float) -> Iterator[int]:
    layout = text.documentLayout()
    block, number = text.begin(), -1
    while block.isValid():
        if block.blockFormat().headingLevel():
            number += 1
            top = layout.blockBoundingRect(block).top()
            below = block
            for _ in range(_KEPT_TOGETHER):
                below = below.next() if below.next().isValid() else below
                if layout.blockBoundingRect(below).height() > _LOW:
                    break
            bottom = layout.blockBoundingRect(below).bottom()
            if top // height != (bottom - 1) // height and top % height > height / 4:
                yield number
        block = block.next()


def _drawn(drawing: Drawing) -> QImage:
    # Qt's SVG knows the older name of the attribute only
    svg = drawing.svg.replace(' href="data:', ' xlink:href="data:').replace(
        "<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1
    )
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    box = renderer.viewBoxF()
    room = (_WIDTH - 16) / 2 if drawing.half else float(_WIDTH)
    wide = room if drawing.half else min(room, box.width())
    high = wide * box.height() / max(box.width(), 1)
    most = _WIDTH * 1.2  # no drawing is higher than a page
    if high > most:
        wide, high = wide * most / high, most
    image = QImage(
        max(1, round(wide * _SHARPNESS)),
        max(1, round(high * _SHARPNESS)),
        QImage.Format.Format_RGB32,
    )
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    renderer.render(painter)
    painter.end()
    image.setDevicePixelRatio(_SHARPNESS)
    return image
