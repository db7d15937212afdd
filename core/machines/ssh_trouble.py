"""What ``ssh`` says when there is no contact, in sentences: keys, logins, networks, shells."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from core.errors import WorkbenchError
from core.machines.machine import Machine
from core.machines.said import Said
from core.machines.ssh import ssh_command, ssh_environment
from core.machines.ssh_address import ssh_address
from core.text import visible

_SHOWN = 300  # characters of what others say
_FAILED = 255  # the status of ssh itself
_ASK_SECONDS = 20.0
_LISTEN_SECONDS = 0.1
_UNKNOWN = re.compile(r"host key is known for ([^\s,]{1,300}) and you have requested")
_CHANGED = re.compile(r"[Hh]ost key for ([^\s,]{1,300}) has changed and you have requested")
_OFFENDING = re.compile(r"Offending \S+ key in ([^\r\n]{1,1000}):(\d{1,9})")
_SERVER_KEY = re.compile(r"Server host key: (\S{1,60}) (SHA256:[A-Za-z0-9+/=]{40,48})")
_AWAY = re.compile(
    r"Could not resolve|Connection refused|[Tt]imed out|timeout|No route|unreachable|"
    r"Name or service not known|Connection closed|Connection reset"
)


class NotReady(WorkbenchError):
    """The host has no environment of this very program."""


def not_ready(machine: Machine, _: str) -> NotReady:
    """What `NotReady` says."""
    return NotReady(
        f"{machine.name} is not ready: this version of the program is not there.",
        f"Make it ready: machines check {machine.name} --agree.",
    )


def shell_talks(machine: Machine, limit: int) -> WorkbenchError:
    """Too much came before the program began."""
    return WorkbenchError(
        f"The shell of {machine.name} prints more than {limit // 2**20} MiB before any program "
        "begins.",
        "Have its start files, such as .bashrc, print nothing where nobody types.",
    )


def trouble(
    machine: Machine, status: int | None, text: str, noise: str, listen: Callable[[], None]
) -> WorkbenchError:
    """Why ssh ended with that status, having said `text`, and the shell there `noise`."""
    if status != _FAILED:
        return _shell_fails(machine, text.strip() or noise)
    refused = _refused_key(machine, text, listen)
    if refused is not None:
        return refused
    if "Permission denied" in text or "Too many authentication failures" in text:
        return WorkbenchError(
            f"{machine.name} refuses the login: {_last(text)}.",
            f"Make {typed(machine)} work without a password: have your key in the agent "
            "(ssh-add), and on the host (ssh-copy-id).",
        )
    if _AWAY.search(text):
        return WorkbenchError(
            f"{machine.name} ({machine.address}) cannot be reached: {_last(text)}.",
            f"Check that {typed(machine)} works.",
        )
    why = _last(text)
    return WorkbenchError(
        f"The contact with {machine.name} was lost{f': {why}' if why else ''}.",
        f"Check that {typed(machine)} works, and start again.",
    )


def _refused_key(machine: Machine, text: str, listen: Callable[[], None]) -> WorkbenchError | None:
    """What to say where that was about the key of a host; None where it was not."""
    if unknown := _UNKNOWN.search(text):
        return _unknown_key(machine, unknown[1], listen)
    if changed := _CHANGED.search(text):
        return _changed_key(machine, changed[1], text, listen)
    if "Host key verification failed" in text:
        return _unknown_key(machine, f"a host on the way to {machine.name}", listen)
    return None


def typed(machine: Machine) -> str:
    """How its user logs in to it."""
    address = ssh_address(machine.address)
    port = f"-p {address.port} " if address.port else ""
    return f"ssh {port}{address.user}{'@' if address.user else ''}{address.host}"


def _shell_fails(machine: Machine, said: str) -> WorkbenchError:
    why = _last(said)
    return WorkbenchError(
        f"No program of ours runs on {machine.name}{f': {why}' if why else ''}.",
        "Check that its user may run programs by SSH, and that it has /bin/sh.",
    )


def _unknown_key(machine: Machine, host: str, listen: Callable[[], None]) -> WorkbenchError:
    return WorkbenchError(
        f"The key of {visible(host)} is not known, so that it could be another machine. "
        f"{_fingerprint(machine, listen)} Nothing was sent.",
        "Compare it with what whoever runs the host says (there: ssh-keygen -lf "
        f"/etc/ssh/ssh_host_ed25519_key.pub). If it is the same, type {typed(machine)} and answer "
        "yes.",
    )


def _changed_key(
    machine: Machine, host: str, said: str, listen: Callable[[], None]
) -> WorkbenchError:
    place = _OFFENDING.search(said)
    where = f" ({visible(place[1])}, line {place[2]})" if place else ""
    return WorkbenchError(
        f"The key of {visible(host)} is another one than you know{where}: somebody may be in "
        f"between. {_fingerprint(machine, listen)} Nothing was sent.",
        "Ask whoever runs the host whether its key was changed, and for its fingerprint. If it is "
        f"this one, type ssh-keygen -R '{visible(host)}', then {typed(machine)}, and answer yes.",
    )


def _fingerprint(machine: Machine, listen: Callable[[], None]) -> str:
    """What the host shows as its key, asked by the very way that it is reached."""
    found = _SERVER_KEY.findall(_shown_verbosely(machine, listen))
    if not found:
        return "Its fingerprint could not be asked for."
    kind, fingerprint = found[-1]
    return f"It shows the key {visible(kind)} with the fingerprint {fingerprint}."


def _shown_verbosely(machine: Machine, listen: Callable[[], None]) -> str:
    """What ssh says when it says all; it ends before any login, for the key is refused."""
    process = subprocess.Popen(
        ssh_command(machine, "exit", verbose=True),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ssh_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    said, until = Said(process.stderr), monotonic() + _ASK_SECONDS
    try:
        while monotonic() < until:
            listen()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LISTEN_SECONDS)
                break
    finally:
        process.kill()
        process.wait()
    return said.text()


def _last(text: str) -> str:
    """The last line that says something, without its full stop, fit to be shown."""
    lines = [visible(line.strip()) for line in text.splitlines() if line.strip()]
    return lines[-1][-_SHOWN:].rstrip(".") if lines else ""
