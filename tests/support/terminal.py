"""Commands as typed, and what they said."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core.cli.failure_log import failure_logs
from core.cli.main import main
from core.jobs.logs import log_files
from tests.support.unwinding import ENDING


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        assert self.status == 0, self.err + _newest_log()
        assert self.out.count("\n") == 1, "one object, on one line"
        found: dict[str, Any] = json.loads(self.out)
        return found


def _newest_log() -> str:
    """What a failed command kept: a crash of its processes may never come again."""
    return "".join(f"\n{one.path.read_text()}" for one in log_files(failure_logs())[:1])


Terminal = Callable[..., Said]


@pytest.fixture
def terminal(capfd: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """Runs a command in this process, as typed."""
    before = {number: signal.getsignal(number) for number in ENDING}

    def run(*arguments: object) -> Said:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        said = capfd.readouterr()
        return Said(status, said.out, said.err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
