"""Small XML files from strangers, with limits: no DOCTYPE, hence no entities; bounded depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 200_000


class XmlError(Exception):
    """Why a file is refused, in a clause."""


@dataclass(slots=True)
class Element:
    """An element: its name, the text in it before the first child, and its children."""

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
    parser = expat.ParserCreate()
    top = Element("")
    path = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) > MAX_DEPTH:
            raise XmlError("it is nested too deeply")
        if count > MAX_ELEMENTS:
            raise XmlError("it has too many elements")
        element = Element(name)
        path[-1].children.append(element)
        path.append(element)

    def end(name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if not path[-1].children:
            path[-1].text += data

    def doctype(*declared: object) -> None:
        raise XmlError("it declares a document type, which annotations have no use for")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(f"it is not valid XML ({error})") from error
    return top.children[0]
