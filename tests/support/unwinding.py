"""Who is ended by a signal ends what it started, and removes what it made, as after an error."""

from __future__ import annotations

import signal
import sys
from types import FrameType

ENDING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


def unwind_when_ended() -> None:
    """From now on: the first signal leaves by way of every ``finally``, others wait for that."""

    def leave(number: int, frame: FrameType | None) -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in ENDING:
        if signal.getsignal(each) != signal.SIG_IGN:  # as nohup has it
            signal.signal(each, leave)
