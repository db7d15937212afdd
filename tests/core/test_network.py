"""No process of ours reaches for the network, whatever it does."""

import importlib.metadata
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.core.conftest import Made
from tests.support.checkout import run_python
from tests.support.network import Watch


@dataclass(frozen=True)
class Walk:
    """The whole tutorial as it was watched; `system_calls` where they could be, too."""

    watch: Watch
    system_calls: tuple[str, ...] | None


def tracing(log: Path) -> list[str] | None:
    """A command that logs the system calls of another; None where that is not possible."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    for faster in (["--seccomp-bpf"], []):
        command = [strace, "-f", *faster, "-qq", "-e", "trace=connect,sendto", "-o", str(log)]
        if subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0:
            return command
    return None


@pytest.fixture(scope="module")
def walk(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The command that does everything: import, quantize, measure, compare."""
    folder = tmp_path_factory.mktemp("walk")
    watch = Watch(folder)
    data = [str(first_made.model), str(first_made.images), str(first_made.images)]
    command = [sys.executable, "-P", "-m", "core.cli", "tutorial", *data]
    variables = {**watch.environment, "XDG_CACHE_HOME": str(folder)}  # where no import is stored
    trace = tracing(folder / "calls")
    subprocess.run(
        [*(trace or []), *command, "--output", str(folder / "out"), "--seconds", "0.1"],
        env=variables,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if trace is None:
        return Walk(watch, None)
    return Walk(watch, tuple((folder / "calls").read_text("utf-8", "replace").splitlines()))


def test_no_job_connects_anywhere(walk: Walk) -> None:
    assert sum("core.cli" in line for line in walk.watch.started) == 1
    assert sum("core.processes job" in line for line in walk.watch.started) == 4, "every job"
    assert walk.watch.calls == []


def test_no_system_call_connects_anywhere(walk: Walk) -> None:
    """As above, seen by the kernel: code that is not Python counts, too."""
    if walk.system_calls is None:
        pytest.skip("processes cannot be traced here: no strace, or no right to")
    assert [line for line in walk.system_calls if "AF_INET" in line] == []


def test_the_trace_would_notice(tmp_path: Path) -> None:
    trace = tracing(tmp_path / "calls")
    if trace is None:
        pytest.skip("processes cannot be traced here: no strace, or no right to")
    program = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    subprocess.run([*trace, sys.executable, "-c", program], check=True)
    assert "AF_INET" in (tmp_path / "calls").read_text("utf-8", "replace")


def test_the_watch_would_notice(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    program = (
        "import subprocess, sys\n"
        "grandchild = 'import urllib.request as r; r.urlopen(\"http://127.0.0.1:9/\")'\n"
        "subprocess.run([sys.executable, '-P', '-c', grandchild], stderr=subprocess.DEVNULL)\n"
    )
    subprocess.run([sys.executable, "-c", program], env=watch.environment, check=True)
    assert len(watch.started) == 2
    assert watch.calls == ["socket.getaddrinfo 127.0.0.1"]


@pytest.mark.skipif(
    not list(importlib.metadata.distributions(name="openvino-telemetry")),
    reason="openvino came without it",
)
@pytest.mark.skipif(sys.platform == "win32", reason="keeps the user's consent elsewhere")
def test_openvino_alone_would_connect(tmp_path: Path) -> None:
    """So that the test above is one of ours: without the engine, importing it sends something."""
    watch = Watch(tmp_path)
    program = "import {}openvino, time; time.sleep(1)"
    for first in ("core, ", ""):
        assert watch.calls == []
        subprocess.run(
            [sys.executable, "-c", program.format(first)],
            env=watch.environment,
            check=True,
            stderr=subprocess.DEVNULL,
        )
    assert any("google-analytics" in call for call in watch.calls)


def test_importing_the_engine_imports_nothing_heavy() -> None:
    """The terminal's help, and the window, come up at once."""
    program = (
        "import core.cli, core.workspace, sys; heavy = {'openvino', 'nncf', 'cv2', 'PySide6'}; "
        "print(sorted(heavy & set(sys.modules)), sys.modules['openvino_telemetry'])"
    )
    assert run_python(program) == "[] None\n"
