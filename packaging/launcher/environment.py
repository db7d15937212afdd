"""The virtual environment of the checkout: is it what pyproject.toml asks for, and if not, make it.

A stamp file, written when everything else is done, says what was installed. An install that was
interrupted therefore never looks complete, and a start with a right stamp runs no pip.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from launcher import locks
from launcher.checkout import PYPROJECT, ROOT, VENV, script
from launcher.stop import FAILED, Stop

STAMP = VENV / "detection-workbench.stamp"
LOCK = ROOT / ".venv.lock"

RUN, TEST = "run", "test"  # what is installed: the program, or the tools of the suite as well


def ensure(parts: str) -> None:
    """Make .venv hold the program (`RUN`) or the program and the suite's tools (`TEST`)."""
    if is_ready(parts):
        return
    locks.this_system()
    with _alone() as work:
        if is_ready(parts):  # another start has just done it
            return
        STAMP.unlink(missing_ok=True)
        with work.marked_as_begun():
            # What an ended process left half-written is not for pip to find out.
            if work.was_interrupted or not is_usable():
                _create()
            _install(parts)
        _write_stamp(parts)


def is_ready(parts: str) -> bool:
    try:
        found = STAMP.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return False
    return found in (_stamp(TEST), _stamp(parts)) and script("python").exists()


def fingerprint() -> str:
    """A hash of everything that decides what .venv has to look like."""
    import hashlib

    digest = hashlib.sha256()
    for part in (
        PYPROJECT.read_bytes(),
        *(lock.read_bytes() for lock in locks.files(suite=True)),
        "{}.{}".format(*sys.version_info).encode(),
        os.fsencode(ROOT),  # the installed scripts name it, so a moved checkout is stale
    ):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def is_usable() -> bool:
    """Whether .venv is one of this Python's version in which pip can go on."""
    import subprocess

    check = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    with suppress(OSError):
        return (
            subprocess.run(
                [script("python"), "-I", "-c", check], capture_output=True, check=False
            ).returncode
            == 0
        )
    return False


def _stamp(parts: str) -> str:
    return f"{fingerprint()} {parts}\n"


def _write_stamp(parts: str) -> None:
    unfinished = STAMP.with_suffix(".unfinished")
    unfinished.write_text(_stamp(parts), encoding="utf-8")
    unfinished.replace(STAMP)


def _create() -> None:
    print(f"Making {VENV}", flush=True)
    # Not sys.executable: when that is the one inside .venv, it cannot be replaced while it runs.
    python = getattr(sys, "_base_executable", None) or sys.executable
    run([python, "-I", "-m", "venv", "--clear", str(VENV)], "Making .venv")


def _install(parts: str) -> None:
    print("Installing Detection Workbench; the first time takes a few minutes.", flush=True)
    pip = [str(script("python")), "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    pip += ["--no-deps"]  # a lock names everything
    if sys.stdout is None or not sys.stdout.isatty():
        pip += ["--progress-bar", "off"]
    files = locks.files(suite=parts == TEST)
    named = [part for file in files for part in ("-r", str(file))]
    locked = [*pip, "--require-hashes", "--only-binary", ":all:", *named]
    run(locked, "Installing the Python packages")
    # With setuptools from the lock: nothing is fetched here.
    run([*pip, "--no-index", "--no-build-isolation", "-e", str(ROOT)], "Installing the program")


def run(command: list[str], doing: str) -> None:
    """Run a program that shows what it does; raises Stop where it fails, called `doing`."""
    import subprocess

    # `user = true` in someone's pip.conf makes pip refuse to install into a venv.
    environment = {**os.environ, "PIP_USER": "0"}
    status = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, check=False
    ).returncode
    if status != 0:
        raise Stop(
            f"{doing} failed (exit status {status}); the lines above say why, "
            "and the same command tries again.",
            FAILED,
        )


class _Work:
    """The right to change .venv. The file of the lock says whether someone is at it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        file.seek(0)
        self.was_interrupted = file.read() != ""

    @contextmanager
    def marked_as_begun(self) -> Iterator[None]:
        self._file.write("begun\n")
        self._file.flush()
        try:
            yield
        except Stop:  # pip ended by itself and cleaned up behind it
            self._file.truncate(0)
            raise
        self._file.truncate(0)


@contextmanager
def _alone() -> Iterator[_Work]:
    """Hold the checkout's lock, so that a second start waits instead of installing as well."""
    with LOCK.open("a+", encoding="utf-8") as file:
        file.seek(0)
        _lock(file.fileno())
        yield _Work(file)


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt
        import time

        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(0.5)
            else:
                return

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing; waiting for it.", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
