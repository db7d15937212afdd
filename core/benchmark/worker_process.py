"""The measuring processes, seen from the benchmark: asked for a model, then for its turns."""

from __future__ import annotations

from collections.abc import Callable

from core.benchmark.conversation import Answer, Measured, Ready, Refused, TakeTurn
from core.benchmark.samples import Turn
from core.errors import IN_THE_LOG, WorkbenchError
from core.helpers import HelperProcess


class CannotRun(WorkbenchError):
    """A model cannot be run in a mode: `what` is the reason, a clause."""


class WorkerProcess(HelperProcess[Answer]):
    """One measuring process. Close it in the end."""

    def __init__(self) -> None:
        super().__init__("worker", Answer)

    def ready(self, listen: Callable[[], None]) -> Ready:
        """When the model that was sent is compiled and warm; raises CannotRun.

        `listen` is called now and then, and may raise.
        """
        answer = self._heard(listen)
        assert isinstance(answer, Ready)
        return answer

    def turn(self, asked: TakeTurn, listen: Callable[[], None]) -> tuple[Turn, int]:
        """Measure; gives the turn, and the process's peak memory in bytes."""
        import numpy as np

        self.send(asked)
        answer = self._heard(listen)
        assert isinstance(answer, Measured)
        turn = Turn(answer.fps, np.array(answer.latencies_ms, np.float32), answer.parts_ms)
        return turn, answer.peak_memory_bytes

    def _heard(self, listen: Callable[[], None]) -> Answer:
        answer = self.answer(listen)
        if answer is None:
            raise CannotRun("its process ended unexpectedly.", IN_THE_LOG)
        if isinstance(answer, Refused):
            raise CannotRun(answer.why, answer.next_step)
        return answer
