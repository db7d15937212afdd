"""The beginning of what a program says, while all of it is read."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import IO

LONGEST_SAID = 2**16
_END_SECONDS = 2.0


class Said(threading.Thread):
    """Reads a stream to its end, so that nobody waits, and keeps its beginning."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(name="said", daemon=True)
        assert stream is not None
        self._stream = stream
        self._kept = bytearray()
        self.start()

    def run(self) -> None:
        """See `threading.Thread`."""
        with suppress(OSError, ValueError), self._stream as stream:
            while data := stream.read(2**12):
                self._kept += data[: LONGEST_SAID - len(self._kept)]

    def text(self) -> str:
        """What was kept, once the stream has ended, or has not for a while."""
        self.join(_END_SECONDS)
        return bytes(self._kept).decode("utf-8", "replace")
