"""A Dask scheduler and workers of it as processes on this machine, to be killed and begun again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

import core
from core.identity import ours
from core.machines.host_scheduler import AT_REST
from core.machines.machine import Machine, new_machine
from tests.support.ending_with import WHO

_READY_SECONDS = 60.0
_NO_PAGES = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")  # by itself at all addresses
_ENDING = ("--preload", "tests.support.ending_with")
AT_REST_VARIABLES = {
    f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": str(value)
    for name, value in AT_REST.items()
}
"""As docs/machines.md has them."""
_STATE = Path(core.__file__).parent.parent


class Cluster:
    """A scheduler on the loopback, and any number of workers; use it as a context.

    Workers have a cache each, as on machines of their own, and what they say goes to files. All end
    with the process that has it, whatever ends that.
    """

    def __init__(
        self,
        folder: Path,
        options: Sequence[str] = (),
        scheme: str = "tcp",
        ready_seconds: float = _READY_SECONDS,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._options = options
        self._scheme = scheme
        self._ready_seconds = ready_seconds
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._begun = 0
        self.address = self._start_scheduler()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        for name in list(self._processes):
            self.kill(name)

    @property
    def running(self) -> list[str]:
        """The names of all processes: ``scheduler``, and the workers."""
        return list(self._processes)

    @property
    def workers(self) -> list[str]:
        """The names of those that run."""
        return [one for one in self._processes if one != "scheduler"]

    def helpers(self, kind: str) -> list[psutil.Process]:
        """The processes of this kind that work for the workers."""
        found = []
        for name in self.workers:
            for child in psutil.Process(self.pid(name)).children():
                with suppress(psutil.NoSuchProcess):  # a zombie, too, is none
                    if kind in child.cmdline():
                        found.append(child)
        return found

    def machine(self, name: str = "lab", *, agreed: bool = True) -> Machine:
        """The machine that it is to the program."""
        return new_machine(name, self.address, agreed=agreed)

    def add(self, count: int = 1, variables: Mapping[str, str] | None = None) -> list[str]:
        """Start workers, each with one thread more than the pieces that it is given at a time."""
        return [self._add(variables or {}) for _ in range(count)]

    def _add(self, variables: Mapping[str, str]) -> str:
        self._begun += 1
        name = f"worker{self._begun}"
        options = [self.address, "--host", "127.0.0.1", "--name", name, "--no-nanny", *_NO_PAGES]
        options += ["--nthreads", "3"]
        options += ["--local-directory", str(self.folder / name / "dask")]
        cache = {"XDG_CACHE_HOME": str(self.cache(name).parent)}
        command = ["-m", "distributed.cli.dask_worker", *options, *self._options]
        self._start(name, command, {**cache, **variables})
        return name

    def wait(self, count: int) -> None:
        """Until so many workers are there."""
        from distributed import Client

        client = Client(self.address, set_as_default=False)  # type: ignore[no-untyped-call]
        with client:
            client.wait_for_workers(count, timeout=self._ready_seconds)

    def cache(self, name: str) -> Path:
        """Where a worker keeps what was sent."""
        return self.folder / name / "cache" / "detection-workbench"

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a process, as a power cut would."""
        process = self._processes.pop(name)
        process.send_signal(number)
        process.wait()

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a worker, such as one that stops it."""
        self._processes[name].send_signal(number)

    def pid(self, name: str) -> int:
        """Of the process."""
        return self._processes[name].pid

    def _start_scheduler(self) -> str:
        file = self.folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", *_NO_PAGES, "--no-show"]
        options += ["--protocol", self._scheme, "--scheduler-file", str(file)]
        command = ["-m", "distributed.cli.dask_scheduler", *options, *self._options]
        self._start("scheduler", command, {})
        until = time.monotonic() + self._ready_seconds
        while time.monotonic() < until:
            if file.exists() and (content := file.read_text()):
                return str(json.loads(content)["address"])
            if self._processes["scheduler"].poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "scheduler.log").read_text())

    def _start(self, name: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-P", *command, *_ENDING],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    **AT_REST_VARIABLES,
                    **{"PYTHONPATH": str(_STATE), WHO: ours()},
                    **variables,
                },
                cwd=self.folder,
            )
