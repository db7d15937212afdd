"""A report's page in the HTML that Qt's text document knows, and its drawings apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from core.documents.status_colours import VERDICTS

STYLE = """
body { color: #1c2330; }
h1 { font-size: 22px; margin-bottom: 2px; }
h2 { font-size: 16px; margin-top: 18px; margin-bottom: 4px; }
h3 { font-size: 13px; margin-top: 12px; margin-bottom: 2px; }
p { margin-top: 2px; margin-bottom: 4px; }
.quiet { color: #5a6372; }
.small { color: #5a6372; font-size: 10px; }
th { background-color: #f0f2f5; font-weight: 600; }
td, th { padding: 2px 5px; font-size: 11px; }
"""
_VOID = frozenset({"meta", "link", "br"})
_UNKNOWN = frozenset(
    {"html", "body", "section", "header", "main"}
)  # dropped, what is in them stays
_HIDDEN = frozenset({"head", "style", "script", "title"})


@dataclass(frozen=True)
class Drawing:
    """An SVG of the page; `half` where two of them stand side by side."""

    svg: str
    half: bool


@dataclass(frozen=True)
class Page:
    """The page: its HTML, in which ``drawing:N`` stands for the N-th of its drawings.

    `parts` are joined; those at the places `heading_places` open a heading.
    """

    parts: tuple[str, ...]
    heading_places: tuple[int, ...]
    drawings: tuple[Drawing, ...]

    @property
    def headings(self) -> int:
        """How many headings there are."""
        return len(self.heading_places)

    def with_breaks(self, before: Collection[int] = ()) -> str:
        """The HTML, with a new page before the headings of these numbers."""
        parts = list(self.parts)
        for number in before:
            place = self.heading_places[number]
            parts[place] = parts[place].replace(">", ' style="page-break-before: always">')
        return "".join(parts)


def translate(document: str) -> Page:
    """The page of a report as Qt's text document can show it."""
    translator = _Translator()
    translator.feed(document)
    translator.close()
    return Page(tuple(translator.parts), tuple(translator.headings), tuple(translator.drawings))


class _Translator(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.drawings: list[Drawing] = []
        self.headings: list[int] = []
        self._svg: list[str] = []
        self._svg_depth = 0
        self._hidden = 0
        self._closing: list[str] = []  # what each open div is closed with
        self._cell = 0
        self._in_pair = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg" or self._svg_depth:
            self._svg_depth += 1
            self._svg.append(_tag(tag, attrs))
        elif tag in _HIDDEN:
            self._hidden += 1
        elif tag == "div":
            self._open_div((dict(attrs).get("class") or "").split())
        elif tag == "figure":
            self.parts.append('<td width="50%" valign="top">')
        elif tag == "figcaption":
            self.parts.append('<p class="small">')
        elif tag == "table":
            self.parts.append('<table cellspacing="0" cellpadding="0">')
        elif tag in ("td", "th"):
            text = self._cell == 0 or dict(attrs).get("class") == "text"
            side = "left" if text else "right"
            self.parts.append(f'<{tag} align="{side}">')
            self._cell += 1
        elif tag not in _UNKNOWN and tag not in _VOID:
            self._cell = 0 if tag == "tr" else self._cell
            if tag in ("h1", "h2", "h3"):
                self.headings.append(len(self.parts))
            self.parts.append(_tag(tag, attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._svg_depth:
            self._svg.append(_tag(tag, attrs, closed=True))

    def handle_endtag(self, tag: str) -> None:
        if self._svg_depth:
            self._svg.append(f"</{tag}>")
            self._svg_depth -= 1
            if not self._svg_depth:
                self._end_drawing()
        elif tag in _HIDDEN:
            self._hidden -= 1
        elif tag == "div":
            self.parts.append(self._closing.pop())
            self._in_pair = False
        elif tag == "figure":
            self.parts.append("</td>")
        elif tag == "figcaption":
            self.parts.append("</p>")
        elif tag not in _UNKNOWN and tag not in _VOID:
            self.parts.append(f"</{tag}>")
            if tag == "b" and self._closing:
                self.parts.append("<br>")  # the verdict's word stands alone

    def handle_data(self, data: str) -> None:
        if self._svg_depth:
            self._svg.append(escape(data))
        elif not self._hidden:
            self.parts.append(escape(data))

    def _open_div(self, kinds: list[str]) -> None:
        opening, closing = "", ""
        if "verdict" in kinds:
            colour = next((VERDICTS[k] for k in kinds if k in VERDICTS), "#8a93a3")
            opening = (
                '<table width="100%" cellspacing="0" cellpadding="8"><tr>'
                f'<td width="6" bgcolor="{colour}"></td><td bgcolor="#f5f7fa">'
            )
            closing = "</td></tr></table>"
        elif "pair" in kinds:
            self._in_pair = True
            opening, closing = '<table width="100%" cellspacing="4"><tr>', "</tr></table>"
        self.parts.append(opening)
        self._closing.append(closing)

    def _end_drawing(self) -> None:
        self.parts.append(f'<p><img src="drawing:{len(self.drawings)}"></p>')
        self.drawings.append(Drawing("".join(self._svg), self._in_pair))
        self._svg.clear()


_CASED = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}


def _tag(tag: str, attrs: list[tuple[str, str | None]], closed: bool = False) -> str:
    written = "".join(
        f' {_CASED.get(name, name)}="{escape(value or "", quote=True)}"' for name, value in attrs
    )
    return f"<{tag}{written}{'/' if closed else ''}>"
