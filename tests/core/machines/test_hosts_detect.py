"""Detections made on a host reached by SSH: a worker is started there for each session."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.datasets.source import DatasetSource
from core.errors import WorkbenchError
from core.jobs.events import Event
from core.machines.connecting import Scheduler, connected, present
from core.machines.contact import Contact
from core.machines.host_scheduler import Begun
from core.machines.hosts import answered, prepare
from core.machines.machine import Machine
from core.machines.reaching import reached
from core.machines.ssh import remote_command
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.job import QuantizeJob
from core.search.job import SearchJob
from core.search.settings import SearchSettings
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.images import write_images
from tests.support.searched import differences, tried
from tests.support.spreading import Asked, content, detecting, ran, shards
from tests.support.sshd import Host, host, needs_ssh, step, there, wait_until
from tests.support.terminal import terminal

__all__ = ["host", "terminal", "there"]

pytestmark = [needs_ssh, pytest.mark.timeout(300)]
MANY = 120


@pytest.fixture(scope="module")
def board(there: Host) -> Machine:
    """One machine for all, so that it is made ready once."""
    return there.machine()


@pytest.fixture(scope="module")
def asked(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = write_images(tmp_path_factory.mktemp("many") / "images", MANY, 900, 700)
    return Asked(model_of(first_made.parent), model_of(first_made.optimized), folder)


@pytest.fixture(scope="module")
def here(asked: Asked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without any machine."""
    folder = tmp_path_factory.mktemp("here")
    ran(asked.report(folder / "cache"), folder / "reported").outcome.require()
    return folder


def shows_a_page(port: int) -> bool:
    """Whether somebody without a key is told anything there, as Dask's web pages do."""
    for page in ("info/main/workers.html", "json/counts.json", "metrics", "health"):
        with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port)) as asked:
            asked.request("GET", f"/{page}")
            if asked.getresponse().status != HTTPStatus.NOT_FOUND:
                return True
    return False


def test_it_is_to_the_last_bit_what_this_machine_finds(
    host: Host, board: Machine, asked: Asked, here: Path, tmp_path: Path
) -> None:
    made = ran(asked.report(tmp_path / "cache", board), tmp_path / "reported")
    assert content(made.outcome.require()) == content(here / "reported")
    assert shards(tmp_path / "cache") == shards(here / "cache")
    assert "Detecting on board: 1 worker has joined." in made.said
    assert any(re.fullmatch(r"Parts of the images: \d+ by board\.", one) for one in made.said)
    wait_until(lambda: host.at_work() == [])
    assert list(host.temporary.iterdir()) == [], "Dask makes places of its own, and leaves them"


def test_a_model_quantized_with_its_statistics_is_that_of_this_machine(
    host: Host, board: Machine, asked: Asked, tmp_path: Path
) -> None:
    job = QuantizeJob(
        model=asked.parent,
        dataset=DatasetSource(path=asked.images),
        plan=QuantizationPlan(subset_size=20, target="cpu_vnni"),
        name="int8",
    )
    hashes = []
    for machine in (None, board):
        made = ran(replace(job, machine=machine), tmp_path / f"on {machine and machine.name}")
        hashes.append(load_stored(made.outcome.require() / "int8.xml").card.weights_sha256)
    assert hashes[0] == hashes[1]
    assert "Statistics are collected on board: 1 worker has joined." in made.said
    wait_until(lambda: host.at_work() == [])


def test_a_search_tries_and_finds_what_it_does_on_this_machine(
    host: Host, board: Machine, asked: Asked, first_made: Made, tmp_path: Path
) -> None:
    """Each as far as it comes: how long a plan takes is no part of what is found."""
    settings = SearchSettings(allowed="int8", minutes=0.5, loss=0.5, target="cpu_vnni")
    folders = []
    for machine in (None, board):
        folders.append(tmp_path / f"on {machine and machine.name}")
        job = SearchJob(
            model=asked.parent,
            dataset=DatasetSource(path=first_made.images),
            folder=folders[-1],
            settings=settings,
            machine=machine,
        )
        made = ran(job, folders[-1])
        made.outcome.require()
    assert "Candidates are made on board: 1 worker has joined." in made.said
    assert min(len(tried(folder)) for folder in folders) > 0
    assert differences(*folders) == []
    wait_until(lambda: host.at_work() == [])


def test_a_host_that_is_gone_in_the_middle_ends_by_itself_and_the_work_is_resumed(
    host: Host, board: Machine, asked: Asked, here: Path, tmp_path: Path
) -> None:
    def hear(event: Event) -> None:
        if detecting(event):
            host.cut()

    lost = ran(asked.report(tmp_path / "cache", board), tmp_path / "lost", hear=hear)
    assert lost.outcome.error is not None
    said = str(lost.outcome.error)
    assert said.startswith("The program on board ended, or the way there was cut. Check it with:")
    assert said.endswith("what was done is stored.")
    wait_until(lambda: host.at_work() == [])
    assert list(host.temporary.iterdir()) == []
    done = ran(asked.report(tmp_path / "cache"), tmp_path / "reported")
    assert content(done.outcome.require()) == content(here / "reported")


def test_a_cancel_ends_what_runs_there(
    host: Host, board: Machine, asked: Asked, tmp_path: Path
) -> None:
    cancel = threading.Event()

    def hear(event: Event) -> None:
        if detecting(event):
            cancel.set()

    made = ran(asked.report(tmp_path / "cache", board), tmp_path / "reported", cancel, hear)
    assert made.outcome.state == "cancelled"
    wait_until(lambda: host.at_work() == [])


def test_what_is_there_is_loopback_alone_and_takes_only_who_has_the_sessions_key(
    host: Host, board: Machine
) -> None:
    async def workers(scheduler: Scheduler) -> int:
        async with connected(board, scheduler) as client:
            return len(await present(client))

    with reached(board, step) as first, reached(board, step) as second:
        assert asyncio.run(workers(first)) == asyncio.run(workers(second)) == 1
        assert first.security is not None and second.security is not None
        stranger = Scheduler(first.address, second.security)
        with pytest.raises(WorkbenchError, match="The contact with board"):
            asyncio.run(workers(stranger))
        listening = host.listening()
        assert listening and {address for address, _ in listening} == {"127.0.0.1"}
        assert [port for _, port in listening if shows_a_page(port)] == []
    wait_until(lambda: host.at_work() == [])


def test_a_port_of_somebody_else_is_said_to_be_taken(host: Host, board: Machine) -> None:
    prepare(board, step)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = remote_command(board, ["-m", "core.machines.host_scheduler", port])
        with Contact(board, command, lambda: None) as contact:
            contact.greeted()
            contact.keep_telling()
            begun = answered(board, contact, Begun)
    assert begun.taken and not begun.key


def test_a_host_without_openssl_says_so(host: Host, board: Machine, tmp_path: Path) -> None:
    prepare(board, step)
    for program in (*host.bin.iterdir(), Path("/usr/bin/touch")):
        (tmp_path / program.name).symlink_to(program)
    try:
        host.restart(PATH=str(tmp_path))
        with (
            pytest.raises(WorkbenchError, match="no program openssl"),
            reached(board, step),
        ):
            pass
    finally:
        host.restart()
    wait_until(lambda: host.at_work() == [])
