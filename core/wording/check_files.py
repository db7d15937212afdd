"""What a check found as files for build servers: JUnit XML, and a summary in Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from core.check.deciding import Decision, State
from core.check.job import CheckResult
from core.documents.html import Table, render
from core.documents.markdown import render_markdown
from core.remarks.sentences import sentences
from core.wording.check import (
    TITLES,
    allowed_text,
    decision_sentence,
    decision_table,
    how_sentences,
    summary_sentence,
)

_ELEMENTS: dict[State, str] = {"passed": "", "failed": "failure", "undecided": "error"}


@dataclass(frozen=True)
class _Case:
    """A test case of JUnit: one limit. `element` is empty where it is met."""

    name: str
    element: str
    state: State
    text: str


def junit(result: CheckResult) -> bytes:
    """JUnit XML: a test case for each limit."""
    states = [one.state for one in result.decisions]
    how = [("how", sentence) for sentence in how_sentences(result)]
    page = render(
        "check.junit.xml.j2",
        _title(result),
        cases=[_case(one) for one in result.decisions],
        failures=states.count("failed"),
        errors=states.count("undecided"),
        created=result.created.removesuffix("+00:00"),
        properties=[("summary", summary_sentence(result)), *how],
    )
    return page.encode()


def markdown(result: CheckResult) -> bytes:
    """A summary to be shown beside a build."""
    table = decision_table(result)
    page = render_markdown(
        "check.md.j2",
        title=_title(result),
        summary=summary_sentence(result),
        table=Table(table.titles, table.texts()),
        doubts=[decision_sentence(one) for one in result.decisions if one.state == "undecided"],
        how=how_sentences(result),
        problems=sentences(result.problems),
    )
    return page.encode()


def _title(result: CheckResult) -> str:
    return f"{result.optimized} against {result.parent} on {result.dataset}"


def _case(one: Decision) -> _Case:
    name = f"{TITLES[one.limit]} {allowed_text(one)}"
    return _Case(name, _ELEMENTS[one.state], one.state, decision_sentence(one))
