"""A real ``sshd`` on the loopback, with keys, a home and a pip of its own, and an ``ssh`` for it.

Where no ``sshd`` is installed, asyncssh's server stands in for it, as it does everywhere with
``TESTS_SSH_SERVER=asyncssh``.

What the program finds as ``ssh`` is the real one with another configuration file; what the host
finds as packages are names and versions alone, which lead to those of the suite.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psutil
import pytest

from core.machines.machine import Machine, new_machine
from core.machines.requirements import requirements
from tests.support.as_processor import VARIABLES

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SSH = shutil.which("ssh")
_MISSING = [name for name in ("ssh", "ssh-keygen", "ssh-keyscan") if not shutil.which(name)]
WHY_NOT = (
    f"OpenSSH's client is not whole here: there is no {' and no '.join(_MISSING)}"
    if sys.platform == "linux"
    else "hosts are Linux, and this machine plays one"
)
needs_ssh = pytest.mark.skipif(bool(_MISSING) or sys.platform != "linux", reason=WHY_NOT)
Server = Literal["sshd", "asyncssh"]
SERVER: Server = (
    "asyncssh" if SSHD is None or os.environ.get("TESTS_SSH_SERVER") == "asyncssh" else "sshd"
)
_CHECKOUT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 30.0


class Host:
    """An account that is reached by SSH, as the user's configuration calls it.

    `alias` is reached at once, `behind` by way of the other; it is the same, and has other names.
    """

    alias, behind = "board", "inner"

    def __init__(self, folder: Path, server: Server = SERVER) -> None:
        self.folder, self._server = folder, server
        self.home, self.cache = folder / "home", folder / "cache"
        self.bin, self.wheels, self.temporary = (folder / one for one in ("bin", "wheels", "tmp"))
        for one in (self.home, self.cache, self.bin, self.wheels, self.temporary, folder / "here"):
            one.mkdir(parents=True)
        self.known_hosts = folder / "here" / "known_hosts"
        for name in ("host", "other", "here/id", "here/stranger"):
            _key(folder / name)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "authorized_keys").write_text((folder / "here/id.pub").read_text())
        (self.bin / f"python3.{sys.version_info.minor}").symlink_to(_base_python())
        for line in requirements().splitlines():
            _package(self.wheels, *line.split("=="))
        self._write_client("id")
        self.start()
        self.trust()

    @property
    def ours(self) -> Path:
        """Where all of ours lies there."""
        return self.cache / "detection-workbench"

    def machine(self, *, agreed: bool = True) -> Machine:
        """The machine that it is to the program."""
        return new_machine("board", f"ssh://{self.alias}", agreed=agreed)

    def start(self, key: str = "host", variables: dict[str, str] | None = None) -> None:
        """Begin to listen; `variables` are in the environment of what runs there."""
        there = {
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.cache),
            "TMPDIR": str(self.temporary),
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            **{name: os.environ[name] for name in VARIABLES if name in os.environ},
            **(variables or {}),
        }
        command = self._sshd(key, there) if self._server == "sshd" else self._asyncssh(key, there)
        log = (self.folder / "sshd.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, cwd=_CHECKOUT
            )
        until = time.monotonic() + _READY_SECONDS
        while not _listens(self.port):
            at_all = self._process.poll() is None and time.monotonic() < until
            assert at_all, (self.folder / "sshd.log").read_text()
            time.sleep(0.05)

    def _asyncssh(self, key: str, there: dict[str, str]) -> list[str]:
        """What starts asyncssh's server so."""
        settings = self.folder / "asyncssh.json"
        asked = {
            "port": self.port,
            "host_key": str(self.folder / key),
            "authorized_keys": str(self.folder / "authorized_keys"),
            "environment": there,
        }
        settings.write_text(json.dumps(asked))
        return [sys.executable, "-m", "tests.support.asyncssh_server", str(settings)]

    def _sshd(self, key: str, there: dict[str, str]) -> list[str]:
        """What starts sshd so."""
        config = self.folder / "sshd_config"
        config.write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.folder / key}\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            f"SetEnv {' '.join(f'{name}={value}' for name, value in there.items())}\n"
        )
        assert SSHD is not None
        if os.geteuid() == 0:  # a folder that its start script makes elsewhere
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        return [SSHD, "-D", "-e", "-f", str(config)]

    def stop(self) -> None:
        """Listen no more, and end all that is connected."""
        if self._process is not None:
            self.cut()
            self._process.terminate()
            self._process.wait()
            self._process = None

    def restart(self, key: str = "host", **variables: str) -> None:
        """The same host, with another key or environment."""
        self.stop()
        self.start(key, variables)

    def at_work(self) -> list[list[str]]:
        """The command lines of all that runs for who is or was connected."""
        found = []
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if one.environ().get("XDG_CACHE_HOME") == str(self.cache):
                    found.append(one.cmdline())
        return found

    def listening(self) -> set[tuple[str, int]]:
        """The addresses and ports at which something there takes connections."""
        found: set[tuple[str, int]] = set()
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if one.environ().get("XDG_CACHE_HOME") == str(self.cache):
                    found |= {
                        (each.laddr.ip, each.laddr.port)
                        for each in one.net_connections()
                        if each.status == psutil.CONN_LISTEN
                    }
        return found

    def cut(self) -> None:
        """End the connections, as a host does that is gone."""
        assert self._process is not None
        if self._server == "asyncssh":
            self._process.send_signal(signal.SIGUSR1)
            return
        for one in psutil.Process(self._process.pid).children():
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)

    def trust(self) -> None:
        """Know the host's key, as who has logged in to it before."""
        asked = ["ssh-keyscan", "-p", str(self.port), "127.0.0.1"]
        found = subprocess.run(asked, check=True, capture_output=True)
        self.known_hosts.write_bytes(found.stdout)

    def fingerprint(self, key: str = "host") -> str:
        """Of one of its keys."""
        asked = ["ssh-keygen", "-lf", str(self.folder / f"{key}.pub")]
        found = subprocess.run(asked, check=True, capture_output=True, text=True)
        return found.stdout.split()[1]

    def log_in_with(self, key: str) -> None:
        """Have the user show this key from now on."""
        self._write_client(key)

    def reached_by(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the program find the user's ``ssh``."""
        monkeypatch.setenv("PATH", f"{self.folder / 'here'}{os.pathsep}{os.environ['PATH']}")

    def _write_client(self, key: str) -> None:
        here = self.folder / "here"
        (here / "config").write_text(
            f"Host {self.behind}\n  ProxyJump {self.alias}\n  HostKeyAlias {self.behind}\n"
            f"Host {self.alias} {self.behind}\n  HostName 127.0.0.1\n  Port {self.port}\n"
            f"  IdentityFile {here / key}\n  IdentitiesOnly yes\n  IdentityAgent none\n"
            f"  UserKnownHostsFile {self.known_hosts}\n  GlobalKnownHostsFile none\n"
            "  ForwardAgent yes\n"
        )
        ssh = here / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec {SSH} -F "{here / "config"}" "$@"\n')
        ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)


def nothing() -> None:
    """Listens to nobody."""


def step(stage: str, done: int, total: int | None) -> None:
    """The same, of stages."""


def wait_until(holds: Callable[[], bool]) -> None:
    """For a minute at most."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def running(folder: Path, server: Server = SERVER) -> Iterator[Host]:
    """A host that is there for a while."""
    host = Host(folder, server)
    try:
        yield host
    finally:
        host.stop()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One for the tests of a file."""
    with running(tmp_path_factory.mktemp("host") / "sshd") as made:
        yield made


@pytest.fixture
def host(there: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """The same, which the program finds in this test."""
    there.reached_by(monkeypatch)
    return there


def _key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def _base_python() -> str:
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def _package(folder: Path, name: str, version: str) -> None:
    """A wheel of that name which leads to the packages of the suite."""
    stem = re.sub(r"[-_.]+", "_", name)
    about = f"{stem}-{version}.dist-info"
    places = "".join(f"{one}\n" for one in sys.path if one.endswith("-packages"))
    with zipfile.ZipFile(folder / f"{stem}-{version}-py3-none-any.whl", "w") as made:
        made.writestr(f"{stem}_of_the_suite.pth", places)
        made.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        made.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{about}/RECORD", "")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
