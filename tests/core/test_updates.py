"""A newer version is asked for when the user wants to know, and told in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import core.updates
from core import __version__
from core.cli.main import main
from core.errors import WorkbenchError
from core.updates import Newest, look
from core.wording.updates import updates_text
from tests.support.catalogue_server import Server, answers, breaks_off, running

PAGE = "https://example.org/releases/99"


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one


def answer(server: Server, text: str) -> str:
    server.files["/newest.json"] = text.encode()
    return f"{server.address}/newest.json"


def test_a_newer_one_is_told_with_its_page(server: Server) -> None:
    said = {"version": "99.1", "date": "2027-01-31", "page": PAGE}
    found = look(answer(server, json.dumps(said)))
    assert (found.state, found.newest) == ("newer", Newest(**said))
    assert updates_text(found) == (
        f"Version 99.1 of 2027-01-31 is newer than this one ({__version__}). It is at {PAGE}"
    )
    ((path, headers),) = server.requests
    assert path == "/newest.json"
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()


@pytest.mark.parametrize("version", [__version__, f"{__version__}.0", "0.0.9"])
def test_the_same_and_older_ones_are_not_newer(server: Server, version: str) -> None:
    found = look(answer(server, json.dumps({"version": version})))
    assert found.state == "current"
    assert updates_text(found) == f"Version {__version__} is the newest."


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"version": 3}', '{"version": "new"}', '{"version": "1.2.3\\n"}',
        '{"version": "9.9", "page": "javascript:alert(1)"}',
        '{"version": "9.9", "page": "http://example.org"}',
        '{"version": "9.9", "page": "https://example.org/ <b>"}',
        '{"version": "9.9", "date": "soon"}', "x" * 100_000,
    ],
)  # fmt: skip
def test_other_answers_are_refused(server: Server, text: str) -> None:
    with pytest.raises(WorkbenchError, match=r"127\.0\.0\.1 does not answer with a version"):
        look(answer(server, text))


def test_what_fails_is_a_sentence_about_updates(server: Server) -> None:
    address = answer(server, '{"version": "9.9"}')
    server.script.extend([answers(404), breaks_off(3)])
    with pytest.raises(WorkbenchError, match="404") as refused:
        look(address)
    assert refused.value.next_step.startswith("Nothing was changed.")
    with pytest.raises(WorkbenchError):
        look(address)
    with pytest.raises(WorkbenchError, match="not a secure address"):
        look("http://example.org/newest.json")


def test_without_an_address_nothing_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert core.updates.ADDRESS == ""  # else these lines, and the documents, say something wrong
    assert main(["updates"]) == 0
    assert capsys.readouterr().out == "This build has no address to ask for newer versions.\n"
