"""Downloads from a server that lies or fails, over a network that is not there, or not allowed."""

import errno
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.catalogue import fetching
from core.catalogue.downloading import download
from core.catalogue.entries import CatalogueEntry
from core.errors import InputError, WorkbenchError
from core.network.trouble import unreachable
from core.workspace.store import Workspace
from tests.core.catalogue.downloads import DATA, downloaded, require_failed, require_whole, started
from tests.support.catalogue_server import (
    Behaviour,
    Server,
    answers,
    claims,
    packed,
    redirects,
    running,
    stalls,
    unannounced,
    wrong_bytes,
)

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
    ("answer", "said"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES]
)
def test_a_wrong_answer_is_told_in_a_sentence(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour, said: str
) -> None:
    server.script.append(answer)
    require_failed(workspace, entry, downloaded(workspace, entry), said)
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
        download(entry, tmp_path, tmp_path / "parts", lambda *said: None, 1.0)
    assert server.requests == []


def test_a_disk_that_fills_up_is_no_network_trouble(
    server: Server, entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(out: object, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "_write", full)
    with pytest.raises(OSError, match="No space left") as raised:
        download(entry, tmp_path, tmp_path / "parts", lambda *said: None, 1.0)
    assert raised.value.errno == errno.ENOSPC  # which the job tells as a full disk


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a\nb"])
def test_a_name_that_leads_elsewhere_is_refused(
    entry: CatalogueEntry, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError):
        download(replace(entry, name=name), tmp_path, tmp_path / "parts", lambda *said: None, 1.0)


def test_every_failure_of_a_connection_has_a_sentence() -> None:
    for reason in (
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
        ConnectionResetError(),
        TimeoutError(),
        OSError(""),
        "unknown url type",
    ):
        said = unreachable(reason, "zoo.example")
        assert said.what.endswith(".")
        assert said.next_step


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
