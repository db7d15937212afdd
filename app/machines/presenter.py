"""The machines that the user added: read, added, checked and removed."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.workers.job_thread import JobThread
from core.errors import InputError, WorkbenchError
from core.jobs.events import Event, Progress
from core.jobs.job import Job
from core.jobs.runner import run_for_result
from core.machines.job import CheckMachineJob, ClearMachineJob, MachineChecked, MachineCleared
from core.machines.machine import Machine
from core.machines.service import require_way
from core.machines.store import add_machine, forget, machines
from core.workspace.store import Workspace


class MachinesPresenter(QObject):
    """Does one thing at a time, in processes of their own."""

    changed = Sends[tuple[Machine, ...]]()
    working = Sends[str]()  # what is being done; "" for nothing
    checked = Sends[MachineChecked]()
    cleared = Sends[Machine, MachineCleared]()
    failed = Sends[WorkbenchError]()
    cancelled = Sends[()]()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner: JobThread | None = None
        self._removing: Machine | None = None
        self._doing = ""
        self._cancelling = False

    def read(self) -> None:
        """Say which there are."""
        try:
            self.changed.emit(machines())
        except WorkbenchError as error:
            self.changed.emit(())
            self.failed.emit(error)

    def add(self, machine: Machine) -> bool:
        """Add one; whether that could be."""
        try:
            add_machine(machine)
        except WorkbenchError as error:
            self.failed.emit(error)
            return False
        self.read()
        return True

    def check(self, machine: Machine | None) -> None:
        """Ask what it is, and make a host ready; `checked` or `failed` follows. None: this one."""
        doing = f"Asking the workers of {machine.name}…" if machine else "Looking at this machine…"
        if machine is not None and machine.by_ssh:
            doing = f"{'Making' if machine.agreed else 'Looking at'} {machine.name}"
            doing += " ready…" if machine.agreed else "…"
        self._run(machine, CheckMachineJob(machine=machine), MachineChecked, doing)

    def remove(self, machine: Machine) -> None:
        """Delete what was sent there, and take it off the list; `cleared` or `failed` follows."""
        self._removing = machine
        doing = f"Removing what was sent to {machine.name}…"
        self._run(machine, ClearMachineJob(machine=machine), MachineCleared, doing)

    def forget(self, machine: Machine) -> None:
        """Take it off the list, whatever lies there."""
        forget(machine.name)
        self.read()

    def cancel(self) -> None:
        """End what runs; `cancelled` follows, unless it was just done."""
        if self._runner is not None:
            self._cancelling = True
            self._runner.cancel()

    def close(self) -> None:
        """End what runs, and wait for it."""
        if self._runner is not None:
            self._runner.cancel()
            self._runner.wait()

    def _run(self, machine: Machine | None, job: Job, wanted: type[Any], doing: str) -> None:
        if self._runner is not None:
            return
        try:
            if machine is not None:
                require_way(machine)
        except InputError as error:
            self.failed.emit(error)
            return
        beside, log = self._workspace.new_folder("machine").parent, self._workspace.logs
        task = partial(run_for_result, job, wanted, beside, log / "machines.log")
        self._runner = JobThread(task, self)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self.failed)
        self._runner.finished.connect(self._on_finished)
        self._runner.event_received.connect(self._on_event)
        self._doing, self._cancelling = doing, False
        self.working.emit(doing)
        self._runner.start()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            count = f" ({event.count})" if event.count else ""
            self.working.emit(f"{self._doing} {event.stage}{count}")

    def _on_succeeded(self, found: MachineChecked | MachineCleared) -> None:
        self._cancelling = False
        if isinstance(found, MachineChecked):
            self.checked.emit(found)
        elif self._removing is not None:
            self.forget(self._removing)
            self.cleared.emit(self._removing, found)

    def _on_finished(self) -> None:
        self._runner = None
        self.working.emit("")
        if self._cancelling:
            self.cancelled.emit()
