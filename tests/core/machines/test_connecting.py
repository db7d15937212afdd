"""What is given to a worker, while the contact with its scheduler is lost."""

from __future__ import annotations

import asyncio
import time
import tomllib
from pathlib import Path

import pytest

from core.errors import InputError
from core.machines import connecting
from core.machines.connecting import DASK, Scheduler, connected, require_dask, submitted
from core.machines.machine import new_machine
from core.machines.session import NoSession
from tests.support.dask_workers import AT_REST_VARIABLES

pytest.importorskip("distributed")


def test_a_lost_contact_is_no_failure_of_the_work_which_goes_on_when_it_is_back() -> None:
    """A piece was counted as failed, three times, before anybody had noticed what was gone."""

    async def lost_and_found() -> int:
        from distributed import Scheduler as DaskScheduler
        from distributed import Worker

        async with (
            # its page's usual port may be another scheduler's
            DaskScheduler(host="127.0.0.1", dashboard_address="127.0.0.1:0") as there,
            Worker(there.address, host="127.0.0.1", nthreads=3) as worker,
        ):
            machine = new_machine("lab", there.address, agreed=True)
            async with connected(machine, Scheduler(there.address, None)) as client:
                asked = asyncio.create_task(submitted(client, worker.address, time.sleep, 2))
                while not worker.state.executing_count:
                    await asyncio.sleep(0.01)
                assert client.scheduler_comm is not None
                client.scheduler_comm.comm.abort()
                with pytest.raises(NoSession):
                    await asked
                found: int = await submitted(client, worker.address, len, "three")
                return found

    assert asyncio.run(asyncio.wait_for(lost_and_found(), 60)) == 5


def test_without_dask_what_is_typed_to_get_it_is_what_the_page_and_the_extra_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program's own name is nobody's at the package index, or somebody else's."""
    monkeypatch.setattr(connecting, "find_spec", lambda name: None)
    with pytest.raises(InputError) as refused:
        require_dask()
    assert f'pip install "{DASK}"' in refused.value.next_step
    root = Path(__file__).parents[3]
    assert f'    pip install "{DASK}"\n' in (root / "docs" / "machines.md").read_text("utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"]["cluster"] == [DASK]


def test_what_keeps_dask_quiet_on_hosts_is_what_the_page_sets() -> None:
    page = (Path(__file__).parents[3] / "docs" / "machines.md").read_text("utf-8")
    assert all(f"{name}={value}" in page.split() for name, value in AT_REST_VARIABLES.items())
