"""How the suite is put together, and that its last line is pytest's."""

import io
import re
import sys

import pytest

from launcher import checkout, suite
from launcher.stop import Stop

CLOSING = "=================== 3 passed, 1 warning in 0.12s ===================\n"


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


def test_the_suite_checks_first_and_ends_with_a_pytest() -> None:
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
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stage(name: str, code: str) -> suite.Stage:
        return suite.Stage(name, [sys.executable, "-c", code], {})

    stages = [
        stage("ruff", "raise SystemExit(1)"),
        stage("tests", f"import sys; print({CLOSING!r}, end=''); print('late', file=sys.stderr)"),
    ]
    monkeypatch.setattr(suite, "stages", lambda arguments: stages)

    assert suite.run([]) == 1
    *_, late, verdict, closing = capfd.readouterr().out.splitlines(keepends=True)
    assert (late, verdict, closing) == ("late\n", "The suite failed in: ruff.\n", CLOSING)
