"""Hosts reached by SSH: a real server on the loopback, and the real ssh."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.errors import InputError
from core.machines import host_side
from core.machines import requirements as packages
from core.machines.condition import Condition
from core.machines.hosts import look
from core.machines.machine import Machine, new_machine
from core.machines.program import this_program
from core.machines.ssh import environment_name, greeting, remote_command
from core.machines.ssh_address import ssh_address
from core.machines.store import machines
from core.values import from_json
from tests.support.sshd import Host, host, needs_ssh, there, wait_until
from tests.support.terminal import Terminal, terminal

__all__ = ["host", "terminal", "there"]

pytestmark = [needs_ssh, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


def test_one_is_added_looked_at_made_ready_once_and_removed(terminal: Terminal, host: Host) -> None:
    assert "Added board" in terminal("machines", "add", "board", "ssh://board").out
    looked = terminal("machines", "check", "board", "--json").json
    (seen,) = looked["workers"]
    assert seen["refused"]["code"] == "host_not_ready"
    assert seen["condition"]["machinery"] is None and seen["condition"]["program"] is None
    assert seen["condition"]["processor"] and seen["condition"]["memory_bytes"] > 0
    assert not host.ours.exists(), "nothing is stored before the user agrees"
    assert "machines check board --agree" in terminal("machines", "check", "board").out

    made = terminal("machines", "check", "board", "--agree")
    assert "board is ready" in made.out and made.status == 0
    (found,) = terminal("machines", "check", "board", "--json").json["workers"]
    assert found["refused"] is None and found["skew_seconds"] == 0
    assert found["condition"]["program"]["code"] == this_program().code
    assert found["condition"]["machinery"]["devices"]["CPU"]
    wait_until(lambda: host.at_work() == [])

    (machine,) = machines()
    (environment,) = (host.ours / "hosts" / machine.number).iterdir()
    assert environment.name == environment_name()
    shown = environment / "pyvenv.cfg"
    before = shown.stat().st_mtime_ns
    assert "Sending" not in terminal("machines", "check", "board").err
    assert shown.stat().st_mtime_ns == before, "a second time nothing is made"

    talked = subprocess.Popen(
        remote_command(machine, ["-m", "core.machines.on_host"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with talked:
        assert talked.stdout is not None
        assert talked.stdout.readline().decode().strip() == greeting(machine)
        said = from_json(talked.stdout.readline(), Condition)
    assert said.program == this_program()

    sent = host.ours / "machines" / machine.number
    sent.mkdir(parents=True)
    (sent / ("a" * 64)).write_bytes(b"sent before")
    removed = terminal("machines", "remove", "board", "--json").json
    assert removed["freed_bytes"] > 1_000_000
    assert machines() == () and [one for one in host.ours.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    "address",
    [
        "ssh://-oProxyCommand=touch",
        "ssh://me@-oProxyCommand=touch",
        "ssh://-l@board",
        "ssh://board -v",
        "ssh://board;reboot",
        "ssh://$(reboot)",
        "ssh://board:0",
        "ssh://board:65536",
        "ssh://board/path",
        "ssh://me:secret@board",
        "ssh://[::1",
        "ssh://[fe80:zz]",
        "ssh://",
        "ssh://b\nHost x",
        f"ssh://{'a' * 300}",
    ],
)
def test_an_address_is_never_an_option_or_a_command(terminal: Terminal, address: str) -> None:
    refused = terminal("machines", "add", "board", address)
    assert refused.status == 2 and "is not the address" in refused.err
    assert machines() == ()


def test_what_is_no_plain_word_is_not_sent() -> None:
    machine = new_machine("board", "ssh://board")
    for word in ("a b", "a;b", "$HOME", "'", "a\nb", "`id`"):
        with pytest.raises(ValueError, match="no plain word"):
            remote_command(machine, ["-m", word])


def test_names_users_ports_and_ipv6_are_given_to_ssh_apart() -> None:
    found = ssh_address("ssh://Me.2@[fe80::1]:2222")
    assert (found.user, found.host, found.port) == ("Me.2", "fe80::1", 2222)
    assert ssh_address("ssh://Board").host == "Board", "names of a configuration keep their case"
    command = remote_command(new_machine("board", "ssh://me@board:2222"), ["-m", "a"])
    assert command[command.index("--") + 1] == "board" and len(command) == command.index("--") + 3
    assert command[command.index("-l") + 1] == "me" and command[command.index("-p") + 1] == "2222"


def test_files_of_tls_are_of_no_use(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    with pytest.raises(InputError, match="takes no files of TLS"):
        new_machine("board", "ssh://board", tmp_path / "ca.pem")


def check(machine: Machine, terminal: Terminal) -> str:
    """What checking a machine that cannot be used says."""
    assert terminal("machines", "add", machine.name, machine.address).status == 0
    refused = terminal("machines", "check", machine.name)
    assert refused.status in (1, 2)
    assert terminal("machines", "remove", machine.name, "--anyway").status == 0
    return refused.err


def test_keys_that_are_not_known_or_have_changed_are_refused_with_the_fingerprint(
    terminal: Terminal, host: Host
) -> None:
    known = host.known_hosts.read_bytes()
    try:
        host.known_hosts.write_bytes(b"")
        said = check(host.machine(), terminal)
        assert "is not known" in said and host.fingerprint() in said
        assert "type ssh board and answer yes" in said
        assert host.known_hosts.read_bytes() == b"", "nothing is trusted by itself"
        host.known_hosts.write_bytes(known)
        host.restart("other")
        said = check(host.machine(), terminal)
        assert "another one than you know" in said and host.fingerprint("other") in said
        assert "ssh-keygen -R" in said
    finally:
        host.known_hosts.write_bytes(known)
        host.restart()


def test_a_host_behind_another_is_reached_and_its_key_is_shown(
    terminal: Terminal, host: Host
) -> None:
    machine = new_machine("far", f"ssh://{host.behind}")
    known = host.known_hosts.read_text()
    inner = "".join(f"{host.behind} {one.partition(' ')[2]}\n" for one in known.splitlines())
    try:
        said = check(machine, terminal)
        assert "key of inner is not known" in said and host.fingerprint() in said
        host.known_hosts.write_text(inner)
        said = check(machine, terminal)
        assert "key of a host on the way to far is not known" in said
        assert host.fingerprint() in said
        host.known_hosts.write_text(known + inner)
        assert terminal("machines", "add", "far", machine.address).status == 0
        assert "is there, and not ready" in terminal("machines", "check", "far").out
    finally:
        host.known_hosts.write_text(known)


def test_a_bundle_gives_a_host_what_it_was_made_with(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lacks some packages, and has compiled modules with their sources beside them."""
    listed = tmp_path / "host_packages.txt"
    monkeypatch.setattr(packages, "LISTED", listed)
    monkeypatch.setattr(packages, "requirements", packages.requirements.__wrapped__)
    listed.write_text("openvino==0\n")
    assert packages.requirements() == "openvino==0\n"
    packages.require_copyable()
    listed.write_text("")
    with pytest.raises(InputError, match="not installed as packages"):
        packages.require_copyable()
    compiled = Path(host_side.__file__).with_suffix(".pyc")
    monkeypatch.setattr(host_side, "__file__", str(compiled))
    assert look(host.machine(), lambda: None).python


def test_a_refused_login_and_a_host_that_is_off_say_what_to_do(
    terminal: Terminal, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        host.log_in_with("stranger")
        said = check(host.machine(), terminal)
        assert "board refuses the login: " in said and "ssh-add" in said
        host.log_in_with("id")
        host.stop()
        said = check(host.machine(), terminal)
        assert "cannot be reached: " in said and "Connection refused" in said
        assert "Check that ssh board works" in said
        monkeypatch.setenv("PATH", "/nowhere")
        assert "needs the program ssh" in check(host.machine(), terminal)
    finally:
        monkeypatch.undo()
        host.log_in_with("id")
        host.restart()
