"""How the suite is put together, and that its last line is pytest's."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from launcher import checkout, scratch, suite
from launcher.stop import Stop
from tests.support import order

CLOSING = "=================== 3 passed, 1 warning in 0.12s ===================\n"


@pytest.fixture(autouse=True)
def scratch_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stages that a test runs would write."""
    folder = tmp_path / "written"
    folder.mkdir()
    monkeypatch.setattr(scratch, "make", lambda: folder)
    return folder


@pytest.fixture
def stub_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two checks, of which the second fails."""
    codes = {"ruff check": 0, "mypy": 1}
    stages = [
        suite.Stage(name, [sys.executable, "-c", f"raise SystemExit({code})"], {})
        for name, code in codes.items()
    ]
    monkeypatch.setattr(suite, "checks", lambda: stages)


@pytest.mark.parametrize(
    "line",
    [
        CLOSING,
        "1 failed, 12 passed in 65.20s (0:01:05)\n",
        "===== no tests ran in 0.01s =====\n",
        "==== 2 failed, 1 passed, 3 skipped, 1 xfailed, 2 errors in 7.00s ====\n",
        "\x1b[32m=== \x1b[32m\x1b[1m3 passed\x1b[0m\x1b[32m in 0.10s\x1b[0m\x1b[32m ===\x1b[0m\n",
    ],
)
def test_the_closing_line_is_held_back(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["tests/app/test_a.py ...\n", line, "a message at exit\n"]

    assert suite.copy_all_but_closing_line(lines) == line
    assert capsys.readouterr().out == "tests/app/test_a.py ...\na message at exit\n"


def test_of_two_closing_lines_the_last_counts(capsys: pytest.CaptureFixture[str]) -> None:
    inner = "1 passed in 0.01s\n"

    assert suite.copy_all_but_closing_line([inner, "more\n", CLOSING]) == CLOSING
    assert sorted(capsys.readouterr().out.splitlines()) == ["1 passed in 0.01s", "more"]


def test_a_crash_has_no_closing_line() -> None:
    assert suite.copy_all_but_closing_line(io.StringIO("Fatal Python error\n")) == ""


def test_the_verdict_names_every_failed_stage() -> None:
    assert suite.verdict([]) == "All stages passed."
    assert suite.verdict(["mypy", "tests of the window"]) == (
        "The suite failed in: mypy; tests of the window."
    )


def test_the_suite_shows_checks_first_and_ends_with_a_pytest() -> None:
    names = [stage.name for stage in suite.stages([])]

    assert names == [
        "ruff check",
        "ruff format",
        "mypy",
        "layers (import-linter)",
        "third-party notices",
        "tests of the core, with Qt out of reach",
        "tests of the window",
    ]


@pytest.mark.parametrize(
    ("names", "ran"),
    [
        ([], ["ruff check", "mypy"]),
        (["ruff"], ["ruff check"]),
        (["mypy", "ruff"], ["ruff check", "mypy"]),
    ],
)
def test_checks_are_chosen_by_a_word_of_their_names(
    names: list[str], ran: list[str], stub_checks: None, capfd: pytest.CaptureFixture[str]
) -> None:
    suite.check(names)

    assert re.findall("^--- (.*)$", capfd.readouterr().out, re.MULTILINE) == ran


def test_a_failed_check_is_named_and_the_others_run(
    stub_checks: None, capfd: pytest.CaptureFixture[str]
) -> None:
    assert suite.check(["ruff"]) == 0
    assert suite.check([]) == 1
    assert capfd.readouterr().out.endswith("Failed: mypy.\n")


def test_a_check_that_does_not_exist_is_no_check_that_passed() -> None:
    with pytest.raises(Stop, match="No check is called 'mypi'; there are: ruff check, "):
        suite.check(["mypi"])


def test_the_benchmarks_are_left_out() -> None:
    assert not any("benchmarks" in " ".join(stage.command) for stage in suite.stages([]))


def test_arguments_go_to_both_runs_of_pytest() -> None:
    without_qt, with_qt = suite.stages(["-k", "letterbox"])[-2:]

    assert "letterbox" in without_qt.command
    assert "letterbox" in with_qt.command
    assert suite.NO_TESTS_RAN in without_qt.passing, "all that was picked may be in the other run"


def test_a_path_goes_to_the_run_that_it_belongs_to() -> None:
    core = suite.stages(["tests/core/test_boxes.py::test_area", "-x"])[-1]
    window = suite.stages([str(checkout.ROOT / "tests" / "app")])[-1]

    assert core.name == "tests of the core, with Qt out of reach"
    assert core.command[-2:] == ["-x", "tests/core/test_boxes.py::test_area"]
    assert window.name == "tests of the window"


def test_a_failed_stage_fails_the_suite_and_the_closing_line_stays_last(
    scratch_place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stage(name: str, code: str) -> suite.Stage:
        return suite.Stage(name, [sys.executable, "-c", code], {})

    stages = [
        stage("ruff", "raise SystemExit(1)"),
        stage("tests", f"import sys; print({CLOSING!r}, end=''); print('late', file=sys.stderr)"),
    ]
    monkeypatch.setattr(suite, "stages", lambda arguments: stages)

    assert suite.run([]) == 1
    *_, late, kept, verdict, closing = capfd.readouterr().out.splitlines(keepends=True)
    assert kept == f"What the tests wrote is there until the next run: {scratch_place}\n"
    assert (late, verdict, closing) == ("late\n", "The suite failed in: ruff.\n", CLOSING)


def test_what_takes_long_is_there_and_comes_first() -> None:
    files = [checkout.ROOT / name for name in order.LONG]
    assert len(set(files)) == len(files)
    assert [file for file in files if not file.is_file()] == []
    others = [Path(suite.__file__), Path(__file__)]
    items = [SimpleNamespace(path=path) for path in [*others, *reversed(files)]]
    order.sort(cast("list[pytest.Item]", items))
    assert [item.path for item in items] == [*files, *sorted(others)]


def test_each_process_begins_to_collect_elsewhere(tmp_path: Path) -> None:
    for name in ("b", "a", "__pycache__"):
        (tmp_path / "many" / name).mkdir(parents=True)
    for name in ("test_c.py", "conftest.py"):
        (tmp_path / "many" / name).touch()
    many, one = tmp_path / "many", "tests/one.py::test_it"
    parts = [str(many / "a"), str(many / "b"), str(many / "test_c.py"), one]

    assert order.begin_elsewhere([str(many), one], 0, 2) == parts
    assert order.begin_elsewhere([str(many), one], 1, 2) == [*parts[2:], *parts[:2]]


def test_only_the_window_waits_and_only_for_the_core() -> None:
    assert [stage.name for stage in suite.stages([]) if stage.waits] == ["tests of the window"]
    assert not any(stage.waits for stage in suite.stages(["tests/app"]))


def _stages_that_need_each_other(place: Path, then: str) -> list[suite.Stage]:
    """A check that needs the tests to have begun, tests that do `then`, and others that wait."""
    begun, ended = place / "begun", place / "ended"
    until = "import sys, time, pathlib\nwhile not pathlib.Path({!r}).exists(): time.sleep(.01)\n"
    tests = f"import os, pathlib\npathlib.Path({str(begun)!r}).touch()\n{then}"
    window = f"import pathlib\nprint('window')\npathlib.Path({str(ended)!r}).touch()"
    return [
        suite.Stage("check", _python(f"{until.format(str(begun))}print('checked')"), {}),
        suite.Stage("tests", _python(tests.replace("UNTIL", until.format(str(ended)))), {}),
        suite.Stage("window", _python(f"{window}\nprint({CLOSING!r}, end='')"), {}, waits=True),
    ]


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("then", "verdict"),
    [
        ("pathlib.Path(os.environ['SUITE_FEW_LEFT']).touch()\nUNTIL", "All stages passed."),
        ("raise SystemExit(1)", "The suite failed in: tests."),
    ],
    ids=["few left", "ended"],
)
def test_stages_run_side_by_side_and_are_shown_in_their_order(
    then: str,
    verdict: str,
    scratch_place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    made = _stages_that_need_each_other(tmp_path, then)
    monkeypatch.setattr(suite, "stages", lambda arguments: made)

    assert suite.run([]) == int(verdict != "All stages passed.")
    said = [line for line in capfd.readouterr().out.splitlines() if line]
    shown = ["--- check", "checked", "--- tests", "--- window", "window", verdict, CLOSING.strip()]
    of_failures = ("Failed: ", "What the tests wrote ")
    assert [line for line in said if not line.startswith(of_failures)] == shown
    assert scratch_place.exists() == (verdict != "All stages passed.")


def test_a_stage_that_cannot_be_started_fails_the_suite(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = [
        suite.Stage("gone", ["/no/such/program"], {}),
        suite.Stage("tests", _python(f"print({CLOSING!r}, end='')"), {}),
    ]
    monkeypatch.setattr(suite, "stages", lambda arguments: made)

    assert suite.run([]) == 1
    assert capfd.readouterr().out.endswith(f"The suite failed in: gone.\n{CLOSING}")


def test_a_run_tells_when_it_has_no_more_files_to_begin_than_processes(tmp_path: Path) -> None:
    told = f"pathlib.Path({str(tmp_path / 'told')!r}).exists()"
    tests = [f"assert not {told}", "pass", "pass", f"while not {told}: time.sleep(.01)"]
    for number, test in enumerate(tests):
        code = f"import pathlib, time\n\ndef test_it():\n    {test}\n"
        (tmp_path / f"test_{number}.py").write_text(code)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "few_left", "-p", "no:pytest-qt", "-n", "1"]
    subprocess.run(
        [*command, "--dist", "loadfile", "--no-loadscope-reorder", str(tmp_path)],
        env={
            **os.environ,
            "PYTHONPATH": str(suite.BLOCKER),
            suite.FEW_LEFT: str(tmp_path / "told"),
        },
        check=True,
    )
