"""Templates and SVG: every value is escaped, and none is left out in silence."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from core.documents.charts import Series, heat_map, lines, stacked_bars
from core.documents.html import TEMPLATES, Table, filled, render
from core.remarks.remark import remark

EVIL = "<img src=x onerror=alert(1)>&\"'\x1b[31m\0\u202e\udce9"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&amp;&#34;&#39;\ufffd[31m\ufffd\ufffd\ufffd"
TABLE = Table(("Figure", "Value"), [("AP", 0.25), ("objects", 3), ("size", None), (EVIL, EVIL)])


def page(**more: object) -> str:
    result = SimpleNamespace(dataset=EVIL, created="today", used_differently=(remark(EVIL),))
    values = {"result": result, "headline": EVIL, "chart": None, "note": EVIL, "runs": (EVIL,)}
    return render("report.html.j2", EVIL, **{**values, "tables": {EVIL: TABLE}, **more})


def test_what_is_foreign_is_escaped_wherever_it_stands() -> None:
    document = page()
    assert "<img" not in document
    assert f"<title>{ESCAPED}</title>" in document
    assert f"<h1>{ESCAPED}</h1>" in document
    assert f"<td>{ESCAPED}</td><td>{ESCAPED}</td>" in document
    document.encode("utf-8")


def test_cells_are_rounded_and_what_is_missing_is_a_dash() -> None:
    document = page()
    for row in ("<td>AP</td><td>0.250</td>", "<td>objects</td><td>3</td>", "<td>size</td><td>–<"):
        assert row in document


def test_markup_is_not_escaped_twice() -> None:
    chart = filled('<path id="{name}"/>', name="a<b")
    assert '<path id="a&lt;b"/>' in page(chart=chart)


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'summary' is undefined"):
        render("predictions.html.j2", "title")


def test_no_template_turns_the_escaping_off() -> None:
    templates = list(TEMPLATES.glob("*.j2"))
    assert len(templates) >= 7
    for path in templates:
        assert not re.search(r"\|\s*safe|autoescape", path.read_text("utf-8")), path


@pytest.mark.parametrize(
    "chart",
    [
        stacked_bars(EVIL, [EVIL], [Series(EVIL, EVIL, [1])]),
        heat_map(EVIL, [EVIL], [EVIL], [[1]]),
        lines(EVIL, EVIL, EVIL, [Series(EVIL, EVIL, [0.5, 1.0], dashed=True)]),
    ],
)
def test_names_in_charts_are_escaped(chart: Markup) -> None:
    assert "<img" not in chart
    assert "\"'" not in chart
    assert f'aria-label="{ESCAPED}"' in chart
    chart.encode("utf-8")
