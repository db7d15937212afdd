"""The sentence of a remark, made when it is shown."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.remarks.of_datasets import SENTENCES as OF_DATASETS
from core.remarks.of_detections import SENTENCES as OF_DETECTIONS
from core.remarks.of_files import SENTENCES as OF_FILES
from core.remarks.of_images import SENTENCES as OF_IMAGES
from core.remarks.of_machines import SENTENCES as OF_MACHINES
from core.remarks.of_models import SENTENCES as OF_MODELS
from core.remarks.of_outputs import SENTENCES as OF_OUTPUTS
from core.remarks.remark import Remark
from core.remarks.words import LISTED
from core.text import visible

Sentence = str | Callable[[Mapping[str, Any]], str]
SENTENCES: dict[str, Sentence] = {
    **OF_IMAGES,
    **OF_DATASETS,
    **OF_FILES,
    **OF_OUTPUTS,
    **OF_MODELS,
    **OF_DETECTIONS,
    **OF_MACHINES,
}
"""By code: a text with places for the facts, or what makes a text of them."""


class _Formatter(string.Formatter):
    """Knows how lists and counts are written: see `LISTED`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """As `str.format` does, but for the words of `LISTED`."""
        if format_spec in LISTED:
            return LISTED[format_spec](value)
        return str(super().format_field(value, format_spec))


_FORMATTER = _Formatter()


def sentence(remark: Remark) -> str:
    """What the remark says, on one line; of one that this version does not know, code and facts.

    A name with an end of a line in it begins no line of a terminal, which a build server may obey.
    """
    return visible(_said(remark))


def _said(remark: Remark) -> str:
    wanted = SENTENCES.get(remark.code)
    try:
        if callable(wanted):
            return wanted(remark.facts)
        if wanted is not None:
            return _FORMATTER.vformat(wanted, (), remark.facts)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        pass  # a stored file was changed: it is shown as far as it goes
    facts = ", ".join(f"{name} {fact}" for name, fact in remark.facts.items())
    return f"{remark.code} ({facts})." if facts else f"{remark.code}."


def sentences(remarks: Iterable[Remark]) -> tuple[str, ...]:
    """What they say, one after the other."""
    return tuple(sentence(one) for one in remarks)
