"""The catalogue in the terminal."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalogue.entries import CatalogueEntry, catalogue
from core.cli import catalogue as catalogue_module
from core.cli.main import main
from core.values import from_json
from tests.support.catalogue_server import Server, breaks_off, serve
from tests.support.network import Watch
from tests.support.unwinding import ENDING

DATA = bytes(range(256)) * 100


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """A command takes over the signals, which belong to the tests."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def entry(server: Server, monkeypatch: pytest.MonkeyPatch) -> CatalogueEntry:
    entry = serve(server, "net", {"net.onnx": DATA})
    monkeypatch.setattr(catalogue_module, "entry_named", lambda name: entry)
    return entry


def test_list_shows_each_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [entry.name for entry in catalogue()]


def test_list_as_json_has_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "list", "--json"]) == 0
    models = from_json(capsys.readouterr().out, dict)["models"]
    first = models[0]
    assert first["name"] == "ssd_mobilenet_v2_coco"
    assert first["hosts"] == ["download.tensorflow.org"]
    assert first["size_bytes"] == sum(file["size_bytes"] for file in first["files"])
    assert first["accuracy"][0]["value"] == 24.9452


def test_list_contacts_nobody(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    command = [sys.executable, "-P", "-m", "core.cli", "catalogue", "list"]
    subprocess.run(command, env=watch.environment, check=True, stdout=subprocess.DEVNULL)
    assert len(watch.started) == 1
    assert watch.calls == []


def test_get_leaves_the_model_and_its_class_names(
    entry: CatalogueEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["catalogue", "get", "net", "--output", str(out), "--json"]) == 0
    said = from_json(capsys.readouterr().out, dict)
    assert said["model"] == str(out / "net.onnx")
    assert (out / "net.onnx").read_bytes() == DATA
    assert (out / "net.txt").read_text("utf-8").splitlines() == ["cat", "dog", "bird"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert len(list(out.iterdir())) == 2


def test_get_goes_on_where_it_broke_off(
    server: Server, entry: CatalogueEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script += [breaks_off(1000), *[breaks_off(0)] * 3]
    get = ["catalogue", "get", "net", "--output", str(tmp_path / "out")]
    assert main(get) == 1
    assert "broke off after 1,000 of 25,600 bytes" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [".net.download"]
    server.script.clear()
    assert main(get) == 0
    assert server.ranges[-1] == "bytes=1000-"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_is_missing_or_unknown_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["catalogue", "get"]) == 2
    assert "catalogue get NAME --output DIR" in capsys.readouterr().err
    assert main(["catalogue", "get", "nonsense", "--output", str(tmp_path / "out")]) == 2
    assert "no model 'nonsense'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
