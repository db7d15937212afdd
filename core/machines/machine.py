"""A machine that can be worked on besides this one: where it is, and what the user allowed."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import InputError
from core.machines.ssh_address import SCHEME, ssh_address
from core.refusals import require_regular
from core.text import visible
from core.values import Value

THIS = "this"
"""What this machine is called where one is chosen."""

GIB = 2**30
MOST_CACHE_GIB = 4096
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_LONGEST_ADDRESS = 300
_EXAMPLE = (
    "Write it as tls://HOST:PORT, as a Dask scheduler says when it starts, or as ssh://NAME for a "
    "host that ssh NAME logs in to."
)


class Machine(Value):
    """What the user added: a Dask scheduler, whose workers do what is sent, or a host.

    Attributes:
        name: what the user calls it.
        address: of a scheduler ``tls://host:port``, or ``tcp://`` on the loopback; of a host
            ``ssh://[user@]host[:port]``.
        number: random; what is stored there lies in folders called so.
        ca, certificate, key: of TLS, in PEM; the files stay where they are.
        agreed: whether images and models may be sent there.
        cache_bytes: the most that may be stored on each host of it.
    """

    name: str
    address: str
    number: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    agreed: bool = False
    cache_bytes: int = 20 * GIB

    @property
    def by_ssh(self) -> bool:
        """Whether it is a host that is reached by SSH."""
        return self.address.startswith(SCHEME)


def new_machine(
    name: str,
    address: str,
    ca: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    *,
    agreed: bool = False,
    cache_gib: int = 20,
) -> Machine:
    """A machine as the user describes it; raises InputError where it cannot be one."""
    files = [None if one is None else one.absolute() for one in (ca, certificate, key)]
    machine = Machine(
        name=name,
        address=address.strip(),
        number=os.urandom(16).hex(),
        ca=files[0],
        certificate=files[1],
        key=files[2],
        agreed=agreed,
        cache_bytes=cache_gib * GIB,
    )
    require_usable(machine)
    for one in files:
        if one is not None:
            require_regular(one, "Check the path of the TLS file.")
    return machine


def require_usable(machine: Machine) -> None:
    """Raises InputError where name, address or limits are none; the files are not looked at."""
    if not _NAME.fullmatch(machine.name) or machine.name == THIS:
        raise InputError(
            f"A machine cannot be called {visible(machine.name[:60])!r}.",
            "Use up to 40 letters, digits, dots, underscores and hyphens; "
            f"{THIS!r} is this machine.",
        )
    files = machine.ca, machine.certificate, machine.key
    if machine.by_ssh:
        ssh_address(machine.address)
        if any(files):
            raise InputError(
                f"{machine.address} takes no files of TLS: SSH encrypts, with the user's own keys.",
                "Leave them out.",
            )
    else:
        _require_safe_scheduler(machine.address, complete=None not in files)
    if not re.fullmatch(r"[0-9a-f]{32}", machine.number):
        raise InputError("The machine's number is damaged.", "Remove it and add it again.")
    if not GIB <= machine.cache_bytes <= MOST_CACHE_GIB * GIB:
        raise InputError(
            "That is no size of a cache.", f"Choose one from 1 to {MOST_CACHE_GIB} GB."
        )


def _require_safe_scheduler(address: str, *, complete: bool) -> None:
    """Raises InputError where others could read or change what is sent to the scheduler."""
    scheme, host, _ = _parts(address)
    if scheme == "tcp" and not _is_loopback(host):
        raise InputError(
            f"{address} is not encrypted: images and models would be readable on the way, "
            "and whoever is in between could run anything here.",
            "Start the scheduler and its workers with TLS, and add tls://HOST:PORT with its files.",
        )
    if scheme == "tls" and not complete:
        raise InputError(
            f"{address} needs the three files of TLS.",
            "Specify the authority's certificate, your certificate and its key.",
        )


def host_and_port(address: str) -> tuple[str, int]:
    """Of a scheduler."""
    return _parts(address)[1:]


def _parts(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises InputError where it is none."""
    try:
        if len(address) > _LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
            raise ValueError
        split = urlsplit(address)
        plain = split.path in ("", "/") and not (split.query or split.fragment or split.username)
        if split.scheme not in ("tls", "tcp") or not split.hostname or not split.port or not plain:
            raise ValueError
    except ValueError:
        raise InputError(
            f"{visible(address[:80])!r} is not the address of a machine.", _EXAMPLE
        ) from None
    return split.scheme, split.hostname, split.port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
