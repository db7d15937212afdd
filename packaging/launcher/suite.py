"""The whole suite, headless: the checks side by side, then tests; the last line is pytest's own.

The checks can be run alone. What each prints is shown when it has ended, in their order.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from launcher.checkout import ROOT, script
from launcher.stop import Stop

# What takes longest for one file comes first, so that no process waits for it alone in the end.
WITHOUT_QT = ("tests/hostile", "tests/packaging", "tests/field", "tests/sample", "tests/core")
WITH_QT = ("tests/soak", "tests/kills", "tests/e2e", "tests/app")
# On PYTHONPATH, so that Qt is out of reach in the processes that the tests start as well.
BLOCKER = ROOT / "packaging" / "without_qt"
NOTICES = ROOT / "packaging" / "notices.py"

# Half as many processes again as the machine has cores: a third of a test's time is waiting, for a
# process, a port or a window. A file's tests stay together, with their fixtures.
# Files come in the order above: xdist would begin with those of many tests, which are short ones,
# and end with the soak and the kills, of one test each.
PROCESSES = max(2, (3 * (os.cpu_count() or 1)) // 2)
PARALLEL = ("-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder")
NO_TESTS_RAN = 5  # pytest's exit status
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CLOSING_LINE = re.compile(
    r"(=+ )?(no tests ran|\d+ [a-z ]+(, \d+ [a-z ]+)*) in \d+\.\d+s( \(.*\))?( =+)?"
)


class Stage(NamedTuple):
    name: str
    command: list[str]
    variables: dict[str, str]
    passing: frozenset[int] = frozenset({0})
    beside: bool = False  # others may run at the same time


def run(pytest_arguments: Sequence[str]) -> int:
    """Run every stage, also after one that failed; 0 when all passed."""
    *earlier, last = stages(pytest_arguments)
    together = [stage for stage in earlier if stage.beside]
    failed = _side_by_side(together)
    for stage in earlier[len(together) :]:
        if _start(stage).wait() not in stage.passing:
            failed.append(stage.name)
            print(f"Failed: {stage.name}", flush=True)

    with _start(last, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        closing_line = copy_all_but_closing_line(process.stdout)
    if process.returncode not in last.passing:
        failed.append(last.name)
    print(verdict(failed))
    print(closing_line, end="", flush=True)
    return 1 if failed else 0


def check(names: Sequence[str]) -> int:
    """Run the checks with one of these words in their names, or all; 0 when all passed."""
    chosen = [one for one in checks() if not names or any(name in one.name for name in names)]
    if not chosen:
        known = ", ".join(stage.name for stage in checks())
        raise Stop(f"No check is called '{' '.join(names)}'; there are: {known}.")
    failed = _side_by_side(chosen)
    print(f"Failed: {'; '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def checks() -> list[Stage]:
    """What is run before the tests, shown in this order."""
    python = [str(script("python")), "-P"]
    import_linter = "from importlinter.cli import lint_imports_command as lint; lint()"
    made = [
        Stage("ruff check", [*python, "-m", "ruff", "check"], {}),
        Stage("ruff format", [*python, "-m", "ruff", "format", "--check"], {}),
        Stage("mypy", [*python, "-m", "mypy"], {}),
        Stage("layers (import-linter)", [*python, "-c", import_linter], {}),
        # Without -P: what it consists of lies beside it.
        Stage("third-party notices", [python[0], str(NOTICES), "--check"], {}),
    ]
    return [stage._replace(beside=True) for stage in made]


def stages(pytest_arguments: Sequence[str]) -> list[Stage]:
    """What is run, in this order; the last one is always a pytest."""
    given = [argument for argument in pytest_arguments if _is_test_path(argument)]
    options = [argument for argument in pytest_arguments if argument not in given]
    if sys.stdout.isatty():
        options.insert(0, "--color=yes")  # the last stage writes into a pipe
    # Someone who picks tests may pick none from one of the two runs.
    passing = frozenset({0, NO_TESTS_RAN} if pytest_arguments else {0})
    pytest = [str(script("python")), "-P", "-m", "pytest", *PARALLEL]
    without_qt = Stage(
        "tests of the core, with Qt out of reach",
        [*pytest, "-p", "no:pytest-qt", "-p", "no_qt_options", *options],
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
    return [*checks(), *runs]


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


def _side_by_side(together: Sequence[Stage]) -> list[str]:
    """Run them at the same time, and show what each printed; the names of those that failed."""
    failed = []
    for stage, process in [(stage, _begin(stage, subprocess.PIPE)) for stage in together]:
        said, _ = process.communicate()
        print(f"\n--- {stage.name}\n{said}", end="", flush=True)
        if process.returncode not in stage.passing:
            failed.append(stage.name)
            print(f"Failed: {stage.name}", flush=True)
    return failed


def _start(stage: Stage, stdout: int | None = None) -> "subprocess.Popen[str]":
    print(f"\n--- {stage.name}", flush=True)
    return _begin(stage, stdout)


def _begin(stage: Stage, stdout: int | None) -> "subprocess.Popen[str]":
    variables = {**os.environ, **stage.variables}
    # Or each of the thousands of processes that the tests start would compile the program anew.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(
        stage.command,
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
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
