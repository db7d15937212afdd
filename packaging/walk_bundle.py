#!/usr/bin/env python3
"""Walk through a bundle: the tutorial in its window, with pictures, then every command.

    packaging/walk_bundle.py PROGRAM --output DIR              in this system
    packaging/walk_bundle.py PROGRAM --output DIR --root ROOT  in a bare root, as its user `user`
    packaging/walk_bundle.py PROGRAM --output DIR --terminal-only

PROGRAM is the path of `detection-workbench` (inside ROOT, if there is one). Xvfb, openbox, xdotool
and ImageMagick are needed here, and nothing in the root. Fails on a command that fails or is not
walked, and on anything that calls itself unexpected, in the window or in a log.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from launcher.checkout import ROOT

DISPLAY = ":77"
PATIENCE_S = 600
_OF_WINDOWS = ("SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "NUMBER_OF_PROCESSORS")
_PROJECT = ROOT / "tests" / "core" / "stored" / "0.2.0" / "project.dwproject"
UNEXPECTED = re.compile(r"unexpected error|traceback", re.IGNORECASE)
# What is in braces is filled in. Each line is a command that has to succeed.
COMMANDS = """
--version
updates
devices
catalogue list
inspect {model} --dataset {validation}
import {model} --output {work}/imported
tutorial --output {work}/tutorial
predict {int8} {validation} --output {work}/detections.json
check-dataset {validation} {calibration}
create-dataset {calibration} --output {work}/made --flip horizontal
optimize {model} {calibration} --subset-size 8 --output {work}/int8
plan {model} --ignore-part head --output {work}/plan.json
benchmark {model} {int8} --iterations 2
profile {model} --csv {work}/layers
report {model} {int8} {validation} --html --output {work}/report
report {model} {int8} {validation} --output {work}/other
export-report {work}/report --format csv --output {work}/tables
compare-reports {work}/report {work}/other
check {model} {int8} {validation} --accuracy-kept 0.5
package {int8} {validation} --output {work}/detector.zip
test-package {work}/detector.zip
machines add lab tcp://127.0.0.1:8786
machines remove lab --anyway
compare-machines {model} {int8} --run-on this --seconds 2
scorecard --workspace {workspace}
target 1 cpu --workspace {workspace}
edit-project 1 --name Renamed --workspace {workspace}
compare-projects 1 2 --output {work}/comparison.html --workspace {workspace}
results 2 --workspace {workspace}
edit-report {report} --name Renamed --workspace {workspace}
delete-result {benchmark} --workspace {workspace}
duplicate-project 1 --workspace {workspace}
delete-project 3 --workspace {workspace}
trash --workspace {workspace}
restore 1 --workspace {workspace}
export-model 2 --output {work}/exported --workspace {workspace}
export-project 2 --output {work}/it.dwproject --workspace {workspace}
import-project {work}/it.dwproject --workspace {work}/another
"""
# What is typed into the command palette, and what the picture is called.
PAGES = {
    "ctrl+1": "project",
    "ctrl+2": "optimize",
    "ctrl+3": "performance",
    "ctrl+4": "report",
    "F1": "help",
}


class Place:
    """Where the bundle runs: here, or in a root of its own."""

    def __init__(self, program: str, root: Path | None, output: Path) -> None:
        self.program, self._root, self.output = program, root, output
        self.home = "/home/user, Zoë" if root else str(output / "home, Zoë")
        self.work = f"{self.home}/walk"
        shutil.rmtree(self.inside(self.work), ignore_errors=True)  # of an earlier walk
        self.inside(self.work).mkdir(parents=True, exist_ok=True)
        if root:
            subprocess.run(["chroot", root, "chown", "-R", "user", self.home], check=True)

    def inside(self, path: str) -> Path:
        """Where a path of the place lies here."""
        return self._root / path.lstrip("/") if self._root else Path(path)

    def start(self, command: list[str], **options: object) -> subprocess.Popen[str]:
        """Start a program there, as an ordinary user, with nothing of our environment."""
        kept = {name: os.environ[name] for name in _OF_WINDOWS if name in os.environ}
        variables = {"HOME": self.home, "DISPLAY": DISPLAY, "PATH": "/usr/bin:/bin:/usr/sbin"}
        variables |= {"LANG": "C.UTF-8", "LOCALAPPDATA": self.home, **kept}
        if self._root:
            line = f"cd {shlex.quote(self.work)} && exec {shlex.join(command)}"
            command = ["chroot", str(self._root), "su", "user", "-s", "/bin/sh", "-p", "-c", line]
        here = None if self._root else self.work
        return subprocess.Popen(command, env=variables, cwd=here, text=True, **options)  # type: ignore[call-overload,no-any-return]

    def run(self, *arguments: str) -> str:
        """What a command of the terminal prints; SystemExit where it fails."""
        running = self.start(
            [self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = running.communicate(timeout=PATIENCE_S)
        if running.returncode != 0 or UNEXPECTED.search(said):
            raise SystemExit(f"{shlex.join(arguments)} ({running.returncode}):\n{said}")
        return said


class Window:
    """The bundle's window on a display of its own, used by its keys."""

    def __init__(self, place: Place, workspace: str) -> None:
        self._place, self._workspace = place, place.inside(workspace)
        screen = ["-screen", "0", "1366x768x24"]
        self._display = subprocess.Popen(["Xvfb", DISPLAY, *screen], stderr=subprocess.DEVNULL)
        time.sleep(2)
        shown_there = {**os.environ, "DISPLAY": DISPLAY}
        self._manager = subprocess.Popen(["openbox"], env=shown_there, stderr=subprocess.DEVNULL)
        self._log = place.output / "window.log"
        command = [f"{place.program}-window", "--workspace", workspace, "--theme", "light"]
        began = time.monotonic()
        with self._log.open("w") as log:
            self._process = place.start(command, stdout=log, stderr=log)
        self._until(lambda: bool(self._shown()), "the window is shown")
        print(f"Window shown after {time.monotonic() - began:.1f} s")
        time.sleep(5)

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        _do("xdotool", "key", "--clearmodifiers", *keys)
        time.sleep(1)

    def command(self, text: str) -> None:
        """Choose something in the command palette."""
        self.keys("ctrl+k")
        _do("xdotool", "type", "--delay", "20", text)
        time.sleep(1)
        self.keys("Return")

    def picture(self, name: str) -> None:
        """Draw what the screen shows."""
        time.sleep(2)
        _do("import", "-window", "root", str(self._place.output / f"{name}.png"))

    def until_there_are(self, kind: str, number: int) -> None:
        """Wait for projects, or for artifacts of a kind."""
        query = (
            "SELECT count(*) FROM projects WHERE state = 'ready'"
            if kind == "projects"
            else f"SELECT count(*) FROM artifacts WHERE kind = '{kind}'"
        )

        def found() -> bool:
            file = self._workspace / "workspace.sqlite3"
            if not file.exists():
                return False
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
            try:
                return bool(connection.execute(query).fetchone()[0] >= number)
            except sqlite3.Error:
                return False
            finally:
                connection.close()

        self._until(found, f"there are {number} {kind}")

    def close(self) -> None:
        """Close it as its user does; SystemExit where it left something unexpected in a log."""
        self.keys("ctrl+q")
        try:
            status = self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGTERM)
            status = self._process.wait(timeout=20)
        self._manager.terminate()
        self._display.terminate()
        for log in [self._log, *self._workspace.rglob("*.log")]:
            text = log.read_text(encoding="utf-8", errors="replace")
            if UNEXPECTED.search(text):
                raise SystemExit(f"{log}:\n{text}")
        if status not in (0, 143):
            raise SystemExit(f"The window ended with status {status}.")

    def _shown(self) -> str:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "Detection Workbench"],
            env={**os.environ, "DISPLAY": DISPLAY}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return found.stdout

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end or self._process.poll() is not None:
                self.picture("stopped")
                raise SystemExit(f"Waited in vain until {what}; see stopped.png and window.log.")
            time.sleep(0.2)


def _do(*command: str) -> None:
    subprocess.run(command, env={**os.environ, "DISPLAY": DISPLAY}, check=True)


def walk_window(place: Place, workspace: str) -> None:
    """The tutorial: the sample, optimized and compared; a picture of each page."""
    window = Window(place, workspace)
    window.picture("start")
    window.command("sample project")
    window.until_there_are("projects", 1)
    window.until_there_are("benchmark", 1)
    window.picture("imported")
    window.command("optimize and compare")
    window.until_there_are("predictions", 1)
    for keys, name in PAGES.items():
        window.keys(keys)
        window.picture(name)
    window.keys("Escape")
    for name in ("about", "preferences"):
        window.command(name)
        window.picture(name)
        window.keys("Escape")
    window.close()


def walk_terminal(place: Place, sample: str, workspace: str) -> None:
    """Every command; SystemExit where one of the bundle's is not among them."""
    names = {
        "model": f"{sample}/model/sample-ssd.xml",
        "validation": f"{sample}/validation",
        "calibration": f"{sample}/calibration",
        "work": place.work,
        "workspace": workspace,
        "int8": f"{place.work}/int8.xml",
    }
    found = json.loads(place.run("results", "--json", "--workspace", workspace))["results"]
    for kind in ("predictions", "benchmark"):
        number = next(one["result"] for one in found if one["kind"] == kind)
        names["report" if kind == "predictions" else kind] = str(number)
    walked = set()
    for line in COMMANDS.split("\n"):
        if not line:
            continue
        command = [part.format(**names) for part in line.split(" ")]
        began = time.monotonic()
        place.run(*command)
        walked.add(command[0])
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)
        if command[0] == "tutorial":  # its optimized model, under a name that is known
            (made,) = place.inside(f"{place.work}/tutorial").glob("*int8*.xml")
            for suffix in (".xml", ".bin", ".card.json"):
                source = made.with_suffix(suffix)
                if source.exists():
                    place.inside(f"{place.work}/int8{suffix}").write_bytes(source.read_bytes())
    listed = set(re.findall(r"^  ([a-z-]+)  +[A-Z]", place.run("--help"), re.MULTILINE))
    if missing := listed - walked - {"report"}:
        raise SystemExit(f"Not walked: {', '.join(sorted(missing))}.")


def main(arguments: list[str]) -> int:
    """Walk; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--terminal-only", action="store_true", help="on a system without X11")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    place = Place(options.program, options.root, options.output.resolve())
    workspace = f"{place.work}/workspace"
    if options.terminal_only:
        place.run("import-project", str(_PROJECT), "--workspace", workspace)
        sample = str(Path(options.program).parent / "_internal" / "resources" / "sample")
    else:
        walk_window(place, workspace)
        sample = f"{workspace}/sample"
    walk_terminal(place, sample, workspace)
    print(json.dumps({"walked": True, "output": str(options.output)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
