"""Where the terminal is stopped, or its output ends or cannot show what it is given."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.conftest import Made
from tests.support.checkout import environment
from tests.support.images import write_image, write_images
from tests.support.jobs import job_processes, leftovers
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", "0<&- 2>&-"])
def test_messages_that_cannot_be_written_change_nothing(
    made: Made, tmp_path: Path, streams: str
) -> None:
    """Standard output has what it always has, and no file takes the place of standard error."""
    variables = {**environment(), "XDG_CACHE_HOME": str(tmp_path)}  # where no import is stored
    command = f"exec {sys.executable} -P -m core.cli inspect --json"
    for model, status in ((made.model, 0), (tmp_path / "none.xml", 2)):
        line = f"{command} '{model}' {streams}"
        done = subprocess.run(
            ["bash", "-c", line], stdout=subprocess.PIPE, text=True, check=False, env=variables
        )
        assert done.returncode == status, done.stdout
        assert ("name" in json.loads(done.stdout)) if status == 0 else done.stdout == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_what_a_killed_command_left_is_swept_by_the_next(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    cache = str(tmp_path / "cache")  # without the import that another test left
    places = {**environment(), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": cache}
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
@pytest.mark.parametrize("log", ["/dev/null", "/dev/stderr", "/dev/stdout"])
@pytest.mark.parametrize("into", ["pipe", "file"])
def test_a_log_may_be_a_device_or_our_own_output(
    made: Made, tmp_path: Path, log: str, into: str
) -> None:
    """Though the job's process was begun before it was named, with another standard error."""
    variables = {**environment(), "XDG_CACHE_HOME": str(tmp_path / log[5:])}  # no import is stored
    command = [sys.executable, "-P", "-m", "core.cli", "inspect", str(made.model), "--log", log]
    if into == "file":
        with (tmp_path / "both").open("ab") as file:
            subprocess.run(command, stdout=file, stderr=file, check=True, env=variables)
        said = (tmp_path / "both").read_text()
    else:
        both = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
        said = both.stdout + both.stderr
    assert ("Reading the model" in said) == (log != "/dev/null")


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
def test_a_signal_at_the_start_is_quiet(made: Made, tmp_path: Path, number: signal.Signals) -> None:
    variables = {**environment(), "XDG_CACHE_HOME": str(tmp_path)}  # where no import is stored
    program = (
        "import sys; from core.cli.main import main; print('up', flush=True); sys.exit(main())"
    )
    for hundredths in (1, 3, 6, 10, 20):
        with subprocess.Popen(
            [sys.executable, "-P", "-c", program, "inspect", str(made.model)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            time.sleep(hundredths / 100)
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        assert process.returncode in (-number, 128 + number), (hundredths, said)
        assert said in ("", "Cancelled; nothing was left half-written.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGHUP")
def test_nohup_is_heeded(made: Made, tmp_path: Path) -> None:
    command = f"trap '' HUP; exec {sys.executable} -P -m core.cli inspect '{made.model}'"
    with subprocess.Popen(
        ["bash", "-c", command],
        stdout=subprocess.DEVNULL,
        env={**environment(), "XDG_CACHE_HOME": str(tmp_path)},  # where no import is stored
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
    command = ["predict", made.model, images, "--output", images / "detections.json", "--fresh"]
    said = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli", *map(str, command)],
        capture_output=True,
        env=environment(PYTHONIOENCODING=encoding),
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"detections in 1 image" in said.stdout
