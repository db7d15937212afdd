"""Addresses of hosts that are reached by SSH: ``ssh://[user@]host[:port]``."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from core.errors import InputError
from core.text import visible
from core.values import Value

SCHEME = "ssh:"
_ADDRESS = re.compile(
    r"ssh://(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]{0,63})@)?"
    r"(?:(?P<host>[A-Za-z0-9_][A-Za-z0-9._-]{0,254})|\[(?P<six>[0-9A-Fa-f:.]{2,45})\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?/?"
)
_EXAMPLE = (
    "Write it as ssh://NAME, where ssh NAME logs in to it, or ssh://USER@HOST:PORT, with letters, "
    "digits, dots, underscores and hyphens."
)


class SshAddress(Value):
    """Where a host is: a name of the user's SSH configuration, or of the network.

    None of it begins with a hyphen, so that no program takes it for an option. What is empty, or
    0, is left to the configuration.
    """

    host: str
    user: str = ""
    port: int = 0


def ssh_address(address: str) -> SshAddress:
    """The parts of an address; raises InputError where it is none."""
    found = _ADDRESS.fullmatch(address)
    port = int((found and found["port"]) or 0)
    if found is None or port >= 2**16 or (found["six"] and not _is_six(found["six"])):
        raise InputError(f"{visible(address[:80])!r} is not the address of a host.", _EXAMPLE)
    return SshAddress(host=found["host"] or found["six"], user=found["user"] or "", port=port)


def _is_six(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
