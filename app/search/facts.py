"""The facts of a search, below what it recommends."""

from __future__ import annotations

from app.search.presenter import SearchView
from core.search.candidates import SearchState
from core.text import counted, in_minutes
from core.wording.input_sizes import sizes_sentence
from core.wording.search import first_sentence, judged_sentence, load_sentence, stopped_sentence

_CUT_OFF = "It was stopped early, and can be resumed."


def facts_sentence(view: SearchView) -> str:
    """How it searched, why it ended, and what other input sizes gain; empty without a search."""
    state = view.state
    if state is None:
        return ""
    facts = [
        f"{counted(len(state.candidates), 'candidate')} in {in_minutes(state.seconds)}",
        f"calibrated on {counted(state.calibration_images, 'image')}, "
        f"evaluated on {_held_out(state)}",
        f"lossless where at least {state.settings.bar:.1%} of the accuracy is kept",
    ]
    sentences = (
        "; ".join(facts) + ".",
        stopped_sentence(state) or ("" if view.busy else _CUT_OFF),
        first_sentence(state),
        judged_sentence(state),
        sizes_sentence(state),
        load_sentence(state),
    )
    return " ".join(filter(None, sentences))


def _held_out(state: SearchState) -> str:
    augmented = state.evaluated_images - len(state.held_out)
    more = f" and {counted(augmented, 'augmented one')}" if augmented > 0 else ""
    return f"{counted(len(state.held_out), 'held-out image')}{more}"
