"""What the terminal says of wrong usage, of itself, and where it is stopped or its output ends."""

import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import __version__
from core.cli.parser import parse
from core.cli.table import ENTRIES
from tests.core.conftest import Made
from tests.support.checkout import environment
from tests.support.commands import arguments_of
from tests.support.images import write_image, write_images
from tests.support.jobs import job_processes, leftovers
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
    parse(shlex.split(ENTRIES[command].load().example))  # or it leaves: the example does not work


@pytest.mark.parametrize(
    ("typed", "meant"), [("optimise", "optimize"), ("bench", "benchmark"), ("reports", "report")]
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
        ("optimize m d --output o --ignore-names a", "--ignore-name or "),
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


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_whoever_stops_reading_is_not_complained_to() -> None:
    command = f"{sys.executable} -P -m core.cli catalogue list"
    line = f"{command} --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.split() in (["{", "141"], ["{", "0"], ["{141"], ["{0"])
    assert done.stderr == ""
    closed = f"{command} >&-"
    done = subprocess.run(
        ["bash", "-c", closed], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["catalogue", "list"], ["--help"], ["--version"]])
def test_output_that_cannot_be_written_is_a_sentence(arguments: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "core.cli", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**environment(), "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "Standard output cannot be written: No space left on device. Send it to another place.\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_what_a_killed_command_left_is_swept_by_the_next(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    places = {**environment(), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-P", "-m", "core.cli", "inspect", str(made.model)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=places
    ) as process:
        while not list(tmp_path.glob("detection-workbench-*")):
            assert process.poll() is None
        process.kill()
    assert list(tmp_path.glob("detection-workbench-*"))
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=places)
    assert list(tmp_path.glob("detection-workbench-*")) == []


def test_a_log_that_cannot_be_is_refused_before_any_work(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = terminal("inspect", made.model, "--log", tmp_path / "pipe")
    assert said.status == 2
    assert "pipe is not a regular file" in said.err


@pytest.mark.skipif(os.name == "nt", reason="has no such devices")
def test_a_log_may_be_a_device_or_our_own_output(made: Made) -> None:
    for log in ("/dev/null", "/dev/stderr", "/dev/stdout"):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "core.cli", "inspect", str(made.model), "--log", log],
            capture_output=True, text=True, check=False, env=environment(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.fixture
def _no_nohup() -> Iterator[None]:
    """A suite under nohup hands on that a hang-up is ignored, which programs heed."""
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        yield
        return
    before = signal.signal(number, signal.SIG_DFL)
    yield
    signal.signal(number, before)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.usefixtures("_no_nohup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_start_is_quiet(made: Made, number: signal.Signals) -> None:
    program = (
        "import sys; from core.cli.main import main; print('up', flush=True); sys.exit(main())"
    )
    for hundredths in (1, 3, 6, 10, 20):
        with subprocess.Popen(
            [sys.executable, "-P", "-c", program, "inspect", str(made.model)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            time.sleep(hundredths / 100)
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        assert process.returncode in (-number, 128 + number), (hundredths, said)
        assert said in ("", "Cancelled; nothing was left half-written.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGHUP")
def test_nohup_is_heeded(made: Made) -> None:
    command = f"trap '' HUP; exec {sys.executable} -P -m core.cli inspect '{made.model}'"
    with subprocess.Popen(
        ["bash", "-c", command], stdout=subprocess.DEVNULL, env=environment()
    ) as process:
        while len(job_processes(process.pid)) == 0:
            assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.usefixtures("_no_nohup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c(made: Made, tmp_path: Path, number: signal.Signals) -> None:
    """To all processes of the terminal at once, as it does."""
    output = tmp_path / "out"
    with subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "core.cli", "optimize"),
            *(str(made.model), str(made.images), "--output", str(output)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    ) as process:
        while len(children := job_processes(process.pid)) == 0:
            assert process.poll() is None
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert err == "Cancelled; nothing was left half-written.\n"
    assert not output.exists()
    assert leftovers(tmp_path) == []
    assert not any(child.is_running() for child in children)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write_image(images / os.fsdecode(b"\xe9.jpg"))
    output = images / "detections.json"
    found = terminal("predict", made.model, images, "--output", output, "--json").json
    assert found["output"] == str(output)
    rows = json.loads(output.read_text("utf-8"))
    assert {row["file_name"] for row in rows} == {"\udce9.jpg"}


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_terminal_that_cannot_show_a_name_still_shows_the_rest(
    made: Made, tmp_path: Path, encoding: str
) -> None:
    name = "ünï 猫" if encoding.startswith("ascii") else "ünï 猫 \udce9"
    if sys.platform != "linux":
        name = "ünï 猫"
    images = write_images(tmp_path / name, 1)
    command = ["predict", made.model, images, "--output", images / "detections.json"]
    said = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli", *map(str, command)],
        capture_output=True,
        env=environment(PYTHONIOENCODING=encoding),
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"detections in 1 image" in said.stdout


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
