"""Downloads through the real job, from a server that is right, broken, or lying."""

import errno
import io
import random
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.catalogue import fetching, unpacking
from core.catalogue.downloading import REST_STAGE, STAGE, download
from core.catalogue.entries import CatalogueEntry
from core.catalogue.fetching import part_of
from core.catalogue.job import DownloadResult
from core.catalogue.service import PlannedDownload, downloaded_model, plan_download
from core.catalogue.trouble import unreachable
from core.errors import InputError, WorkbenchError
from core.importing.service import plan_import
from core.jobs.job import RESULT_FILE
from core.models.stored import load_stored
from core.values import read_json
from core.workspace.store import Workspace
from tests.support import models
from tests.support.catalogue_server import (
    Behaviour,
    Server,
    another_range,
    answers,
    breaks_off,
    claims,
    ignores_ranges,
    packed,
    redirects,
    right,
    running,
    serve,
    slow,
    stalls,
    unannounced,
    wrong_bytes,
)
from tests.support.images import write_images
from tests.support.jobs import Watched, leftovers, run

DATA = random.Random(0).randbytes(300_000)
OTHER = random.Random(1).randbytes(1_000)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    with running() as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def entry(server: Server) -> CatalogueEntry:
    return serve(server, "net", {"model.onnx": DATA})


def planned(workspace: Workspace, entry: CatalogueEntry) -> PlannedDownload:
    return plan_download(workspace, entry, timeout_seconds=1.0)


def downloaded(workspace: Workspace, entry: CatalogueEntry) -> Watched:
    return run(workspace, planned(workspace, entry))


def part(workspace: Workspace, entry: CatalogueEntry) -> Path:
    return part_of(entry.files[0], workspace.root / "partial-downloads" / entry.name)


def require_whole(workspace: Workspace, entry: CatalogueEntry, ended: Watched) -> None:
    assert ended.end.outcome.state == "succeeded", ended.end.outcome.error
    model = downloaded_model(workspace, entry)
    assert model is not None
    assert model.read_bytes() == DATA
    assert not (workspace.root / "partial-downloads" / entry.name).exists()
    assert leftovers(workspace.root) == []


def require_failed(workspace: Workspace, entry: CatalogueEntry, ended: Watched, told: str) -> None:
    assert told in ended.sentence
    assert ended.end.outcome.error is not None
    assert ended.end.outcome.error.next_step
    assert downloaded_model(workspace, entry) is None
    assert not planned(workspace, entry).destination.exists()
    assert leftovers(workspace.root) == []


# What goes well


def test_a_download_is_whole_and_says_what_it_is(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    job = planned(workspace, entry)
    ended = run(workspace, job)
    require_whole(workspace, entry, ended)
    assert ended.end.project_id is None
    assert ended.stages == [STAGE]
    assert job.model == downloaded_model(workspace, entry)
    result = read_json(job.destination / RESULT_FILE, DownloadResult)
    assert result == DownloadResult(model="net.onnx", entry=entry)
    names = {path.name for path in job.destination.iterdir()}
    assert names == {"net.onnx", "net.txt", RESULT_FILE}
    assert server.ranges == [""]


def test_a_downloaded_model_can_be_imported(
    server: Server, workspace: Workspace, tmp_path: Path
) -> None:
    made = models.save(models.ssd(), tmp_path / "made", "tiny")
    files = {f"FP32/tiny.{end}": made.with_suffix(f".{end}").read_bytes() for end in ("xml", "bin")}
    entry = serve(server, "tiny-zoo-0001", files)
    job = planned(workspace, entry)
    assert run(workspace, job).end.outcome.state == "succeeded"
    assert job.model.name == "tiny-zoo-0001.xml"
    images = write_images(tmp_path / "images", 2)
    imported = run(workspace, plan_import(workspace, job.model, images)).end
    assert imported.project_id is not None, imported.outcome.error
    stored = workspace.project(imported.project_id).model
    assert stored is not None
    assert load_stored(stored).card.detector.class_names == entry.class_names


def test_planning_contacts_nobody(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    planned(workspace, entry)
    downloaded_model(workspace, entry)
    assert server.requests == []


@pytest.mark.parametrize("answer", [unannounced(), ignores_ranges], ids=["no length", "no ranges"])
def test_a_simple_server_is_enough(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour
) -> None:
    server.script.append(answer)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_redirects_are_followed(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [redirects("/a"), redirects("/b?c=d"), redirects("/model.onnx")]
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_the_systems_proxy_is_asked(
    server: Server, workspace: Workspace, entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        proxy.files = server.files
        proxy.script.append(lambda handler, data: right(handler, DATA))
        monkeypatch.setenv("http_proxy", proxy.address)
        require_whole(workspace, entry, downloaded(workspace, entry))
        assert [path for path, _ in proxy.requests] == [entry.files[0].url]
    assert server.requests == []


# What breaks off


def test_a_download_that_breaks_off_is_gone_on_with_at_once(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [breaks_off(100_000), breaks_off(50_000)]
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.ranges == ["", "bytes=100000-", "bytes=150000-"]


def test_a_server_that_keeps_breaking_off_is_given_up_and_gone_on_with_later(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [breaks_off(100_000), *[breaks_off(0)] * 3]
    require_failed(workspace, entry, downloaded(workspace, entry), "broke off after 100,000 of")
    assert part(workspace, entry).read_bytes() == DATA[:100_000]
    server.script.clear()
    ended = downloaded(workspace, entry)
    require_whole(workspace, entry, ended)
    assert ended.stages == [REST_STAGE]
    assert server.ranges[-1] == "bytes=100000-"


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    started(workspace, entry, DATA[:1000], tag='"version-0"')
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.requests[0][1]["If-Range"] == '"version-0"'


@pytest.mark.parametrize("answer", [ignores_ranges, another_range], ids=["all", "the wrong part"])
def test_a_server_that_cannot_go_on_gives_all_of_it(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour
) -> None:
    started(workspace, entry, DATA[:1000])
    server.script.append(answer)
    require_whole(workspace, entry, downloaded(workspace, entry))


@pytest.mark.parametrize(
    "wrong", [OTHER, OTHER + DATA, DATA[:-1] + b"x"], ids=["start", "too long", "same length"]
)
def test_a_wrong_start_is_thrown_away(
    server: Server, workspace: Workspace, entry: CatalogueEntry, wrong: bytes
) -> None:
    started(workspace, entry, wrong)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_a_complete_part_needs_no_network(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    started(workspace, entry, DATA)
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.requests == []


def started(workspace: Workspace, entry: CatalogueEntry, data: bytes, tag: str = "") -> None:
    """As if a download had come that far before."""
    path = part(workspace, entry)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    if tag:
        path.with_suffix(".etag").write_text(tag)


def test_a_cancelled_download_stops_at_once_and_is_gone_on_with(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script.append(slow)
    ended = run(workspace, planned(workspace, entry), cancel_at=STAGE)
    assert ended.end.outcome.state == "cancelled"
    assert ended.cancel_seconds is not None
    assert ended.cancel_seconds < 1.5
    assert not planned(workspace, entry).destination.exists()
    assert leftovers(workspace.root) == []
    kept = part(workspace, entry).stat().st_size
    assert kept < len(DATA)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_a_stalled_download_can_be_cancelled(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script.append(stalls(1000))
    job = plan_download(workspace, entry, timeout_seconds=60)
    ended = run(workspace, job, cancel_at=STAGE)
    assert ended.end.outcome.state == "cancelled"
    assert ended.cancel_seconds is not None
    assert ended.cancel_seconds < 1.5


# What lies, fails, or is not allowed

LIES: list[tuple[str, Behaviour, str]] = [
    ("longer announced", claims(len(DATA) + 5), "should have 300,000 bytes"),
    ("shorter announced", claims(len(DATA) - 5), "it has 299,995 bytes"),
    ("longer unannounced", unannounced(b"more"), "is longer than that"),
    ("packed", packed, "is sent packed"),
    ("wrong bytes", wrong_bytes, "its checksum (SHA-384) is wrong"),
    ("missing", answers(404), "answers 404 (Not Found): the file no longer exists."),
    ("forbidden", answers(403), "may not be downloaded"),
    ("busy", answers(503), "busy or out of order"),
    ("odd", answers(418), "answers 418"),
    ("stalled", stalls(1000), "no longer answers"),
    ("redirected to a file", redirects("file:///etc/passwd"), "file:///etc/passwd, which is not"),
    ("redirected insecurely", redirects("http://example.invalid/"), "not a secure address"),
]


@pytest.mark.parametrize(
    ("answer", "told"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES]
)
def test_a_wrong_answer_is_told_in_a_sentence(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour, told: str
) -> None:
    server.script.append(answer)
    require_failed(workspace, entry, downloaded(workspace, entry), told)
    require_whole(workspace, entry, downloaded(workspace, entry))  # nothing wrong was kept


def test_redirects_without_an_end(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [redirects(f"/{number}") for number in range(30)]
    require_failed(workspace, entry, downloaded(workspace, entry), "without end")
    assert len(server.requests) <= 7


def test_the_rest_of_a_shorter_file(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    started(workspace, entry, DATA[:-10])
    server.files["/model.onnx"] = DATA[:1000]
    server.script.append(answers(416))
    require_failed(workspace, entry, downloaded(workspace, entry), "it has 1,000 bytes")


def test_offline(workspace: Workspace, entry: CatalogueEntry) -> None:
    away = at(entry, "https://zoo.invalid/model.onnx")
    ended = downloaded(workspace, away)
    require_failed(workspace, away, ended, "zoo.invalid cannot be reached: this machine seems")


def test_offline_through_a_proxy_does_not_tell_its_password(
    server: Server, workspace: Workspace, entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.invalid:8080")
    ended = downloaded(workspace, at(entry, "https://zoo.invalid/model.onnx"))
    assert "(through the proxy proxy.invalid)" in ended.sentence
    assert "secret" not in ended.sentence


def test_a_proxy_that_wants_a_password(
    server: Server, workspace: Workspace, entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script.append(answers(407))
    monkeypatch.setenv("http_proxy", server.address)
    require_failed(workspace, entry, downloaded(workspace, entry), "asks for a user name")


def test_nobody_listens(workspace: Workspace, entry: CatalogueEntry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = at(entry, f"http://127.0.0.1:{port}/model.onnx")
    require_failed(workspace, gone, downloaded(workspace, gone), "the connection was refused")


def test_http_is_refused_before_anybody_is_asked(
    workspace: Workspace, entry: CatalogueEntry
) -> None:
    insecure = at(entry, "http://zoo.invalid/model.onnx")
    require_failed(workspace, insecure, downloaded(workspace, insecure), "not a secure address")


def test_a_certificate_that_nobody_vouches_for(
    workspace: Workspace, entry: CatalogueEntry, tmp_path: Path
) -> None:
    with running(self_signed(tmp_path)) as false_server:
        false = at(entry, f"https://127.0.0.1:{false_server.server_port}/model.onnx")
        ended = downloaded(workspace, false)
        require_failed(workspace, false, ended, "is not secure: self-signed certificate")
        assert false_server.requests == []


def test_no_tls_at_all(server: Server, workspace: Workspace, entry: CatalogueEntry) -> None:
    plain = at(entry, f"https://127.0.0.1:{server.server_port}/model.onnx")
    require_failed(workspace, plain, downloaded(workspace, plain), "No secure connection to")


def test_too_little_room(
    server: Server, entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(WorkbenchError, match="needs 0 MB, and the disk has 0 MB left"):
        download(entry, tmp_path, tmp_path / "parts", lambda *told: None, 1.0)
    assert server.requests == []


def test_a_disk_that_fills_up_is_no_network_trouble(
    server: Server, entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(out: object, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "_write", full)
    with pytest.raises(OSError, match="No space left") as raised:
        download(entry, tmp_path, tmp_path / "parts", lambda *told: None, 1.0)
    assert raised.value.errno == errno.ENOSPC  # which the job tells as a full disk


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a\nb"])
def test_a_name_that_leads_elsewhere_is_refused(
    entry: CatalogueEntry, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError):
        download(replace(entry, name=name), tmp_path, tmp_path / "parts", lambda *told: None, 1.0)


def test_every_failure_of_a_connection_has_a_sentence() -> None:
    for reason in (
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
        ConnectionResetError(),
        TimeoutError(),
        OSError(""),
        "unknown url type",
    ):
        told = unreachable(reason, "zoo.example")
        assert told.what.endswith(".")
        assert told.next_step


def at(entry: CatalogueEntry, url: str) -> CatalogueEntry:
    """The same file at another address."""
    return replace(entry, files=(replace(entry.files[0], url=url),))


def self_signed(folder: Path) -> Path:
    """A certificate with its key that no authority has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate, both = (folder / name for name in ("key.pem", "cert.pem", "both.pem"))
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


# Archives

MEMBER = "net_2018/frozen_inference_graph.pb"


def archive(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def packed_entry(server: Server, data: bytes) -> CatalogueEntry:
    return serve(server, "net", {"net.tar.gz": data}, member=MEMBER)


def test_the_graph_is_taken_out_of_its_archive(server: Server, workspace: Workspace) -> None:
    others = [("../../evil", OTHER), ("/etc/evil", OTHER), ("net_2018/checkpoint", OTHER)]
    entry = packed_entry(server, archive(*others, (f"./{MEMBER}", DATA)))
    require_whole(workspace, entry, downloaded(workspace, entry))
    folder = planned(workspace, entry).destination
    assert {path.name for path in folder.iterdir()} == {"net.pb", "net.txt", RESULT_FILE}


def test_a_link_is_no_graph(server: Server, workspace: Workspace) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        link = tarfile.TarInfo(MEMBER)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    entry = packed_entry(server, out.getvalue())
    require_failed(workspace, entry, downloaded(workspace, entry), f"There is no {MEMBER}")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (DATA, "is damaged"),
        (archive((MEMBER, DATA))[:-1000], "is damaged"),
        (archive(("other", DATA)), f"There is no {MEMBER}"),
    ],
    ids=["no archive", "cut", "without it"],
)
def test_an_archive_that_is_none(
    server: Server, workspace: Workspace, data: bytes, told: str
) -> None:
    entry = packed_entry(server, data)
    require_failed(workspace, entry, downloaded(workspace, entry), told)


def test_an_archive_that_swells_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 2**20)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(archive(("zeros", bytes(2**23)), (MEMBER, DATA)))
    with pytest.raises(WorkbenchError, match="larger than any detector needs"):
        unpacking.unpack_member(path, MEMBER, tmp_path / "out", lambda: None)
    assert not (tmp_path / "out").exists()
