"""A web server on this machine that serves files rightly, or in one of many wrong ways."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core.catalogue.entries import CatalogueEntry, CatalogueFile, catalogue

TAG = '"version-1"'
Behaviour = Callable[["Handler", bytes], None]


class Server(ThreadingHTTPServer):
    """Answers each request with the next behaviour of `script`, then rightly."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.script: deque[Behaviour] = deque()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def ranges(self) -> list[str]:
        """What part each request asked for; "" where it was all."""
        return [headers.get("Range", "") for _, headers in self.requests]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        data = self.server.files.get(self.path.removeprefix(self.server.address), b"")
        behave = self.server.script.popleft() if self.server.script else right
        behave(self, data)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def start(self, status: int, **headers: str | int) -> None:
        """Send the status and the headers; ``Content_Length=3`` makes ``Content-Length: 3``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def wanted(self, data: bytes) -> tuple[int, dict[str, str | int]]:
        """The first byte that is asked for, and the headers that a right answer has."""
        asked = self.headers.get("Range", "")
        if asked and self.headers.get("If-Range", TAG) == TAG:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            said = f"bytes {start}-{len(data) - 1}/{len(data)}"
            return start, {
                "Content_Range": said,
                "Content_Length": len(data) - start,
                "ETag": TAG,
            }
        return 0, {"Content_Length": len(data), "ETag": TAG}


def right(handler: Handler, data: bytes) -> None:
    """As it should be."""
    start, headers = handler.wanted(data)
    handler.start(206 if "Content_Range" in headers else 200, **headers)
    handler.wfile.write(data[start:])


def breaks_off(after: int) -> Behaviour:
    """Ends the connection after so many bytes."""

    def behave(handler: Handler, data: bytes) -> None:
        start, headers = handler.wanted(data)
        handler.start(206 if "Content_Range" in headers else 200, **headers)
        handler.wfile.write(data[start : start + after])

    return behave


def stalls(after: int) -> Behaviour:
    """Goes silent after so many bytes, with the connection open."""

    def behave(handler: Handler, data: bytes) -> None:
        breaks_off(after)(handler, data)
        handler.wfile.flush()
        handler.server.closing.wait(60)

    return behave


def slow(handler: Handler, data: bytes) -> None:
    """A byte now and then."""
    start, headers = handler.wanted(data)
    handler.start(206 if "Content_Range" in headers else 200, **headers)
    for at in range(start, len(data), 1000):
        handler.wfile.write(data[at : at + 1000])
        handler.wfile.flush()
        if handler.server.closing.wait(0.05):
            return


def claims(length: int) -> Behaviour:
    """Announces another length than it sends."""

    def behave(handler: Handler, data: bytes) -> None:
        handler.start(200, Content_Length=length)
        handler.wfile.write(data)

    return behave


def unannounced(extra: bytes = b"") -> Behaviour:
    """Says no length, and may send more than the file."""

    def behave(handler: Handler, data: bytes) -> None:
        handler.start(200)
        handler.wfile.write(data + extra)

    return behave


def wrong_bytes(handler: Handler, data: bytes) -> None:
    """As many bytes as the file has, but others."""
    handler.start(200, Content_Length=len(data))
    handler.wfile.write(bytes(byte ^ 1 for byte in data))


def ignores_ranges(handler: Handler, data: bytes) -> None:
    """All of it, whatever was asked for."""
    handler.start(200, Content_Length=len(data))
    handler.wfile.write(data)


def another_range(handler: Handler, data: bytes) -> None:
    """A part, but not the one that was asked for."""
    said = f"bytes 1-{len(data) - 1}/{len(data)}"
    handler.start(206, Content_Range=said, Content_Length=len(data) - 1)
    handler.wfile.write(data[1:])


def packed(handler: Handler, data: bytes) -> None:
    """Compressed on the way, though it was asked not to."""
    handler.start(200, Content_Encoding="gzip", Content_Length=len(data))
    handler.wfile.write(data)


def answers(status: int) -> Behaviour:
    """A status and nothing else."""
    return lambda handler, data: handler.start(status, Content_Length=0)


def redirects(to: str) -> Behaviour:
    """To another address."""
    return lambda handler, data: handler.start(302, Location=to, Content_Length=0)


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Server]:
    """A server that lives as long as the block; with a certificate it speaks TLS."""
    with Server() as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def serve(
    server: Server, name: str, files: dict[str, bytes], member: str | None = None
) -> CatalogueEntry:
    """An entry called `name` whose files the server has."""
    described = []
    for file, data in files.items():
        server.files[f"/{file}"] = data
        described.append(
            CatalogueFile(
                name=file,
                url=f"{server.address}/{file}",
                zoo_url=f"{server.address}/{file}",
                original_url=None,
                size_bytes=len(data),
                algorithm="sha384",
                checksum=hashlib.sha384(data).hexdigest(),
                member=member,
            )
        )
    return replace(
        catalogue()[-1], name=name, files=tuple(described), class_names=("cat", "dog", "bird")
    )
