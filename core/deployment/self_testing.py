"""Running the self-test of a deployment package, on this machine or on another one."""

from __future__ import annotations

import subprocess
import threading
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, ClassVar, Literal

from msgspec.structs import replace

from core.errors import InputError, WorkbenchError
from core.inference.machine import Machine as Measured
from core.inference.machine import this_machine
from core.jobs.context import SCRATCH, JobContext
from core.jobs.job import Weight, read_result
from core.machines.machine import Machine
from core.machines.parcel import Packing
from core.machines.run_on import host_for
from core.machines.sending import measured_on, sent
from core.machines.talk import is_plain
from core.processes import command, environment
from core.refusals import require_there
from core.text import visible
from core.values import Value

TEST_FILE = "self_test.py"
STAGE = "Running the self-test"
Outcome = Literal["passed", "failed", "no_device", "not_judged"]
_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("passed", "The self-test passed."),
    ("failed", "The self-test failed."),
    ("no_device", "The model cannot run on "),
    ("not_judged", "Not judged: "),
)
"""By the status that the test ends with, each with the beginning of a line that says so.

Python's own statuses are some of these, too.
"""

_MOST_LINES = 1000
_LONGEST = 500  # characters of a line
_MOST_FILES = 1000
_MOST_BYTES = 16 * 2**30
_LOOK_SECONDS = 0.1
_COPY_BYTES = 2**20

_DAMAGED = (  # or encrypted, or packed in a way that Python cannot unpack
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError),
)


class SelfTestResult(Value):
    """How a self-test ended, what it wrote, and on which machine it was."""

    outcome: Outcome
    lines: tuple[str, ...]
    machine: Measured


class SelfTestJob(Value, tag="self_test"):
    """Runs the self-test of a package: a folder or a zip file.

    It is the package's own code, in a process of its own. `device` and `precision_hint` are handed
    on to it; without a hint, the package runs as it was made to.
    """

    weight: ClassVar[Weight] = "heavy"
    package: Path
    device: str = "CPU"
    precision_hint: Literal["", "f32", "default", "bf16", "f16"] = ""

    def run(self, context: JobContext) -> SelfTestResult:
        """See `core.jobs.job.Job`."""
        folder = self.package.absolute()
        if folder.is_file():
            folder = unpacked(folder, context.folder / SCRATCH / "package")
        if not (folder / TEST_FILE).is_file():
            raise InputError(
                f"{self.package} is no deployment package: it has no {TEST_FILE}.",
                "Choose a folder or a zip file that package made.",
            )
        flags = ["--device", self.device]
        flags += ["--precision-hint", self.precision_hint] if self.precision_hint else []
        status, lines = _run(folder, flags, context)
        outcome = _outcome(status, lines)
        machine = this_machine("CPU" if outcome == "no_device" else self.device)
        return SelfTestResult(outcome=outcome, lines=tuple(lines), machine=machine)


class SentSelfTestJob(Value, tag="sent_self_test"):
    """Sends a package to a machine, and brings what its self-test says there."""

    weight: ClassVar[Weight] = "light"
    machine: Machine
    job: SelfTestJob

    def run(self, context: JobContext) -> SelfTestResult:
        """See `core.jobs.job.Job`."""
        there = sent(self.machine, self.packed, context)
        result = read_result(context.folder, SelfTestResult)
        lines = tuple(visible(line[:_LONGEST]) for line in result.lines[:_MOST_LINES])
        machine = measured_on(self.machine, there, result.machine)
        return replace(result, lines=lines, machine=machine)

    def packed(self, packing: Packing) -> SelfTestJob:
        """The job as it is sent, with its files."""
        package = self.job.package
        if package.is_dir():
            return replace(self.job, package=packing.folder(package, "package"))
        packing.file(PurePosixPath("package.zip"), package)
        return replace(self.job, package=Path("package.zip"))


def self_test_job(
    package: Path, device: str, precision_hint: str, run_on: str | None
) -> SelfTestJob | SentSelfTestJob:
    """The job for a package, on the host of this name if one is named.

    Raises InputError where there is no package, and as `host_for` does.
    """
    host = host_for(run_on)
    require_there(package, "Check the path of the package.")
    job = SelfTestJob(package=package.absolute(), device=device)
    job = replace(job, precision_hint=precision_hint)
    return job if host is None else SentSelfTestJob(machine=host, job=job)


def unpacked(file: Path, folder: Path) -> Path:
    """The package of a zip file, below `folder`; raises InputError where it is none."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _require_acceptable(file, entries)
            for entry in entries:
                place = folder / entry.filename
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as stream, place.open("wb") as written:
                    _copy(stream, written, entry.file_size)
    except _DAMAGED as error:
        raise InputError(
            f"{file} is no deployment package: {error}.", "Choose one that package made."
        ) from error
    tops = {entry.filename.partition("/")[0] for entry in entries}
    return folder / tops.pop() if len(tops) == 1 else folder


def _require_acceptable(file: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(one.file_size for one in entries)
    bad = next((one.filename for one in entries if not is_plain(one.filename)), None)
    if bad is not None or len(entries) > _MOST_FILES or total > _MOST_BYTES:
        what = "has too much in it" if bad is None else f"has a file called {visible(bad[:100])!r}"
        raise InputError(
            f"{file} is no deployment package: it {what}.", "Choose one that package made."
        )


def _copy(stream: IO[bytes], written: IO[bytes], size: int) -> None:
    """So many bytes; raises ValueError where there are more than the archive says."""
    left = size
    while data := stream.read(_COPY_BYTES):
        left -= len(data)
        if left < 0:
            raise ValueError("a file in it is larger than it says")
        written.write(data)


def _run(folder: Path, flags: Sequence[str], context: JobContext) -> tuple[int, list[str]]:
    """The status that the test ends with, and the lines that it wrote."""
    process = subprocess.Popen(
        command("self_test", str(folder), *flags),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=_gather, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            context.step(STAGE)
            reader.join(_LOOK_SECONDS)
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
    return process.returncode, lines


def _outcome(status: int, lines: Sequence[str]) -> Outcome:
    """How the test ended; raises WorkbenchError where it did not come to its end."""
    if 0 <= status < len(_OUTCOMES):
        outcome, beginning = _OUTCOMES[status]
        if any(line.startswith(beginning) for line in lines):
            return outcome
    last = lines[-1] if lines else f"exit status {status}"
    raise WorkbenchError(
        f"The self-test did not come to its end: {last.rstrip('.')}.",
        "Make the package again with this version of the program.",
    )


def _gather(stream: IO[bytes], lines: list[str]) -> None:
    for line in stream:
        if len(lines) < _MOST_LINES:
            lines.append(visible(line.decode(errors="replace").rstrip()[:_LONGEST]))
