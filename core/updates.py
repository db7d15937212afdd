"""Whether there is a newer version: asked only when the user wants to know.

The answer is a small JSON, such as ``{"version": "1.2.3", "date": "2027-01-31", "page":
"https://example.org/releases/1.2.3"}``. Nothing but the request itself is sent.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from core import __version__
from core.errors import WorkbenchError
from core.network.connecting import opened
from core.values import Value, from_json, to_json

ADDRESS = ""
"""Of that JSON; "" until there is one."""

_LARGEST = 2**16
_TIMEOUT_SECONDS = 20.0
_VERSION = r"\d{1,6}(\.\d{1,6}){0,3}"
_AGAIN = "Nothing was changed. Check the network and the proxy settings, and look again later."

State = Literal["newer", "current", "no_address"]


class Newest(Value):
    """The newest version: a number such as ``1.2.3``, the day it was made, and its page."""

    version: Annotated[str, msgspec.Meta(pattern=rf"^{_VERSION}\Z")]
    date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")] = ""
    page: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Updates(Value):
    """What was found; `newest` is None where there is no address to ask."""

    version: str
    state: State
    newest: Newest | None = None


class Answer(Value):
    """Of the helper ``updates``: what was found, or why nothing was."""

    found: Updates | None = None
    problem: str = ""


def main() -> None:
    """Print one `Answer`."""
    try:
        answer = Answer(found=look())
    except WorkbenchError as error:
        answer = Answer(problem=str(error))
    print(to_json(answer).decode())


def look(address: str | None = None, timeout_seconds: float = _TIMEOUT_SECONDS) -> Updates:
    """Ask `address` (default: ADDRESS). Raises WorkbenchError where it does not answer so."""
    address = ADDRESS if address is None else address
    if not address:
        return Updates(version=__version__, state="no_address")
    host = urlsplit(address).hostname or address
    try:
        with opened(address, {"Accept": "application/json"}, timeout_seconds) as response:
            data = response.read(_LARGEST + 1)
    except WorkbenchError as error:
        raise WorkbenchError(error.what, _AGAIN) from error
    newest = _newest(data, host)
    newer = _numbers(newest.version) > _numbers(__version__)
    return Updates(version=__version__, state="newer" if newer else "current", newest=newest)


def _newest(data: bytes, host: str) -> Newest:
    wrong = WorkbenchError(f"{host} does not answer with a version.", _AGAIN)
    if len(data) > _LARGEST:
        raise wrong
    try:
        newest: Newest = from_json(data, Newest)
    except (msgspec.MsgspecError, ValueError) as error:
        raise wrong from error
    page = urlsplit(newest.page)
    if newest.page and (page.scheme != "https" or not re.fullmatch(r"[!-~]+", newest.page)):
        raise wrong
    return newest


def _numbers(version: str) -> tuple[int, ...]:
    """Of ``1.2.0`` (1, 2): so that it is not newer than ``1.2``."""
    found = re.match(_VERSION, version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
