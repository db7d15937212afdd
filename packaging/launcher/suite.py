"""The whole suite, headless: checks and tests side by side; the last line is pytest's own.

What each prints is shown in their order, as it comes where it is that one's turn. The checks can be
run alone.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import sleep
from typing import NamedTuple

from launcher import scratch
from launcher.checkout import ROOT, script
from launcher.stop import Stop

# Which files come first: tests/support/order.py.
WITHOUT_QT = ("tests/hostile", "tests/packaging", "tests/field", "tests/sample", "tests/core")
WITH_QT = ("tests/soak", "tests/kills", "tests/e2e", "tests/app")
# On PYTHONPATH, so that Qt is out of reach in the processes that the tests start as well.
BLOCKER = ROOT / "packaging" / "without_qt"
NOTICES = ROOT / "packaging" / "notices.py"

# Half as many processes again as the machine has cores: a third of a test's time is waiting, for a
# process, a port or a window. A file's tests stay together, with their fixtures.
# xdist's own order would begin with files of many tests, which are short ones, and end with the
# soak and the kills, of one test each.
PROCESSES = max(2, (3 * (os.cpu_count() or 1)) // 2)
PARALLEL = ("-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder")
NO_TESTS_RAN = 5  # pytest's exit status
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CLOSING_LINE = re.compile(
    r"(=+ )?(no tests ran|\d+ [a-z ]+(, \d+ [a-z ]+)*) in \d+\.\d+s( \(.*\))?( =+)?"
)


# Names a file that the run in which it is set makes when it has few files left to begin.
FEW_LEFT = "SUITE_FEW_LEFT"
LOOK_SECONDS = 0.1


class Stage(NamedTuple):
    name: str
    command: list[str]
    variables: dict[str, str]
    passing: frozenset[int] = frozenset({0})
    waits: bool = False  # until the one before it has few files left to begin


def run(pytest_arguments: Sequence[str]) -> int:
    """Run every stage, also where another failed; 0 when all passed."""
    folder = scratch.make()
    *earlier, last = _all_begun(stages(pytest_arguments), folder)
    failed = _shown(earlier)
    print(f"\n--- {last.stage.name}", flush=True)
    closing_line = copy_all_but_closing_line(last.lines())
    if not last.passed:
        failed.append(last.stage.name)
    if failed:
        print(f"What the tests wrote is there until the next run: {folder}")
    else:
        scratch.remove(folder)
    print(verdict(failed))
    print(closing_line, end="", flush=True)
    return 1 if failed else 0


def check(names: Sequence[str]) -> int:
    """Run the checks with one of these words in their names, or all; 0 when all passed."""
    chosen = [one for one in checks() if not names or any(name in one.name for name in names)]
    if not chosen:
        known = ", ".join(stage.name for stage in checks())
        raise Stop(f"No check is called '{' '.join(names)}'; there are: {known}.")
    failed = _shown([Running(stage) for stage in chosen])
    print(f"Failed: {'; '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def checks() -> list[Stage]:
    """What is run before the tests, shown in this order."""
    python = [str(script("python")), "-P"]
    import_linter = "from importlinter.cli import lint_imports_command as lint; lint()"
    return [
        Stage("ruff check", [*python, "-m", "ruff", "check"], {}),
        Stage("ruff format", [*python, "-m", "ruff", "format", "--check"], {}),
        Stage("mypy", [*python, "-m", "mypy"], {}),
        Stage("layers (import-linter)", [*python, "-c", import_linter], {}),
        # Without -P: what it consists of lies beside it.
        Stage("third-party notices", [python[0], str(NOTICES), "--check"], {}),
    ]


def stages(pytest_arguments: Sequence[str]) -> list[Stage]:
    """What is run, in this order; the last one is always a pytest."""
    given = [argument for argument in pytest_arguments if _is_test_path(argument)]
    options = [argument for argument in pytest_arguments if argument not in given]
    if sys.stdout.isatty():
        options.insert(0, "--color=yes")  # they write into pipes
    # Someone who picks tests may pick none from one of the two runs.
    passing = frozenset({0, NO_TESTS_RAN} if pytest_arguments else {0})
    pytest = [str(script("python")), "-P", "-m", "pytest", *PARALLEL]
    without_qt = Stage(
        "tests of the core, with Qt out of reach",
        [*pytest, "-p", "no:pytest-qt", "-p", "no_qt_options", "-p", "few_left", *options],
        {"PYTHONPATH": os.pathsep.join([str(BLOCKER), *_python_path()])},
        passing,
    )
    with_qt = Stage(
        "tests of the window",
        [*pytest, *options],
        {"QT_QPA_PLATFORM": "offscreen"},
        passing,
    )
    paths_without_qt, paths_with_qt = _present(WITHOUT_QT), _present(WITH_QT)
    if given:
        paths_without_qt = [path for path in given if _below(path, WITHOUT_QT)]
        paths_with_qt = [path for path in given if path not in paths_without_qt]
    runs = [
        stage._replace(command=[*stage.command, *paths])
        for stage, paths in ((without_qt, paths_without_qt), (with_qt, paths_with_qt))
        if paths
    ]
    return [*checks(), *runs[:1], *(stage._replace(waits=True) for stage in runs[1:])]


def copy_all_but_closing_line(lines: Iterable[str]) -> str:
    """Print the lines as they come; hold back and return the last that reads like a closing one."""
    closing_line = ""
    for line in lines:
        if CLOSING_LINE.fullmatch(COLOUR.sub("", line).strip()):
            print(closing_line, end="")
            closing_line = line
        else:
            print(line, end="", flush=True)
    return closing_line


def verdict(failed: Sequence[str]) -> str:
    return f"The suite failed in: {'; '.join(failed)}." if failed else "All stages passed."


class Running:
    """A stage at work; what it prints is kept until somebody takes it."""

    def __init__(self, stage: Stage, may_begin: Callable[[], bool] = lambda: True) -> None:
        self.stage = stage
        self.ended = False
        self.passed = False
        self._may_begin = may_begin
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        Thread(target=self._work, daemon=True).start()

    def lines(self) -> Iterator[str]:
        """What it prints, up to its end."""
        while (line := self._lines.get()) is not None:
            yield line

    def _work(self) -> None:
        try:
            while not self._may_begin():
                sleep(LOOK_SECONDS)
            with _begin(self.stage) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    self._lines.put(line)
            self.passed = process.returncode in self.stage.passing
        except OSError as error:
            self._lines.put(f"{error}\n")
        finally:
            self.ended = True
            self._lines.put(None)


def _all_begun(chain: Sequence[Stage], folder: Path) -> list[Running]:
    """All of them at the same time, but one that waits; they write below `folder`."""
    begun: list[Running] = []
    few_left = folder / "few-left"
    for stage in chain:
        variables = {**stage.variables, "TMPDIR": str(folder)}
        if stage.waits:
            may_begin = _when_over(begun[-1], few_left)
            begun.append(Running(stage._replace(variables=variables), may_begin))
        else:
            variables[FEW_LEFT] = str(few_left)
            begun.append(Running(stage._replace(variables=variables)))
    return begun


def _when_over(before: Running, few_left: Path) -> Callable[[], bool]:
    return lambda: before.ended or few_left.exists()


def _shown(together: Sequence[Running]) -> list[str]:
    """Show what each prints, one after the other; the names of those that failed."""
    failed = []
    for one in together:
        print(f"\n--- {one.stage.name}", flush=True)
        for line in one.lines():
            print(line, end="", flush=True)
        if not one.passed:
            failed.append(one.stage.name)
            print(f"Failed: {one.stage.name}", flush=True)
    return failed


def _begin(stage: Stage) -> "subprocess.Popen[str]":
    variables = {**os.environ, **stage.variables}
    # Or each of the thousands of processes that the tests start would compile the program anew.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(
        stage.command,
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _present(folders: Iterable[str]) -> list[str]:
    return [folder for folder in folders if (ROOT / folder).is_dir()]


def _python_path() -> list[str]:
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


def _is_test_path(argument: str) -> bool:
    return _below(argument, ("tests",))


def _below(argument: str, folders: Iterable[str]) -> bool:
    path = Path(os.path.normpath(ROOT / argument.partition("::")[0]))
    return any(path.is_relative_to(ROOT / folder) for folder in folders)
