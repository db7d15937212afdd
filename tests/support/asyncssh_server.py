"""What stands in for ``sshd`` where that is not installed: asyncssh's server, as a process.

``python -m tests.support.asyncssh_server SETTINGS.json`` listens on the loopback until it is
terminated. Keys alone are taken; commands run in the shell of the account, in the environment that
the settings name, with pipes that end when the connection does; ports lead to the loopback.
SIGUSR1 ends the connections without a word.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import asyncssh
import msgspec

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PART = 1 << 16


class Settings(msgspec.Struct, frozen=True):
    """Where it listens, with which key, for whose keys, and the environment of commands."""

    port: int
    host_key: str
    authorized_keys: str
    environment: dict[str, str]


class _Connections:
    """Those that are there, and what runs for them."""

    def __init__(self, environment: dict[str, str]) -> None:
        account = pwd.getpwuid(os.getuid())
        self._shell = account.pw_shell or "/bin/sh"
        names = {"USER": account.pw_name, "LOGNAME": account.pw_name, "SHELL": self._shell}
        self._environment = {**names, **environment}
        self._there: set[asyncssh.SSHServerConnection] = set()

    def add(self, one: asyncssh.SSHServerConnection) -> None:
        self._there.add(one)

    def remove(self, one: asyncssh.SSHServerConnection) -> None:
        self._there.discard(one)

    def cut(self) -> None:
        for one in tuple(self._there):
            one.abort()

    async def run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """A command, from its start to the status that is sent."""
        if process.command is None:
            process.exit(1)  # nobody is here to type
            return
        peer, here = process.get_extra_info("peername"), process.get_extra_info("sockname")
        started = subprocess.Popen(
            [self._shell, "-c", process.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # by this name bash knows that it is reached from elsewhere, and reads .bashrc
            env={**self._environment, "SSH_CLIENT": f"{peer[0]} {peer[1]} {here[1]}"},
            cwd=self._environment["HOME"],
            start_new_session=True,
        )
        talk = asyncio.create_task(_talk(process, started))
        gone = asyncio.create_task(process.wait_closed())
        await asyncio.wait((talk, gone), return_when=asyncio.FIRST_COMPLETED)
        talk.cancel()
        with suppress(OSError, asyncio.CancelledError):  # of a connection that is gone
            status = await talk
            if status >= 0:
                process.exit(status)
            else:
                process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))


async def _talk(process: asyncssh.SSHServerProcess[bytes], command: subprocess.Popen[bytes]) -> int:
    """Carry its streams until they end; gives its status. The pipes are closed in any case."""
    assert command.stdin is not None and command.stdout is not None and command.stderr is not None
    ended = _ended(command)
    taken = asyncio.create_task(_take(process.stdin, command.stdin))
    try:
        await asyncio.gather(
            _give(command.stdout, process.stdout), _give(command.stderr, process.stderr)
        )
        return await ended
    finally:
        taken.cancel()


async def _take(source: asyncssh.SSHReader[bytes], pipe: IO[bytes]) -> None:
    """What comes, to the command; its input ends when nothing comes any more."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        while part := await source.read(_PART):
            writer.write(part)
            await writer.drain()
    except asyncio.CancelledError:
        transport.abort()
        raise
    except (OSError, asyncssh.Error):  # it reads no more, or nobody is there
        transport.abort()
    else:
        transport.close()


async def _give(pipe: IO[bytes], target: asyncssh.SSHWriter[bytes]) -> None:
    """What the command says, to who is connected."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        while part := await reader.read(_PART):
            target.write(part)
            await target.drain()
    finally:
        transport.close()


class _Server(asyncssh.SSHServer):
    """What is said about one connection."""

    def __init__(self, connections: _Connections) -> None:
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connections.remove(self._connection)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        return dest_host in _LOOPBACK


def _ended(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """Its status, once it is there; nothing waits for a command that outlives the server."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def say(status: int) -> None:
        if not ended.done():  # nor does anybody wait whose connection is gone
            ended.set_result(status)

    def wait() -> None:
        status = process.wait()
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(say, status)

    threading.Thread(target=wait, daemon=True).start()
    return ended


async def serve(settings: Settings) -> None:
    """Until SIGTERM."""
    connections = _Connections(settings.environment)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, connections.cut)
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    async with asyncssh.listen(
        "127.0.0.1",
        settings.port,
        server_factory=lambda: _Server(connections),
        server_host_keys=[settings.host_key],
        authorized_client_keys=settings.authorized_keys,
        process_factory=connections.run,
        encoding=None,
        allow_pty=False,
        agent_forwarding=False,
        allow_scp=False,
    ):
        await stopped.wait()
        connections.cut()


def main(arguments: list[str]) -> int:
    """Serve as the file of settings says; gives the exit status."""
    asyncio.run(serve(msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Settings)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
