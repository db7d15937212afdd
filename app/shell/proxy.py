"""The proxy of downloads: the environment, which the processes of jobs inherit, says which."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

NO_PROXY = "none"
_NAMES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
_found = {name: os.environ.get(name) for name in _NAMES}  # as the program was started


def is_proxy(address: str) -> bool:
    """Whether this can be the address of one, such as ``proxy:3128`` or ``http://proxy:3128``."""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port is not None


def use_proxy(choice: str) -> None:
    """From now on: this address, `NO_PROXY`, or empty for what the program was started with."""
    wanted: dict[str, str | None] = dict(_found)
    if choice == NO_PROXY:
        wanted |= dict.fromkeys(_NAMES) | {"no_proxy": "*"}
    elif is_proxy(choice):
        address = choice if "://" in choice else f"http://{choice}"
        wanted |= {name: address for name in _NAMES if "no" not in name.lower().split("_")}
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
