"""What is done on a host before the program is there: sent to its Python, which runs it.

It needs Python 3.11 and its own library. A line of JSON says what is wanted, then come as many
bytes as that says, then empty lines for as long as somebody waits: without them for 25 s, or at
the end of input, all that was started ends, and what is unfinished goes. Answers are lines of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

SILENT_SECONDS = 25.0
_LOOK_SECONDS = 0.5
_UNUSED_SECONDS = 30 * 86400
_ABANDONED_SECONDS = 6 * 3600
_READY = "ready"
_SCRIPT = (
    "from core.machines.program import this_program as found; print(found().version, found().code)"
)
_UNWANTED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
_COMPILED = "numpy,scipy,scikit-learn,opencv-python-headless,openvino,msgspec,psutil,google-re2"


class Failed(Exception):
    """It cannot be done; says why, in a clause."""


class Host:
    """The user's cache folder there, and what runs in it now."""

    def __init__(self, number: str) -> None:
        if not re.fullmatch("[0-9a-f]{32}", number):
            raise Failed("the machine has no such number")
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        ours = Path(cache) / "detection-workbench"
        self.place = ours / "hosts" / number
        self.sent = ours / "machines" / number
        self.heard = time.monotonic()
        self.unfinished: Path | None = None
        self.running: subprocess.Popen[bytes] | None = None
        self.over = threading.Lock()

    def watch(self) -> None:
        """From now on, end with whoever waits for this."""
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._look, daemon=True).start()

    def end(self, status: int = 1) -> None:
        """End, and leave nothing that runs, and nothing unfinished."""
        with self.over:
            try:
                while self.running is not None and self.running.poll() is None:
                    kill(self.running)
                if self.unfinished is not None:
                    shutil.rmtree(self.unfinished, ignore_errors=True)
            finally:
                os._exit(status)

    def _listen(self) -> None:
        try:
            while os.read(0, 4096):
                self.heard = time.monotonic()
        finally:
            self.end()

    def _look(self) -> None:
        while time.monotonic() - self.heard < SILENT_SECONDS:
            time.sleep(_LOOK_SECONDS)
        self.end()

    def run(self, *command: str, each: Any = None) -> str:
        """Run a program to its end; gives what it said last. Raises Failed."""
        kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
        with self.over:
            self.running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**kept, "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"},
            )
        last = ""
        for line in self.running.stdout or ():
            text = line.decode("utf-8", "replace").strip()
            last = text[:300] if text and not text.startswith("[notice]") else last
            if each is not None:
                each(text)
        if self.running.wait():
            raise Failed(last or "a program failed")
        return last


def kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    time.sleep(0.02)


def say(**answer: Any) -> None:
    """A line to whoever asked, if that is still there."""
    with suppress(OSError):
        os.write(1, json.dumps(answer).encode() + b"\n")


def main() -> None:
    """Do what the first line wants."""
    asked = json.loads(sys.stdin.buffer.readline(2**20))
    sent = sys.stdin.buffer.read(asked["bytes"])
    host = Host(asked["number"])
    host.watch()
    try:
        if asked["do"] == "look":
            say(**looked(host, asked["name"]))
        elif asked["do"] == "clear":
            say(freed=freed(host))
        elif asked["do"] == "prepare":
            prepare(host, asked, sent)
            say(ready=True)
    except Failed as error:
        say(failed=str(error))
    except OSError as error:
        say(failed=f"{error.strerror or error} ({error.filename or 'no file'})")
    finally:
        host.end(0)


def looked(host: Host, name: str) -> dict[str, Any]:
    """What the host is, without any program of ours."""
    there = host.place
    while not there.exists():
        there = there.parent
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    found = {key.strip(): value.strip() for key, _, value in (one.partition(":") for one in lines)}
    return {
        "host": platform.node()[:255],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processor": found.get("model name", platform.processor() or "")[:200],
        "flags": found.get("flags", found.get("Features", "")).split()[:1000],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "disk_bytes": shutil.disk_usage(there).free,
        "ready": (host.place / name / _READY).is_file(),
        "clock": time.time(),
    }  # fmt: skip


def prepare(host: Host, asked: dict[str, Any], wheel: bytes) -> None:
    """Make the environment, whole or not at all; raises Failed, OSError."""
    if not all(re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]*", asked[one]) for one in ("name", "wheel")):
        raise Failed("it is no name of a file")
    if hashlib.sha256(wheel).hexdigest() != asked["sha256"]:
        raise Failed("what arrived is not what was sent")
    host.place.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = host.unfinished = host.place / f".part-{os.urandom(8).hex()}"
    part.mkdir(mode=0o700)
    target, requirements = part / "made", part / "requirements.txt"
    package = part / asked["wheel"]
    package.write_bytes(wheel)
    requirements.write_text(asked["requirements"], "ascii")
    say(stage="environment")
    pip = environment(host, target)
    seen = set[str]()

    def each(line: str) -> None:
        words = line.split()
        if len(words) > 1 and words[0] == "Collecting":
            seen.add(words[1])
        if line.startswith("Installing collected"):
            say(stage="installing")
        else:
            say(stage="packages", done=len(seen))

    say(stage="packages", done=0)
    flags = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    flags += ["--only-binary", _COMPILED]
    host.run(*pip, "install", *flags, "-r", str(requirements), str(package), each=each)
    say(stage="checking")
    found = host.run(str(target / "bin" / "python"), "-P", "-c", _SCRIPT)
    if found != f"{asked['version']} {asked['code']}":
        raise Failed("what was installed is not what was sent")
    (target / _READY).touch()
    final = host.place / asked["name"]
    if not (final / _READY).is_file():  # else somebody was faster
        shutil.rmtree(final, ignore_errors=True)
        target.rename(final)
    tidy(host, final)


def environment(host: Host, target: Path) -> list[str]:
    """Make a Python environment; gives the command of a pip for it."""
    python = str(target / "bin" / "python")
    try:
        host.run(sys.executable, "-m", "venv", str(target))
        return [python, "-m", "pip"]
    except Failed:
        shutil.rmtree(target, ignore_errors=True)
    try:
        host.run(sys.executable, "-m", "venv", "--without-pip", str(target))
        host.run(sys.executable, "-m", "pip", "--python", python, "--version")
        return [sys.executable, "-m", "pip", "--python", python]
    except Failed:
        missing = "its Python has no venv and pip; on Debian and Ubuntu, its administrator gets"
        raise Failed(f"{missing} them by: apt install python3-venv") from None


def tidy(host: Host, kept: Path) -> None:
    """Remove what nobody used for long, and what was never finished."""
    for one in host.place.iterdir():
        mark = one if one.name.startswith(".part-") else one / _READY
        limit = _ABANDONED_SECONDS if mark is one else _UNUSED_SECONDS
        try:
            old = time.time() - mark.stat().st_mtime > limit
        except OSError:
            old = True
        if old and one != kept:
            shutil.rmtree(one, ignore_errors=True)


def freed(host: Host) -> int:
    """Remove all that was made and sent; gives how many bytes that were."""
    total = 0
    for place in (host.place, host.sent):
        for folder, _, names in os.walk(place):
            total += sum(Path(folder, name).lstat().st_size for name in names)
        shutil.rmtree(place, ignore_errors=True)
    return total


if __name__ == "__main__":
    main()
