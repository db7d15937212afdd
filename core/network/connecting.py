"""Opening an address: https only, through the system's proxy, with failures in sentences."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit

from core import __version__
from core.network.trouble import refused, unreachable, unsafe

MAX_REDIRECTS = 5
_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}
# Where distributions keep what they trust, for a bundled Python that was built on another one.
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@contextmanager
def opened(url: str, headers: dict[str, str], timeout_seconds: float) -> Iterator[HTTPResponse]:
    """The response to a GET. Whatever goes wrong, inside the block too, is a WorkbenchError.

    An HTTP status of 400 and more raises urllib's HTTPError only where it is 416, which is an
    answer about ranges.
    """
    _require_safe(url)
    wanted = {"User-Agent": f"detection-workbench/{__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers={**wanted, **headers})
    host = urlsplit(url).hostname or url
    try:
        with _opener().open(request, timeout=timeout_seconds) as response:
            yield cast(HTTPResponse, response)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            raise refused(error, host) from error
    except urllib.error.URLError as error:
        raise unreachable(error.reason, host) from error
    except (http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
        raise unreachable(error, host) from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few, and none that leads to where we would not have gone ourselves."""

    max_redirections = MAX_REDIRECTS
    max_repeats = 1

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Where to go next."""
        _require_safe(newurl)
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise unsafe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """HTTP alone: no files, no FTP. Proxies are those of the environment or the system."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_trust()),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        known = next((path for path in _AUTHORITIES if Path(path).is_file()), None)
        if known:
            context.load_verify_locations(known)
    return context


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in _THIS_MACHINE  # nobody listens in between
    ):
        raise unsafe(url)
