"""What can go wrong between here and a server, in sentences."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from http import HTTPStatus
from urllib.parse import urlsplit

from core.errors import WorkbenchError

AGAIN = "Start the download again; it resumes where it stopped."
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_FORBIDDEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


class BrokenOffError(WorkbenchError):
    """The connection ended too early; what arrived is kept, and another try may go on from it."""


def unsafe(url: str) -> WorkbenchError:
    """An address that somebody in between could have changed."""
    return WorkbenchError(
        f"The download leads to {url[:200]}, which is not a secure address (https).",
        "Nothing was downloaded from there. The server or a proxy is not to be trusted.",
    )


def refused(error: urllib.error.HTTPError, host: str) -> WorkbenchError:
    """A status that is no success."""
    code, reason = error.code, str(error.reason or "no reason given")[:100]
    answered = f"{host} answers {code} ({reason})"
    if code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _proxy_wants_password()
    if 300 <= code < 400:
        return _led_astray(error, host)
    what, next_step = f"{answered}.", "Try again later, or choose another model."
    if code in _GONE:
        what = f"{answered}: the file no longer exists."
        next_step = "Choose another model, or get the file elsewhere and import it."
    elif code in _FORBIDDEN:
        what = f"{answered}: the file may not be downloaded."
        next_step = "A proxy or firewall may be in the way; otherwise choose another model."
    elif code in _BUSY or code >= 500:
        what, next_step = f"{answered}: it is busy or out of order.", f"Wait a while. {AGAIN}"
    return WorkbenchError(what, next_step)


def unreachable(reason: object, host: str) -> WorkbenchError:
    """A connection that could not be made, or was lost."""
    if isinstance(reason, ssl.SSLError):
        return _insecure(reason, host)
    if isinstance(reason, TimeoutError):
        return WorkbenchError(f"{host} no longer answers.", AGAIN)
    if isinstance(reason, OSError) and not isinstance(reason, ConnectionError):
        return _no_way_to(reason, host)
    if isinstance(reason, ConnectionRefusedError):
        return WorkbenchError(
            f"{host} cannot be reached{_through_proxy()}: the connection was refused.",
            "Check the proxy settings (HTTPS_PROXY), or try again later.",
        )
    if isinstance(reason, (http.client.HTTPException, ConnectionError)):
        return broken_off(host)
    return WorkbenchError(
        f"{host} cannot be reached{_through_proxy()}: {_first_line(reason)}.",
        "Check the network and the proxy settings (HTTPS_PROXY), and try again.",
    )


def broken_off(host: str) -> BrokenOffError:
    """A connection that ended in the middle."""
    return BrokenOffError(f"The connection to {host} broke off.", AGAIN)


def _no_way_to(reason: OSError, host: str) -> WorkbenchError:
    if isinstance(reason, socket.gaierror) or reason.errno in _UNREACHABLE:
        return WorkbenchError(
            f"{host} cannot be reached{_through_proxy()}: this machine seems to be offline.",
            "Connect it to the network, or set the proxy (HTTPS_PROXY), and try again.",
        )
    if "Tunnel" in str(reason) and "407" in str(reason):
        return _proxy_wants_password()
    return WorkbenchError(
        f"{host} cannot be reached{_through_proxy()}: {_first_line(reason)}.",
        "Check the network and the proxy settings (HTTPS_PROXY), and try again.",
    )


def _insecure(reason: ssl.SSLError, host: str) -> WorkbenchError:
    if isinstance(reason, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return broken_off(host)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return WorkbenchError(
            f"The connection to {host} is not secure: {reason.verify_message}.",
            "Check this machine's clock; a proxy that inspects traffic needs its certificate "
            "installed.",
        )
    return WorkbenchError(
        f"No secure connection to {host} can be made: {reason.reason or reason}.",
        "A proxy or firewall may be in the way.",
    )


def _led_astray(error: urllib.error.HTTPError, host: str) -> WorkbenchError:
    if "not allowed" in str(error.reason):  # urllib's words for an address such as file:
        return unsafe(str(error.headers.get("Location", error.filename)))
    return WorkbenchError(
        f"{host} redirects the download without end.",
        "A login page of the network may be in the way: open the address in a browser.",
    )


def _proxy_wants_password() -> WorkbenchError:
    return WorkbenchError(
        f"The network's proxy asks for a user name and password{_through_proxy()}.",
        "Put them into HTTPS_PROXY, as http://user:password@proxy:port.",
    )


def _through_proxy() -> str:
    """Names the proxy, without the password that its address may hold."""
    proxy = urllib.request.getproxies().get("https", "")
    host = urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname if proxy else None
    return f" (through the proxy {host})" if host else ""


def _first_line(reason: object) -> str:
    text = str(reason).strip()
    return text.splitlines()[0].rstrip(".")[:200] if text else type(reason).__name__
