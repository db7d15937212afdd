"""Closing the window: jobs that run are asked about, and a signal closes it in order."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Literal

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from app.kit.signals import Sends
from app.kit.text import counted, displayable, shortened, tooltip
from app.workers.job_queue import JobQueue
from app.workers.queued import QueueState
from core.jobs.planned import JobEnd, PlannedJob

Choice = Literal["stop", "wait", "stay"]
_SHOWN = 5  # titles of jobs


class Closing(QObject):
    """Says whether the window may close now."""

    ended_unseen = Sends[str]()  # a sentence of a job that ended while or because the window closes
    waiting_changed = Sends[bool]()  # whether it closes as soon as the jobs are done

    def __init__(self, window: QWidget, queue: JobQueue) -> None:
        super().__init__(window)
        self._window = window
        self._queue = queue
        self._waiting = False
        self._at_once = False
        self._box: QMessageBox | None = None
        self.ask: Callable[[Sequence[str]], Choice] = self._ask
        """Asks the user about jobs with these titles; gives what to do."""
        queue.state_changed.connect(self._on_state_changed)
        queue.job_ended.connect(self._on_job_ended)

    def may_close(self) -> bool:
        """Whether nothing runs, or the user lets it be stopped."""
        if not self._queue.jobs:
            return True
        titles = [job.title for job in self._queue.jobs]
        choice = self.ask(titles)
        self._wait(choice == "wait")
        if choice == "stop":
            for title in titles:
                self.ended_unseen.emit(f"'{title}' was stopped when the window was closed.")
        return choice == "stop"

    def stay(self) -> None:
        """Close no more when the jobs are done."""
        self._wait(False)

    def close_at_once(self) -> None:
        """Close without a question: whoever would answer is going as well."""
        self._at_once = True
        self.ask = lambda titles: "stop"
        if self._box is not None:  # the question is open: whoever asked it goes on, and closes
            self._box.reject()
        else:
            self._window.close()

    def _wait(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if self._waiting and end.outcome.error is not None:
            self.ended_unseen.emit(f"{job.title}: {end.outcome.error}")

    def _on_state_changed(self, state: QueueState) -> None:
        if self._waiting and not state.title and not self._queue.jobs:
            self._wait(False)
            self._window.close()

    def _ask(self, titles: Sequence[str]) -> Choice:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Close Detection Workbench")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"{counted(len(titles), 'job is', 'jobs are')} running or waiting.")
        listed = [displayable(shortened(title)) for title in titles[:_SHOWN]]
        if len(titles) > _SHOWN:
            listed.append(f"and {len(titles) - _SHOWN} more")
        box.setInformativeText("\n".join(listed))
        box.setToolTip(tooltip("\n".join(titles)))
        they_are, them = ("it is", "it") if len(titles) == 1 else ("they are", "them")
        wait = box.addButton(f"Close when {they_are} done", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton(f"Stop {them} and close", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("Back", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        self._box = box
        box.exec()
        self._box = None
        clicked = box.clickedButton()
        if self._at_once:
            return "stop"
        if clicked is stop:
            return "stop"
        return "wait" if clicked is wait else "stay"


class Signals(QObject):
    """Closes a window when the system asks for it: Ctrl-C, a hang-up, the end of the session.

    Python's handlers run only when Python does, which in Qt's event loop may be never: the
    number of the signal comes through a socket that the event loop reads.
    """

    def __init__(self, window: QWidget, closing: Closing) -> None:
        super().__init__(window)
        self._window = window
        self._closing = closing
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _noted)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)

    def _on_activated(self) -> None:
        numbers = self._reader.recv(64)
        if numbers.strip(bytes([signal.SIGINT])):  # another one: nobody is there to answer
            self._closing.close_at_once()
        elif numbers:  # later: what asks must not keep the next signal from being heard
            QTimer.singleShot(0, self._window.close)


def _noted(number: int, frame: FrameType | None) -> None:
    """It is on the socket."""
