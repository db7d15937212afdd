"""Markdown, as the sites of source code show it, made from the templates beside this file.

Every value is escaped: nothing in a foreign name is taken for markup, a column, a link or a tag.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from core.documents.html import TEMPLATES
from core.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

# What begins markup, a link (of `://`, of `www.`), a mention, or the short name of an emoji.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~!&@$^]|:(?=[/a-z])|(?<=www)\.", re.IGNORECASE)


def escaped(value: object) -> str:
    """`value` on one line, as the characters that it consists of."""
    return _MARKUP.sub(r"\\\g<0>", visible(str(value)))


def render_markdown(template: str, **values: object) -> str:
    """What `template`, such as ``check.md.j2``, makes of `values`."""
    return _templates().get_template(template).render(**values)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # that of HTML; here `finalize` does it
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
