"""The server that stands in for sshd where there is none is as good a host to the program."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.machines.host_checking import checked_host
from core.machines.hosts import clear, look, prepare
from core.machines.machine import new_machine
from core.machines.program import this_program
from core.machines.ssh import ssh_command, started
from tests.support.sshd import Host, host, needs_ssh, nothing, running, step, wait_until

__all__ = ["host"]

pytestmark = [needs_ssh, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with running(tmp_path_factory.mktemp("host") / "asyncssh", "asyncssh") as made:
        yield made


def test_a_host_is_made_ready_and_checked(host: Host) -> None:
    machine = host.machine()
    prepare(machine, step)
    found = checked_host(machine, step)
    assert found.refused is None and found.condition is not None
    assert found.condition.program == this_program()
    assert clear(machine, nothing) > 0
    wait_until(lambda: host.at_work() == [])


def test_commands_have_their_streams_status_and_environment(host: Host) -> None:
    sent = bytes(range(256)) * 4096
    script = 'cat; echo "$XDG_CACHE_HOME" >&2; pwd >&2; exit 7'
    command = ssh_command(host.machine(), script)
    done = subprocess.run(command, input=sent, capture_output=True, check=False)
    assert done.returncode == 7 and done.stdout == sent
    assert done.stderr.decode().splitlines() == [str(host.cache), str(host.home)]
    command = ssh_command(host.machine(), "echo there; kill -9 $$")
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.stdout == b"there\n"
    assert ended.returncode == 255, "ssh says so of a command that a signal ended"


def test_ports_lead_to_the_loopback_and_nowhere_else(host: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listens, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        here = free.getsockname()[1]
        free.close()
        command = ssh_command(
            host.machine(), "echo there; cat", ports=(here, listens.getsockname()[1])
        )
        with started(command) as process:
            assert process.stdin is not None and process.stdout is not None
            assert process.stdout.readline() == b"there\n"
            with socket.create_connection(("127.0.0.1", here)) as one:
                with closing(listens.accept()[0]) as other:
                    other.sendall(b"by way of it")
                assert one.recv(100) == b"by way of it"
            process.stdin.close()
    config = host.folder / "here" / "config"
    elsewhere = ["ssh", "-F", str(config), "-W", "192.0.2.1:9", host.alias]
    refused = subprocess.run(elsewhere, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert refused.returncode == 255 and b"open failed" in refused.stderr


def test_a_host_behind_it_is_reached(host: Host) -> None:
    known = host.known_hosts.read_text()
    inner = "".join(f"{host.behind} {one.partition(' ')[2]}\n" for one in known.splitlines())
    host.known_hosts.write_text(known + inner)
    try:
        assert look(new_machine("far", f"ssh://{host.behind}"), nothing).python
    finally:
        host.known_hosts.write_text(known)


def test_a_key_that_it_does_not_know_is_refused(host: Host) -> None:
    try:
        host.log_in_with("stranger")
        with pytest.raises(WorkbenchError, match="board refuses the login: "):
            look(host.machine(), nothing)
        host.log_in_with("id")
        host.restart("other")
        with pytest.raises(WorkbenchError, match="another one than you know"):
            look(host.machine(), nothing)
    finally:
        host.log_in_with("id")
        host.restart()


def test_a_cut_ends_the_connection_and_the_input_of_what_runs(host: Host, tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = f"echo there; cat; echo gone > {said}"
    with started(ssh_command(host.machine(), script)) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == b"there\n"
        host.cut()
        assert process.wait(60) == 255
        assert b"closed by remote host" in process.stderr.read()
    wait_until(lambda: said.is_file() and said.read_text() == "gone\n")
    wait_until(lambda: host.at_work() == [])
    assert look(host.machine(), nothing).python, "and others are taken after it"
