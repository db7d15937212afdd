"""The two files of notices: what there is, and the licence texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Template

from third_party.inside import Inside
from third_party.reading import Library, Notice, Text

RULE = "=" * 100
LISTED_FILES = 12  # of a library; Qt has hundreds


@dataclass(frozen=True)
class Documents:
    """The overview in Markdown and all licence texts; and of them, what can be compared alone."""

    overview: str
    texts: str
    distributions: str  # the table of the overview that is the same on every system
    different_texts: tuple[str, ...]


def render(notices: Sequence[Notice], frame: str, made_on: str) -> Documents:
    """The documents; `frame` is the overview's template, `made_on` the system of the wheels."""
    numbered = _numbered(notices)
    distributions = _table(
        ("distribution", "version", "licence"),
        ((notice.name, notice.version, notice.license) for notice in notices),
    )
    overview = Template(frame).substitute(
        made_on=made_on,
        qt=next(n.version for n in notices if n.name.startswith("PySide6")),
        distributions=distributions,
        texts=_table(
            ("distribution", "texts"),
            (
                (
                    notice.name,
                    ", ".join(f"{text.name} ({numbered[text.content]})" for text in notice.texts),
                )
                for notice in notices
            ),
        ),
        libraries=_projects((n.name, part) for n in notices for part in n.libraries),
        inside=_projects((n.name, part) for n in notices for part in n.inside),
        components=_table(
            ("in the wheel of", "component", "version", "licence, where stated"),
            (
                (notice.name, one.name, one.version, one.license)
                for notice in notices
                for one in notice.components
            ),
        ),
    )
    return Documents(overview, _all_texts(notices, numbered), distributions, tuple(numbered))


def _projects(parts: Iterable[tuple[str, Library | Inside]]) -> str:
    """Projects that are in wheels, each with the wheel that carries it."""
    return _table(
        ("project", "licence", "in the wheel of", "files"),
        ((part.project, part.license, wheel, _files(part.files)) for wheel, part in parts),
    )


def _numbered(notices: Iterable[Notice]) -> dict[str, int]:
    """Every different text, and its number in the order of the first distribution with it."""
    numbers: dict[str, int] = {}
    for notice in notices:
        for text in notice.texts:
            numbers.setdefault(text.content, len(numbers) + 1)
    return numbers


def _all_texts(notices: Sequence[Notice], numbered: dict[str, int]) -> str:
    carriers: dict[str, list[tuple[Notice, Text]]] = {content: [] for content in numbered}
    for notice in notices:
        for text in notice.texts:
            carriers[text.content].append((notice, text))
    parts = ["Licence texts of the distributions that THIRD_PARTY_NOTICES.md lists.\n"]
    for content, number in numbered.items():
        names = [f"{one.name} {one.version}: {text.name}" for one, text in carriers[content]]
        parts.append(f"{RULE}\n{number}.\n" + "\n".join(names) + f"\n{RULE}\n\n{content}")
    return "\n".join(parts)


def _files(names: Sequence[str]) -> str:
    if len(names) <= LISTED_FILES:
        return ", ".join(names)
    return f"{', '.join(names[:LISTED_FILES])} and {len(names) - LISTED_FILES} more"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
