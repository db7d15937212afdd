"""What is in the trash, and what goes with a project, in words."""

from __future__ import annotations

from core.text import counted
from core.workspace.trash import Contents, Trashed

_KINDS = {"benchmark": "benchmark", "profile": "profile", "search": "search"}
_SEARCHES = "searches"


def contents_text(contents: Contents) -> str:
    """Such as ``2 optimized models, 3 reports and 1 benchmark``; empty for nothing."""
    counts: dict[str, int] = {}
    for kind, count in contents.results.items():
        word = _KINDS.get(kind, "report")
        counts[word] = counts.get(word, 0) + count
    parts = [counted(contents.models, "optimized model")] if contents.models else []
    for word in ("report", *_KINDS.values()):
        if count := counts.get(word, 0):
            parts.append(counted(count, word, _SEARCHES if word == "search" else ""))
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


def with_contents(name: str, contents: Contents) -> str:
    """A project and what goes with it: ``yolox and 2 optimized models, 3 reports``."""
    goes = contents_text(contents)
    return f"{name} with {goes}" if goes else name


def artifact_title(kind: str, name: str) -> str:
    """What a result is called: its own name, else the title of its kind."""
    from core.reports.kinds import KINDS

    if name:
        return name
    titles = {one.id: one.title for one in KINDS}
    return titles.get(kind, kind.capitalize())


def trashed_text(entry: Trashed) -> str:
    """What an entry of the trash is."""
    if entry.artifact is None:
        return with_contents(entry.project, entry.contents)
    return f"{artifact_title(entry.artifact.kind, entry.artifact.name)} of {entry.project}"
