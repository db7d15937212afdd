"""Machines are added, listed, checked and removed; what cannot be one is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from core.errors import InputError, WorkbenchError
from core.machines import session
from core.machines.cache import ContentCache, Piece, hash_of
from core.machines.machine import new_machine
from core.machines.program import refusal, this_program
from core.machines.session import NoSession, Session
from core.machines.store import add_machine, machine_named, machines, machines_file
from core.predict.machine_conversation import Answer
from core.remarks.sentences import sentence
from tests.support.dask_workers import Cluster
from tests.support.jobs import helper_processes
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

LOCAL = "tcp://127.0.0.1:8786"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add(1)
        made.wait(1)
        yield made


def test_one_is_added_checked_agreed_to_and_removed(terminal: Terminal, cluster: Cluster) -> None:
    assert "Added lab" in terminal("machines", "add", "lab", cluster.address).out
    assert terminal("machines", "add", "lab", LOCAL).status == 2
    shown = terminal("machines", "check", "lab")
    assert "1 of 1 worker can take part" in shown.out
    assert "machines check lab --agree" in shown.out
    refused = terminal("predict", "a.xml", "images", "--output", "b.json", "--machine", "lab")
    assert refused.status == 2 and "Nothing was sent" in refused.err
    found = terminal("machines", "check", "lab", "--agree", "--json").json
    (worker,) = found["workers"]
    condition = worker["condition"]
    assert condition["program"]["code"] == this_program().code
    assert condition["machinery"]["devices"]["CPU"]
    assert condition["memory_bytes"] > 0 and condition["disk_bytes"] > 0
    assert worker["skew_seconds"] == 0 and worker["refused"] is None
    assert machine_named("lab").agreed
    number = machine_named("lab").number
    folder = cluster.cache(cluster.workers[0]) / "machines" / number
    folder.mkdir(parents=True)
    (folder / ("a" * 64)).write_bytes(b"sent before")
    (listed,) = terminal("machines", "list", "--json").json["machines"]
    assert listed["name"] == "lab" and "number" not in listed
    removed = terminal("machines", "remove", "lab", "--json").json
    assert removed["freed_bytes"] == len(b"sent before")
    assert not folder.exists() and machines() == ()


def test_this_machine_is_checked_as_it_is_listed(terminal: Terminal) -> None:
    assert terminal("machines", "list").out.splitlines()[1].split()[0] == "this"
    (found,) = terminal("machines", "check", "this", "--json").json["workers"]
    assert found["refused"] is None and found["condition"]["machinery"]["devices"]["CPU"]
    (row,) = terminal("machines", "check", "this").out.splitlines()[1:]
    assert found["condition"]["host"] in row


def test_one_that_was_never_agreed_to_is_taken_off_the_list_and_asked_nothing(
    terminal: Terminal,
) -> None:
    assert terminal("machines", "add", "lab", "tcp://127.0.0.1:9").status == 0
    removed = terminal("machines", "remove", "lab")
    assert (removed.status, removed.out) == (
        0,
        "lab is no longer listed. Nothing was sent there.\n",
    )
    assert machines() == ()


def test_one_that_is_gone_is_removed_when_the_user_insists(terminal: Terminal) -> None:
    assert terminal("machines", "add", "lab", "tcp://127.0.0.1:9", "--agree").status == 0
    refused = terminal("machines", "remove", "lab")
    assert refused.status == 1 and "--anyway" in refused.err
    assert "was not removed" in terminal("machines", "remove", "lab", "--anyway").out
    assert machines() == ()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "lab", "tcp://192.168.0.7:8786"), "is not encrypted"),
        (("add", "lab", "tls://192.168.0.7:8786"), "three files of TLS"),
        (("add", "lab", "http://127.0.0.1:8786"), "is not the address"),
        (("add", "lab", "tcp://me:secret@127.0.0.1:8786"), "is not the address"),
        (("add", "lab", "tcp://127.0.0.1"), "is not the address"),
        (("add", "this", LOCAL), "cannot be called"),
        (("add", "../lab", LOCAL), "cannot be called"),
        (("add", "lab"), "The address is missing"),
        (("check",), "name of the machine is missing"),
        (("check", "lab"), "There is no machine"),
        (("list", "--agree"), "--agree is of no use"),
        (("check", "lab", "--cache-limit", "3"), "cache-limit is of no use"),
        (("add", "lab", LOCAL, "--cache-limit", "5000"), "no size of a cache"),
    ],
)
def test_what_is_wrong_is_refused(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    refused = terminal("machines", *arguments)
    assert refused.status == 2 and said in refused.err
    assert machines() == ()


def test_a_file_that_somebody_changed_is_refused() -> None:
    machines_file().parent.mkdir(parents=True)
    add_machine(new_machine("lab", LOCAL))
    content = machines_file().read_text()
    for before, after in (("127.0.0.1", "192.168.0.7"), ('"lab"', '"this"'), ('": 1', '": 2')):
        machines_file().write_text(content.replace(before, after, 1))
        with pytest.raises(WorkbenchError):
            machines()


def test_a_file_of_tls_must_be_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key.pem")
    (tmp_path / "ca.pem").write_text("")
    with pytest.raises(InputError, match="not a regular file"):
        new_machine(
            "lab",
            "tls://192.168.0.7:8786",
            tmp_path / "ca.pem",
            tmp_path / "ca.pem",
            tmp_path / "key.pem",
        )


def test_other_versions_code_and_systems_are_refused_with_the_cause() -> None:
    ours = this_program()
    assert refusal(ours, ours) is None
    for theirs, said in (
        (replace(ours, version="0.1.0"), "It has version 0.1.0"),
        (replace(ours, code="0" * 64), "has other code than this machine's"),
        (replace(ours, system="Darwin arm64"), "Its system is Darwin arm64"),
    ):
        why = refusal(theirs, ours)
        assert why is not None and said in sentence(why)


def sent(cache: ContentCache, data: bytes, digest: str = "") -> str:
    """Store it in two pieces; gives its hash."""
    import hashlib

    digest = digest or hashlib.sha256(data).hexdigest()
    half = len(data) // 2
    for offset, piece in ((0, data[:half]), (half, data[half:])):
        cache.put(Piece(digest=digest, offset=offset, total=len(data)), piece, "me")
    return digest


def test_what_is_sent_is_stored_by_its_content_up_to_a_limit(tmp_path: Path) -> None:
    cache = ContentCache(os.urandom(16).hex(), 250)
    first, second = (sent(cache, bytes([one]) * 100) for one in (1, 2))
    assert cache.place(first, tmp_path / "first") and hash_of(tmp_path / "first") == first
    os.utime(cache.folder / second, (1, 1))
    cache.trim(coming=100)
    assert cache.holds(first) and not cache.holds(second), "the longest unused goes"
    with pytest.raises(ValueError, match="not what was sent"):
        sent(cache, b"of another content", first[::-1])
    with pytest.raises(ValueError, match="no hash"):
        cache.holds("../../etc/passwd")
    with pytest.raises(ValueError, match="no such number"):
        ContentCache("../..", 1).clear()
    (cache.folder / first).write_bytes(b"damaged on the disk")
    assert not cache.place(first, tmp_path / "again") and not cache.holds(first)
    cache.clear()
    assert not cache.folder.exists()


def test_a_session_whose_job_is_not_heard_of_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LEASE_SECONDS", 1.5)
    begun = Session("1", "detector", Answer)
    (process,) = helper_processes("detector")
    for _ in range(4):
        begun.renew()
        sleep(0.5)
    assert not begun.ended
    until = monotonic() + 10
    while begun.folder.exists():
        assert monotonic() < until
        sleep(0.05)
    assert begun.ended and not process.is_running()
    with pytest.raises(NoSession):
        begun.ask(this_program(), lambda: None)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_a_scheduler_with_tls_is_asked_and_one_of_another_authority_is_not(
    terminal: Terminal, tmp_path: Path
) -> None:
    """As docs/machines.md makes the files."""
    for name in ("ours", "theirs"):
        make_certificates(tmp_path / name)
    ours, theirs = (files_of_tls(tmp_path / name) for name in ("ours", "theirs"))
    options = [
        part
        for flag, file in zip(("ca-file", "cert", "key"), ours, strict=True)
        for part in (f"--tls-{flag}", str(file))
    ]
    with Cluster(tmp_path / "cluster", options, "tls") as cluster:
        cluster.add(1)
        assert cluster.address.startswith("tls://127.0.0.1:")
        for name, files in (("lab", ours), ("other", theirs)):
            ca, certificate, key = files
            flags = ("--ca", ca, "--cert", certificate, "--key", key)
            assert terminal("machines", "add", name, cluster.address, *flags).status == 0
        until = monotonic() + 30
        while not terminal("machines", "check", "lab", "--json").json["workers"]:
            assert monotonic() < until
        refused = terminal("machines", "check", "other")
        assert refused.status == 1 and "cannot be reached" in refused.err


def files_of_tls(folder: Path) -> list[Path]:
    return [folder / name for name in ("ca.pem", "cert.pem", "key.pem")]


def make_certificates(folder: Path) -> None:
    folder.mkdir()
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=lab -keyout key.pem -out lab.csr",
        "x509 -req -in lab.csr -CA ca.pem -CAkey ca.key -days 2 -out cert.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
