"""What a verdict on a scorecard is for, and what it is called."""

from __future__ import annotations

from core.reports.wording import VERDICT_WORDS, verdict_text
from core.scorecard.score import Judged, Score
from core.targets.titles import judged_for, named
from core.text import percent

NOTHING = "–"


def moved_text(judged: Judged) -> str:
    """Such as ``at score >= 0.54 (made at 0.30: check)``; empty where nothing was moved."""
    whole = verdict_text(judged.verdict, judged.as_made)
    return whole.removeprefix(VERDICT_WORDS[judged.verdict]).strip()


def judged_for_text(score: Score, judged: Judged) -> str:
    """What a verdict is for; a report may be older than the project's target."""
    whose = judged_for(judged.target, judged.machine)
    if score.is_judged:
        return whose
    return f"{whose}, not for {named(score.target)}"


def verdict_in_list(score: Score) -> str | None:
    """For a narrow column; None without a verdict."""
    judged = score.judged
    if judged is None:
        return None
    return verdict_text(judged.verdict, judged.as_made) if score.is_judged else "Other target"


def judged_in_words(score: Score) -> str:
    """The verdict and what it is for; empty without one."""
    judged = score.judged
    if judged is None:
        return ""
    verdict = verdict_text(judged.verdict, judged.as_made)
    return f"{verdict}, {judged_for_text(score, judged)}"


def verdict_word(score: Score, judged: Judged) -> str:
    """For a list; not for a target that the project no longer has."""
    word = VERDICT_WORDS[judged.verdict]
    return word if score.is_judged else f"{word} (other target)"


def kept_text(judged: Judged | None) -> str:
    """How much of the accuracy is kept, on the side of the limits that the verdict found it."""
    if judged is None or judged.kept is None:
        return NOTHING
    return percent(judged.kept.share.value, *judged.limits.of_kept)


def changed_text(judged: Judged) -> str:
    """How many of the predictions changed, likewise."""
    if judged.changed is None:
        return NOTHING
    return percent(judged.changed, judged.limits.most_changed)
