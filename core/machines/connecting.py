"""The way to a machine's scheduler. `dask.distributed` is imported here, when it is used."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from core.causes import cause
from core.errors import InputError, WorkbenchError
from core.machines.machine import Machine, host_and_port
from core.machines.session import NoSession

if TYPE_CHECKING:
    from distributed import Client, Security

DASK = "distributed>=2026.3"
"""What the extra "cluster" brings, as pip is asked for it."""

CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 2.0
_AGAIN_SECONDS = 0.1
_QUIET = {
    "distributed.client.heartbeat": "2s",
    "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS:g}s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.diagnostics.nvml": False,
}
"""Nothing of Dask's is served or measured here; `Client` alone opens no port."""


def require_dask() -> None:
    """Raises InputError, which says how to get it, where `dask.distributed` is not installed."""
    if find_spec("distributed") is None:
        raise InputError(
            "Working on other machines needs dask.distributed, which is not installed.",
            f'Install it in the environment of the program: pip install "{DASK}".',
        )


@dataclass(frozen=True)
class Scheduler:
    """Where it listens, and what proves to both sides who they are; None on the loopback alone."""

    address: str
    security: Security | None


def scheduler_of(machine: Machine) -> Scheduler:
    """The one that the user added; raises InputError where Dask is not installed."""
    require_dask()
    from distributed import Security

    security = None
    if machine.address.startswith("tls:"):
        security = Security(  # type: ignore[no-untyped-call]
            tls_ca_file=os.fspath(machine.ca or ""),
            tls_client_cert=os.fspath(machine.certificate or ""),
            tls_client_key=os.fspath(machine.key or ""),
            require_encryption=True,
        )
    return Scheduler(machine.address, security)


@asynccontextmanager
async def connected(machine: Machine, scheduler: Scheduler) -> AsyncIterator[Client]:
    """A client of the machine's scheduler; raises WorkbenchError where it cannot be reached."""
    import dask

    dask.config.set(_QUIET)
    from distributed import Client

    await _require_listening(machine, scheduler)
    try:
        client = await Client(  # type: ignore[no-untyped-call]
            scheduler.address,
            security=scheduler.security,
            asynchronous=True,
            set_as_default=False,
            direct_to_workers=False,
            timeout=CONNECT_SECONDS,
        )
    except Exception as error:  # of the network, of TLS, or of another version of Dask
        raise unreachable(machine, error) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # it is left, whatever it says
            await asyncio.wait_for(client.close(timeout=_CLOSE_SECONDS), 2 * _CLOSE_SECONDS)


async def _require_listening(machine: Machine, scheduler: Scheduler) -> None:
    """Raises WorkbenchError at once where nobody listens; Dask would try again and again."""
    host, port = host_and_port(scheduler.address)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), CONNECT_SECONDS)
    except (OSError, TimeoutError) as error:
        raise unreachable(machine, error) from error
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def unreachable(machine: Machine, error: BaseException) -> WorkbenchError:
    """The scheduler does not answer."""
    if machine.by_ssh:
        return WorkbenchError(
            f"The contact with {machine.name} ({machine.address}) was lost: {cause(error)}.",
            "Check that it is there, and start again: what was done is stored.",
        )
    return WorkbenchError(
        f"The scheduler of {machine.name} ({machine.address}) cannot be reached: {cause(error)}.",
        "Check that it runs, its address and its TLS files.",
    )


async def submitted(
    client: Client, worker: str, function: Callable[..., Any], *arguments: object
) -> Any:
    """What a function gives in a thread of that worker, and nowhere else; raises what it raises.

    Who is cancelled meanwhile lets go of it, which the worker is told. Raises NoSession where the
    contact is lost meanwhile: whether that is for good is known where workers are looked for.
    """
    from distributed.client import FutureCancelledError

    while client.status == "connecting":  # what is submitted before it is back is lost
        await asyncio.sleep(_AGAIN_SECONDS)
    future = client.submit(
        function, *arguments, workers=[worker], allow_other_workers=False, pure=False, retries=0
    )
    try:
        return await future
    except FutureCancelledError as error:  # by Dask itself, which lost the scheduler
        raise NoSession from error
    finally:
        future.release()  # type: ignore[no-untyped-call]


async def asked(
    client: Client, workers: list[str], function: Callable[..., Any], *arguments: object
) -> dict[str, Any]:
    """What a short function gives on each of the workers at once; an exception where it fails."""
    found: dict[str, Any] = await client.run(
        function, *arguments, workers=workers, on_error="return"
    )
    return found


async def present(client: Client) -> dict[str, str]:
    """The addresses of the workers there are, and what each is called."""
    assert client.scheduler is not None  # it is connected
    identity = await client.scheduler.identity(n_workers=-1)
    return {
        address: str(about.get("id") or address)
        for address, about in identity["workers"].items()
        if about.get("status") in ("running", "paused", None)
    }
