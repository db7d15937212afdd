"""XML files from strangers, with limits: no entities of their own, bounded depth and number.

A document type may be named, as older programs do, but nothing is read from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from core.detection.text import NotTextError, as_utf8

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 200_000
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# What Python decodes in a time that grows with the length alone.
_KNOWN = re.compile(
    r"utf|us-?ascii|ascii|iso-?8859|latin|windows-?12|cp|gb|big5|shift|sjis|euc|koi8"
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "big5": "big5hkscs"}

Start = Callable[[str, dict[str, str]], None]


class XmlError(Exception):
    """Why files are refused, in words that follow ``they``: the same for every file of a kind."""


@dataclass(slots=True)
class Element:
    """An element: its name, the text before its first child, and its children.

    The name is as `walk_xml` gives it.
    """

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The children with this name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> Element | None:
        """The first child with this name."""
        return next((child for child in self.children if child.name == name), None)

    def value(self, name: str) -> str:
        """The text of the first child with this name, without spaces around it."""
        child = self.one(name)
        return child.text.strip() if child else ""


def parse_xml(data: bytes) -> Element:
    """The root element; raises XmlError."""
    top = Element("")
    path = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name)
        path[-1].children.append(element)
        path.append(element)

    def end(name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if not path[-1].children:
            path[-1].text += data

    walk_xml(data, start, end, text)
    return top.children[0]


def _plain(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _refuse_entity(*declared: object) -> None:
    raise XmlError("declare or use entities, which are not read")


def walk_xml(
    data: bytes,
    start: Start,
    end: Callable[[str], None],
    text: Callable[[str], None] = lambda data: None,
    most_elements: int = MAX_ELEMENTS,
) -> None:
    """Call `start`, `end` and `text` for what is in a file, in turn; raises XmlError.

    `start` is given the name of an element and its attributes, `end` the name. Names are in lower
    case, those of elements without a prefix: programs write ``OBJECT`` and ``voc:object``.
    """
    parser = expat.ParserCreate("utf-8")  # whatever the file declares: it was decoded before
    depth = count = 0

    def counted(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise XmlError("are nested too deeply")
        if count > most_elements:
            raise XmlError(f"have more than {most_elements:,} elements")
        start(_plain(name), {key.lower(): value for key, value in attributes.items()})

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_plain(name))

    parser.buffer_text = True
    parser.StartElementHandler = counted
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _refuse_entity
    parser.SkippedEntityHandler = _refuse_entity
    try:
        parser.Parse(xml_as_utf8(data), True)
    except expat.ExpatError as error:
        raise XmlError(f"are damaged: {expat.ErrorString(error.code)}") from error


def xml_as_utf8(data: bytes) -> bytes:
    """The file as UTF-8; many Chinese programs write GB2312, which the parser does not know.

    Raises XmlError where it is no text.
    """
    declared = _DECLARED.match(data)
    if declared is not None and not data.isascii():
        name = declared[1].decode().lower()
        name = _WIDER.get(name.replace("-", "_"), name)
        if _KNOWN.match(name) and not name.startswith(("utf-16", "utf16", "utf-32", "utf32")):
            try:
                return data.decode(name).encode()
            except (UnicodeDecodeError, LookupError):
                pass  # it says one thing, and is another
    try:
        return as_utf8(data).lstrip()
    except NotTextError as error:
        raise XmlError("are damaged: they are not text") from error
