"""What the terminal says of wrong usage, and of itself."""

import argparse
import os
import re
import shlex
from pathlib import Path

import pytest

from core import __version__
from core.cli.parser import parse
from core.cli.table import ENTRIES
from tests.core.conftest import Made
from tests.support.commands import arguments_of
from tests.support.images import write_image
from tests.support.jobs import leftovers
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

_MOST_WITHOUT_A_GROUP = 7  # flags in a row that one still looks through


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unheard-of"],
        ["inspect"],
        ["predict", "model.xml", "images"],
        ["optimize", "m", "d", "--output", "o", "--preset", "fast"],
        ["optimize", "m", "d", "--output", "o", "--subset-size", "0"],
        ["benchmark", "m", "--seconds", "-1"],
        ["benchmark", "m", "--seconds", "nan"],
        ["benchmark", "m", "--seconds", "1", "--iterations", "1"],
        ["benchmark", "m", "--precision-hint", "f32,int4"],
        ["benchmark", "m", "--streams", "0,1"],
        ["benchmark", "m", "--batch", "1000"],
        ["benchmark", "m", "--resume"],
        ["report", "p", "o", "d", "--output", "o", "--score", "1.5"],
        ["benchmark", "a", "b", "c"],
        ["tutorial", "model.xml", "--output", "o"],
        ["inspect", ""],
        ["import", "model.xml", "--output", "o", "--labels", ""],
        ["report", "p", "o", ".", "--output", "o", "--against-exact-int8"],
        ["export-project", "1", "--output", ""],
    ],
)
def test_bad_usage(terminal: Terminal, arguments: list[str]) -> None:
    said = terminal(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err


def test_an_empty_list_of_labels_is_refused_as_other_empty_flags(terminal: Terminal) -> None:
    said = terminal("import", "model.xml", "--output", "o", "--labels", "")
    assert "argument --labels: it is empty; specify a file or folder" in said.err


def test_what_a_plan_ignores_is_counted_in_words(terminal: Terminal, made: Made) -> None:
    said = terminal("plan", made.model, "--ignore-part", "first_layer")
    assert "1 operation (first_layer)" in said.out
    assert " operations is ignored: it stays in float." in said.out


def test_input_that_cannot_be_used(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    gone, output = tmp_path / "gone", tmp_path / "out"
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    cases: list[tuple[tuple[object, ...], str]] = [
        (("inspect", gone), "There is no file"),
        (("inspect", tmp_path / "empty"), "There is no model in the folder"),
        (("predict", made.model, gone, "--output", output), "There is no folder"),
        (("predict", made.model, tmp_path / "file", "--output", output), "is not a folder"),
        (("predict", made.model, made.images, "--output", tmp_path), "is a folder"),
        (("optimize", made.model, tmp_path / "empty", "--output", output), "There are no images"),
        (
            ("optimize", made.model, made.images, "--output", tmp_path / "file"),
            "exists and is not a folder",
        ),
    ]
    for arguments, cause in cases:
        said = terminal(*arguments)
        assert (said.status, said.out) == (2, ""), arguments
        assert cause in said.err
        assert said.err.count("\n") == 1, "one sentence (or two) on one line"
    assert not output.exists()
    assert leftovers(tmp_path) == []


def test_a_job_that_fails(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "a.jpg").write_bytes(b"?")
    log = tmp_path / "log.txt"
    said = terminal(
        "predict", made.model, tmp_path / "images", "--output", tmp_path / "d.json", "--log", log
    )
    assert said.status == 1
    assert "None of the 1 images" in said.err
    assert "Traceback" in log.read_text("utf-8")
    assert not (tmp_path / "d.json").exists()


def test_version_and_help(terminal: Terminal) -> None:
    assert __version__ in terminal("--version").out
    for command in ENTRIES:
        assert command in terminal("--help").out


def says_more(action: argparse.Action) -> bool:
    """Whether the help of a flag has a word that the flag itself has not."""
    flag = set(re.findall(r"[a-z]+", " ".join(action.option_strings)))
    said = set(re.findall(r"[a-z]+", (action.help or "").partition("(default")[0].lower()))
    return not action.option_strings or not said <= {*flag, "a", "its", "of", "the", "name"}


def test_a_flag_that_is_explained_by_itself_is_found() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    thin = parser.add_argument("--bias-correction", help="bias correction (default: fast)")
    said = parser.add_argument("--target", help="where the model is to run")
    assert (says_more(thin), says_more(said)) == (False, True)


@pytest.mark.parametrize("command", ENTRIES)
def test_every_command_explains_itself(terminal: Terminal, command: str) -> None:
    said = terminal(command, "--help").out
    assert said.startswith(f"usage: detection-workbench {command}")
    assert ENTRIES[command].help in said
    assert f"example:\n  detection-workbench {command}" in said
    assert "what is printed:" in said
    assert "--json" in said
    explained = arguments_of(command)
    assert explained
    for action in explained:
        assert action.help, f"{action.dest} has no help"
        assert says_more(action), f"{action.dest} is explained by itself: {action.help}"
    parse(shlex.split(ENTRIES[command].load().example))  # or it leaves: the example does not work


@pytest.mark.parametrize("command", ENTRIES)
def test_positionals_are_in_capitals_as_in_the_manual(terminal: Terminal, command: str) -> None:
    """The tutorial's were [model] [CALIBRATION_DATASET] [dataset]."""
    said = terminal(command, "--help").out
    listed = said.partition("positional arguments:\n")[2].partition("\noptions:")[0]
    names = re.findall(r"^  ([^\s{]\S*)", listed, re.MULTILINE)
    assert all(name.isupper() for name in names), names


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("optimise", "optimize"),
        ("bench", "benchmark"),
        ("reports", "report"),
        ("tutoral", "tutorial?"),
    ],
)
def test_a_mistyped_command_is_asked_about(terminal: Terminal, typed: str, meant: str) -> None:
    said = terminal(typed)
    assert (said.status, said.out) == (2, "")
    assert f"Did you mean {meant}" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("catalogue lst", "list"),
        ("report p o d --output o --kind prediction", "predictions?"),
        ("optimize m d --output o --preset performence", "performance"),
        ("benchmark m --secnds 3", "--seconds"),
        ("optimize m d --output o --ignore-names a", "--ignore-name?"),
        ("report p o d --outptu o", "--output?"),
        ("report p o d --fail-onn check", "--fail-on?"),
        ("export-project 1 --outptu=o", "--output?"),
    ],
)
def test_a_mistyped_flag_or_value_is_asked_about(
    terminal: Terminal, typed: str, meant: str
) -> None:
    said = terminal(*typed.split())
    assert (said.status, said.out) == (2, "")
    assert f"Did you mean {meant}" in said.err


def test_what_is_like_nothing_is_not_asked_about(terminal: Terminal) -> None:
    for typed in ("qqqqqq", "catalogue qqqqqq", "devices --qqqqqq"):
        said = terminal(*typed.split())
        assert said.status == 2
        assert "qqqqqq" in said.err
        assert "Did you mean" not in said.err


@pytest.mark.parametrize("command", ENTRIES)
def test_flags_stand_in_groups(command: str) -> None:
    parser = argparse.ArgumentParser()
    ENTRIES[command].load().add_arguments(parser)
    wholes = parser.format_help().partition("\noptions:\n")[2].partition("\n\n")[0]
    assert len(re.findall(r"^  -", wholes, re.MULTILINE)) <= _MOST_WITHOUT_A_GROUP


def test_numbers_are_held_to_their_limits(capsys: pytest.CaptureFixture[str]) -> None:
    models = ["p.xml", "o.xml"]
    for flags, said in (
        (["report", *models, "images", "--output", "o", "--seed", "-1"], "-1 is not a number from"),
        (["benchmark", *models, "--seed", "-1"], "-1 is not a number from 0"),
        (["create-dataset", "a.jpg", "--output", "o", "--seed", "9" * 30], "is not a number from"),
        (["benchmark", *models, "--iterations", "9" * 20], "is more than"),
        (["benchmark", *models, "--seconds", "1e18"], "is more than a week"),
        (["profile", *models, "--seconds", "1e18"], "is more than a week"),
        (["check", *models, "images", "--seconds", "1e18"], "is more than a week"),
    ):
        with pytest.raises(SystemExit) as ended:
            parse(flags)
        assert ended.value.code == 2
        assert said in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_page_that_is_a_pipe_is_refused_before_any_work(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "page.html")
    models = (made.model, made.model, made.images)
    output = tmp_path / "r"
    said = terminal("report", *models, "--output", output, "--html", tmp_path / "page.html")
    assert said.status == 2
    assert "page.html is not a regular file" in said.err
    assert not output.exists()


@pytest.mark.parametrize(
    "flags",
    [
        ["import", "m.onnx", "--output", "o", "--mean", "nan,1,2"],
        ["import", "m.onnx", "--output", "o", "--scale", "inf"],
        ["import", "m.onnx", "--output", "o", "--option", "nms_iou=nan"],
        ["optimize", "m.onnx", "images", "--output", "o", "--max-drop", "nan"],
        ["optimize", "m.onnx", "images", "--output", "o", "--minutes", "inf"],
    ],
)
def test_what_is_no_number_is_refused_as_an_argument(
    capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(flags)
    assert ended.value.code == 2
    assert "is not a number that can be used" in capsys.readouterr().err
