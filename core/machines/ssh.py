"""The way to a host that is reached by SSH: the system's own ``ssh``, as its user configured it.

Nobody is asked anything, keys of hosts must be known already, and nothing but the one command is
carried: no agent, no display, no connection that is shared or stays. A contact that is lost ends
within 20 s here; what runs on the host notices nothing of that, and must end by itself when it
hears nothing for 30 s.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from core.errors import InputError, WorkbenchError
from core.files import why
from core.machines.machine import Machine
from core.machines.program import this_program
from core.machines.requirements import requirements
from core.machines.ssh_address import ssh_address

HOSTS = "detection-workbench/hosts"
"""Where everything of ours lies on a host, in the cache folder of its user."""

READY = "ready"
"""The file that an environment has once it is complete."""

_OPTIONS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "ControlMaster=no",
    "ControlPath=none",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "Tunnel=no",
    "ConnectTimeout=10",
    "ConnectionAttempts=1",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "TCPKeepAlive=yes",
)
Ports = tuple[int, int]
"""One here, and one there."""

_PLAIN = re.compile(r"[A-Za-z0-9._:/=+,@-]*")


def ssh_program() -> str:
    """Where the system's ``ssh`` is; raises InputError, which says how to get it."""
    found = shutil.which("ssh")
    if found is None:
        raise InputError(
            "Reaching a host by SSH needs the program ssh, which is not there.", _how_to_get_it()
        )
    return found


def _how_to_get_it() -> str:
    if sys.platform == "win32":
        return "In Settings, look for Optional features, and add OpenSSH Client."
    return "Install the OpenSSH client, on Debian and Ubuntu by: apt install openssh-client."


def ssh_environment() -> dict[str, str]:
    """In which no ssh, not that to a host on the way either, asks anything in a window."""
    return {**os.environ, "SSH_ASKPASS_REQUIRE": "never"}


def started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The way to a host, with three pipes; raises WorkbenchError where it cannot be started."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ssh_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise WorkbenchError(
            f"{command[0]} cannot be started: {why(error)}.", "Check that it is installed."
        ) from error


def ssh_command(
    machine: Machine, remote: str, *, verbose: bool = False, ports: Ports | None = None
) -> list[str]:
    """What to start so that the user's shell on the host runs `remote`, with our pipes.

    Of `ports`, one of the loopback here leads to one of the host's loopback meanwhile.
    """
    address = ssh_address(machine.address)
    command = [ssh_program(), "-T", "-a", "-x", *(("-v",) if verbose else ("-oLogLevel=ERROR",))]
    command += [f"-o{option}" for option in _OPTIONS]
    if ports is None:
        command.append("-oClearAllForwardings=yes")
    else:
        command += ["-L", f"127.0.0.1:{ports[0]}:127.0.0.1:{ports[1]}"]
    command += ["-l", address.user] if address.user else []
    command += ["-p", str(address.port)] if address.port else []
    return [*command, "--", address.host, remote]


def in_shell(script: str) -> str:
    """A command line for whatever shell the user has there, which has the standard one run it."""
    return f"exec /bin/sh -c {shlex.quote(script)}"


@cache
def environment_name() -> str:
    """What the environment of this very program is called on a host, by all that is in it."""
    program = this_program()
    digest = hashlib.sha256(f"{program.code}\n{requirements()}".encode())
    return f"{program.version}-{digest.hexdigest()[:16]}"


def greeting(machine: Machine) -> str:
    """The line that comes before all that the program on a host says; shells may say more."""
    return f"detection-workbench {machine.number}"


def remote_command(
    machine: Machine, arguments: Sequence[str], ports: Ports | None = None
) -> list[str]:
    """What to start so that the program runs on the host, with its standard streams as pipes.

    `arguments` are those of Python, such as ``-m core.machines.on_host``. They are plain words of
    ours; anything else goes through standard input. The first line to believe is `greeting`, after
    which comes what the program says: `core.machines.contact.Contact` waits for it. Where the
    host is not ready, the status is 127. `ports` see `ssh_command`. Raises InputError where there
    is no ``ssh``.
    """
    if not all(_PLAIN.fullmatch(one) for one in arguments):
        raise ValueError("it is no plain word")
    name = f"{HOSTS}/{machine.number}/{environment_name()}"
    script = (
        f'at="${{XDG_CACHE_HOME:-$HOME/.cache}}/{name}"; '
        f'[ -f "$at/{READY}" ] || exit 127; touch "$at/{READY}"; '
        "unset PYTHONPATH PYTHONHOME PYTHONSTARTUP; "
        f'echo "{greeting(machine)}"; '
        f'exec "$at/bin/python" -P {" ".join(arguments)}'
    )
    return ssh_command(machine, in_shell(script), ports=ports)
