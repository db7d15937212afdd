"""Self-contained HTML pages, made from the templates beside this file.

Every value is escaped, and what a browser might obey in foreign text is replaced (`core.text`);
only `Markup`, which `filled` makes, comes through as it is. A name that a template asks for and is
not given is an error, not an empty place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from core.documents.csv import Cell
from core.documents.tables import AnyTable
from core.remarks.sentences import sentence
from core.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Table:
    """A table of a page; floats get so many `digits`, None a dash.

    `texts` are the places of columns of text, which stand on the left.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    digits: int = 3
    texts: Collection[int] = ()


def typed(table: AnyTable, most: int | None = None) -> Table:
    """A table of typed values for a page: at most so many rows, without what only files have."""
    shown = table.readable(most)
    texts = [place for place, column in enumerate(shown.columns) if column.form == "text"]
    return Table(shown.titles, shown.texts(), texts=texts)


def render(template: str, title: str, **values: object) -> str:
    """The whole document that `template`, such as ``predictions.html.j2``, makes of `values`."""
    return _templates().get_template(template).render(title=title, **values)


def with_notes(page: str, name: str, notes: Sequence[tuple[str, str]]) -> str:
    """A page of `render` with what the user wrote, below its title.

    That is what they call it, empty for nothing, and of each thing its title and their notes on it.
    """
    head, title_ends, rest = page.partition("</h1>\n")
    lines = [(title, text.splitlines()) for title, text in notes]
    written = _templates().get_template("written.html.j2").render(name=name, notes=lines)
    return f"{head}{title_ends}{written}{rest}"


def filled(pattern: str, **values: float | str) -> Markup:
    """`pattern`, which is markup, with `values` in its places as in `str.format`, escaped."""
    safe = {
        name: value if isinstance(value, int | float) else escape(shown(value))
        for name, value in values.items()
    }
    return Markup(pattern.format(**safe))


def shown(value: object) -> object:
    """Plain text fit to be shown; markup and figures as they are."""
    return visible(value) if type(value) is str else value


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["cell"] = _cell
    made.filters["sentence"] = sentence
    return made


def _cell(value: Cell, digits: int) -> Cell:
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if isinstance(value, float) else value
