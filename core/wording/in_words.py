"""What a job tells while it works, in words."""

from __future__ import annotations

from typing import get_args

from core.models.calibration_warnings import CalibrationWarning
from core.remarks.remark import Remark
from core.remarks.sentences import sentence
from core.search.candidates import Activity
from core.values import Value
from core.wording.optimize import warning_sentence
from core.wording.search import activity_words


def in_words(value: Value) -> str:
    """A remark, a warning, or what a search is doing."""
    if isinstance(value, get_args(CalibrationWarning)):
        return warning_sentence(value)
    if isinstance(value, Remark):
        return sentence(value)
    if isinstance(value, Activity):
        return activity_words(value)
    raise TypeError(f"{type(value).__name__} is not an event of a job")
