"""The helper ``limited``: detects with the instructions that its environment limits it to.

It says how it computes INT8 sums, then takes any number of `Detect`, a line of JSON each on
standard input, and answers each. When its input ends it is no longer needed, and leaves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from time import monotonic

from core.causes import cause
from core.errors import InputError, WorkbenchError
from core.inference.arithmetic import int8_arithmetic
from core.inference.image_by_image import Prepared, Run, prepare
from core.inference.limited_conversation import (
    Answer,
    Detect,
    Detected,
    Images,
    Refused,
    Standing,
)
from core.inference.predicting import predict_with
from core.inference.settings import InferenceSettings
from core.processes import own_channel
from core.values import from_json, to_json

_QUIET_SECONDS = 0.05  # between two reports of how many images are done


def main() -> None:
    """Serve one process, and leave at once: library threads must not get a chance to abort."""
    channel = own_channel()

    def say(answer: Answer) -> None:
        channel.write(to_json(answer) + b"\n")
        channel.flush()

    say(Standing(arithmetic=int8_arithmetic()))
    for line in sys.stdin.buffer:
        say(_answer(from_json(line, Detect), say))
    os._exit(0)


def _answer(asked: Detect, say: Callable[[Answer], None]) -> Answer:
    reported = monotonic()

    def progress(done: int) -> None:
        nonlocal reported
        if monotonic() - reported >= _QUIET_SECONDS:
            reported = monotonic()
            say(Images(done=done))

    try:
        written = asked.xml.stat().st_mtime_ns
        models = _compiled(asked.xml, asked.settings, written)
        (found,) = predict_with(models, asked.detector, asked.dataset, progress)
        found.table.save(asked.table)
    except WorkbenchError as error:
        own = isinstance(error, InputError)
        return Refused(what=error.what, next_step=error.next_step, refused_input=own)
    except RuntimeError as error:  # OpenVINO has no kernel for something without VNNI
        return Refused(
            what=f"OpenVINO cannot run the model without VNNI here: {cause(error)}",
            next_step="Judge it on a CPU without VNNI.",
        )
    return Detected(executed=found.executed, problems=found.problems)


@lru_cache(maxsize=1)
def _compiled(xml: Path, settings: InferenceSettings, written: int) -> tuple[Prepared, ...]:
    """The model, perhaps of the last question, for a dataset is asked for in parts.

    `written` is when its file was: another one may lie there since.
    """
    return prepare([Run(xml, settings)])
