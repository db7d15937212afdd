"""One kill: a job is started, something of it dies, and what is left is looked at."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Literal

from core.cli.command import DONE, LIMIT_MISSED, UNDECIDED
from core.jobs.job import RESULT_FILE
from core.search.job import SearchJob
from core.unfinished import WORK_PREFIX
from tests.kills.cases import Case
from tests.kills.lying_about import faults, hashes, lying_about
from tests.kills.processes import Marked, marked, seconds_until_gone
from tests.kills.room import Room

GONE_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
ORDERLY_SECONDS = 10.0  # from a signal that asks to the end; it is a second where nobody else works
_PUBLISHING_SECONDS = 0.08
_LOOK_SECONDS = 0.002
_DONE = (DONE, LIMIT_MISSED, UNDECIDED)
_BAD_WORDS = ("Traceback", "does not know", "Unexpected error", "Fatal Python error")

Victim = Literal["command", "job", "helper", "all"]
Moment = Literal["any", "publishing"]


@dataclass(frozen=True)
class Blow:
    """What is done to which process, and when.

    Attributes:
        share: of the job's usual duration, or of the moments around publishing.
    """

    victim: Victim
    number: signal.Signals
    moment: Moment
    share: float

    def __str__(self) -> str:
        return f"{self.number.name} to {self.victim} at {self.share:.3f} of {self.moment}"


@dataclass
class Outcome:
    """What came of it; `struck` is what died, empty where the job was over before."""

    case: Case
    blow: Blow
    struck: str = ""
    gone_seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    again: bool = False


@dataclass(frozen=True)
class Usual:
    """How a case goes when nobody dies: for so long, with these files outside the workspace."""

    seconds: float
    whole: frozenset[Path]


class Started:
    """The command or window of a case, and all that it starts."""

    def __init__(self, case: Case, room: Room) -> None:
        self.marker = uuid.uuid4().hex
        self._said: set[str] = set()
        self._stderr = room.stderr.open("ab")
        given = [str(one) for one in case.arguments(room)]
        module = ["tests.kills.terminal", str(room.shared), *given]
        if case.face == "window":
            module = ["tests.kills.window", *given, str(room.root), str(room.shared)]
        elif case.name != "download":
            module = ["core.cli", *given]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", *module],
            env=room.environment(self.marker),
            cwd=room.root / "cwd",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.add(line.strip())

    def wait(self, word: str, seconds: float) -> bool:
        """Until it says so; False where it ends before, or does not within so many seconds."""
        return _until(lambda: word in self._said or self.ended, seconds) and word in self._said

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def over(self, case: Case) -> bool:
        """Whether what was asked for is done."""
        return self.ended or (case.face == "window" and "done" in self._said)

    def marked(self) -> list[Marked]:
        return marked(self.marker, self.process.pid)

    def gone(self, most: float) -> tuple[float, list[str]]:
        """Seconds until nothing runs any more, and what does after `most`."""
        with_us = threading.Thread(target=self.process.wait, daemon=True)  # a zombie has ended
        with_us.start()
        seconds, left = seconds_until_gone(self.marker, self.process.pid, most)
        for one in left:
            one.process.kill()
        return seconds, [f"{one.what} still runs after {most:g} s" for one in left]

    def close(self) -> None:
        """End whatever is left."""
        for one in self.marked():
            one.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._stderr.close()


def usual(case: Case, room: Room) -> Usual:
    """Run a case undisturbed; raises AssertionError where that is not what a user gets."""
    started = Started(case, room)
    try:
        if case.face == "window":
            assert started.wait("begun", PATIENCE_SECONDS), room.stderr.read_text("utf-8")
        began = monotonic()
        assert _until(lambda: started.over(case), PATIENCE_SECONDS), f"{case.title} does not end"
        seconds = monotonic() - began
        assert case.face == "window" or started.process.returncode in _DONE, _words(room)
        if case.face == "window":
            started.process.send_signal(signal.SIGTERM)
            started.process.wait(ORDERLY_SECONDS)
    finally:
        started.close()
    whole = frozenset(p for p in room.files() if p.parts[0] != "workspace" and len(p.parts) > 1)
    assert not any(".job-" in str(one) for one in whole), whole
    return Usual(seconds, whole)


def strike(case: Case, room: Room, blow: Blow, known: Usual, *, again: bool) -> Outcome:
    """Start the job, kill, and look; `again`: and start the same job once more."""
    outcome = Outcome(case, blow)
    before = hashes(room)
    started = Started(case, room)
    try:
        if case.face == "window" and not started.wait("begun", PATIENCE_SECONDS):
            outcome.faults.append(f"it never began: {_words(room)}")
            return outcome
        _wait_for_moment(case, room, blow, known, started)
        outcome.struck = _hit(blow, started, case)
        if outcome.struck:
            _see_it_end(case, room, started, outcome)
            if blow.number != signal.SIGKILL and blow.victim == "command":
                outcome.faults += [f"at once: {x}" for x in lying_about(room, case, known.whole)]
    finally:
        started.close()
    if outcome.struck:
        outcome.faults += _next_start(room)
        outcome.faults += faults(room, case, before, known.whole)
        if again and not outcome.faults:
            outcome.again = True
            outcome.faults += _once_more(case, room)
    said = _words(room)
    outcome.faults += [f"it says {word!r}: {said[-1500:]}" for word in _BAD_WORDS if word in said]
    return outcome


def drawn(chance: random.Random, face: str, has_helpers: bool) -> Blow:
    """Some blow."""
    if chance.random() < 0.15:
        numbers = [signal.SIGHUP, signal.SIGTERM]
        number = chance.choice([*numbers, signal.SIGINT] if face == "terminal" else numbers)
        return Blow("command", number, "any", chance.random())
    victims: list[Victim] = ["command", "command", "job", "all"]
    if has_helpers:
        victims += ["helper", "helper"]
    moment: Moment = "publishing" if chance.random() < 0.35 else "any"
    return Blow(chance.choice(victims), signal.SIGKILL, moment, chance.random())


def _wait_for_moment(case: Case, room: Room, blow: Blow, known: Usual, started: Started) -> None:
    if blow.number != signal.SIGKILL:  # before, Python itself would end by it
        _until(lambda: started.over(case) or _catches(started.process.pid), PATIENCE_SECONDS)
    if blow.moment == "any":
        deadline = monotonic() + blow.share * known.seconds
        _until(lambda: started.over(case) or monotonic() > deadline, PATIENCE_SECONDS)
        return
    _until(lambda: started.over(case) or _finished(room), PATIENCE_SECONDS)
    sleep(blow.share * _PUBLISHING_SECONDS)


def _catches(number: int) -> bool:
    """Whether the process handles SIGTERM, where the system tells."""
    try:
        status = Path(f"/proc/{number}/status").read_text("ascii", "replace")
    except OSError:
        return True
    caught = next((one for one in status.splitlines() if one.startswith("SigCgt")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def _finished(room: Room) -> bool:
    """Whether a job has written its result, and its folder is to appear now.

    Those of models that a command imports for itself alone are passed over half of the time.
    """
    places = [room.out, *room.workspace.iterdir(), *(room.root / "tmp").iterdir()]
    for place in places:
        try:
            if any(place.glob(f"{WORK_PREFIX}*/{RESULT_FILE}")):
                return True
        except OSError:
            continue
    return False


def _hit(blow: Blow, started: Started, case: Case) -> str:
    """Send the signal; gives what was struck, nothing where the job is over."""
    if started.over(case):
        return ""
    there = started.marked()
    chosen = [one for one in there if blow.victim in (one.role, "all")]
    if not chosen:
        chosen = [one for one in there if one.role == "command"]
    if blow.victim != "all":
        chosen = chosen[-1:]
    for one in chosen:
        one.process.send_signal(blow.number)
    return ", ".join(one.what for one in chosen)


def _see_it_end(case: Case, room: Room, started: Started, outcome: Outcome) -> None:
    """Everything ends: what was killed takes the others along, and what was not says so."""
    blow = outcome.blow
    command = blow.victim in ("command", "all") or outcome.struck.startswith(("core.cli", "tests"))
    if not command:
        if not _until(lambda: started.over(case), PATIENCE_SECONDS):
            outcome.faults.append(f"it waits for ever for the {blow.victim} that was killed")
        if case.face == "window":
            if started.ended:
                outcome.faults.append("the window died as well")
            else:
                started.process.send_signal(signal.SIGTERM)
    orderly = not command or blow.number != signal.SIGKILL
    if orderly and not _until(lambda: started.ended, ORDERLY_SECONDS):
        outcome.faults.append(f"it does not end within {ORDERLY_SECONDS:g} s")
        started.process.kill()
    seconds, left = started.gone(GONE_SECONDS)
    outcome.gone_seconds = seconds
    outcome.faults += left


def _next_start(room: Room) -> list[str]:
    """The next start of the program, which only lists."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli", "compare-projects", "--workspace", room.workspace],
        env=room.environment("next"),
        cwd=room.root / "cwd",
        capture_output=True,
        text=True,
        check=False,
    )
    return [] if done.returncode == 0 else [f"the next start fails: {done.stderr}"]


def _once_more(case: Case, room: Room) -> list[str]:
    """The same job started again; what it made before is put away first."""
    for path in room.out.iterdir():
        if path.name != case.keeps or case.job is SearchJob:  # which would be resumed
            path.rename(path.with_name(f"before-{path.name}"))
    started = Started(case, room)
    try:
        if case.face == "window" and not started.wait("begun", PATIENCE_SECONDS):
            return ["started again, it never began"]
        if not _until(lambda: started.over(case), PATIENCE_SECONDS):
            return ["started again, it does not end"]
        status = started.process.poll()
        return (
            []
            if status is None or status in _DONE
            else [f"started again, it fails: {_words(room)}"]
        )
    finally:
        started.close()


def _words(room: Room) -> str:
    return room.stderr.read_text("utf-8", "replace")


def _until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = monotonic() + seconds
    while not true():
        if monotonic() > deadline:
            return False
        sleep(_LOOK_SECONDS)
    return True
