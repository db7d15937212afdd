"""Which jobs a command is about to ask for, told by how it was typed: before anything is parsed."""

from __future__ import annotations

from collections.abc import Sequence

_JOBS = {
    "inspect": ("import",),
    "import": ("import",),
    "predict": ("predict",),
    "optimize": ("import", "quantize"),
    "report": ("report_on_predictions",),
}
_SEARCH = {"quantize": "search"}
_OTHERWISE = {"-h", "--help", "--kind", "--machine", "--run-on"}
"""With these it is not told so easily, and processes are begun when they are needed."""


def jobs_ahead(arguments: Sequence[str]) -> tuple[str, ...]:
    """The tags of the jobs, in their order; a wrong guess costs a process that ends quietly."""
    if len(arguments) < 2:
        return ()
    typed = {one.partition("=")[0] for one in arguments}
    jobs = _JOBS.get(arguments[0], ())
    if typed & _OTHERWISE:
        return ()
    return tuple(_SEARCH.get(one, one) for one in jobs) if "--search" in typed else jobs
