"""What a host says is taken for what a stranger may have written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.benchmark.job import BenchmarkJob
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
from core.errors import WorkbenchError
from core.jobs.context import SCRATCH
from core.jobs.events import LogLine, Progress
from core.machines.host import Host
from core.machines.parcel import Packing
from core.machines.sending import send
from core.machines.talk import Renew, is_plain
from core.text import visible
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.hostile_host import HOW
from tests.support.hosts import ROOT, LocalHost, Sender, wait_until

SAID = {
    "rubbish": "makes no sense",
    "other_version": "It has version 0.0.1 of Detection Workbench",
    "nonsense": "makes no sense: nope",
    "huge": "a message of 4,294,967,296 bytes",
    "cut": "it was cut short",
    "unasked": "FileBytes, which nobody asked for",
    "twice": "Two files of the result have one name",
    "inside_a_file": "Two files of the result have one name",
    "many": "more than such a job leaves",
    "large": "more than such a job leaves",
    "negative": "The size of result.json is none",
    "changed": "is not what was announced",
    "longer": "is not what was announced",
    "shuffled": "in another order",
    "empty_parts": "in another order",
    "shorter": "The program on board ended",
    "wants_others": "wants files that nobody named",
    "talkative": "On board: ",
}


@pytest.mark.parametrize("how", HOW)
def test_what_breaks_the_rules_is_refused(how: str, first_made: Made, tmp_path: Path) -> None:
    def pack(packing: Packing) -> BenchmarkJob:
        model = BenchmarkedModel(name="parent", xml=packing.model(model_of(first_made.parent)))
        return BenchmarkJob(models=(model,), settings=BenchmarkSettings())

    argv = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-P", "-m", "tests.support.hostile_host"]
    sender, host = Sender(tmp_path / "in" / "job"), LocalHost(tmp_path)
    with pytest.raises(WorkbenchError) as told:
        send(host.machine, [*argv, how], pack, sender.context)
    assert SAID.get(how, "A file of the result is called") in str(told.value)
    assert str(told.value) == visible(str(told.value))
    assert {one.name for one in sender.folder.iterdir()} == {SCRATCH}
    assert [one.name for one in (tmp_path / "in").iterdir()] == ["job"]
    texts = [one.text for one in sender.messages if isinstance(one, LogLine)]
    texts += [one.stage for one in sender.messages if isinstance(one, Progress)]
    assert len(texts) < 5000
    assert all(text == visible(text) and len(text) < 1000 for text in texts)


def test_names_are_places_below_a_folder_on_every_system() -> None:
    assert all(map(is_plain, ("result.json", "a/b.npz", "Größe 1.csv", "model 0/model.bin")))
    refused = ("", "a//b", "/a", "a/", "..", "a/../b", ".a", "a.", "a ", "NUL", "com1.txt", "a:b")
    assert not any(map(is_plain, refused))


def test_no_ssh_asks_in_a_window() -> None:
    program = "import os; print(os.environ['SSH_ASKPASS_REQUIRE'])"
    host = Host("board", [sys.executable, "-c", program], lambda: None)
    with pytest.raises(WorkbenchError, match="makes no sense: never"):
        host.hear()
    host.close(wanted=False)


def test_a_way_that_ends_before_anybody_greets_says_why() -> None:
    program = "import sys; sys.exit('connection refused')"
    host = Host("board", [sys.executable, "-c", program], lambda: None)
    with pytest.raises(WorkbenchError, match=r"The program on board ended.*connection refused"):
        host.hear()
    host.close(wanted=False)


SLOW = """
import pathlib, sys, time
time.sleep(1)
pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())
"""


def test_who_is_not_wanted_any_more_hears_so_though_much_was_still_to_be_said(
    tmp_path: Path,
) -> None:
    heard = tmp_path / "heard"
    way = ["sh", "-c", '"$@"; exit', "sh"]  # whose end does not end what it leads to
    host = Host("board", [*way, sys.executable, "-c", SLOW, str(heard)], lambda: None)
    for _ in range(6):
        host.say(Renew(), bytes(2**18))  # one is being written, four wait
    host.close(wanted=False)
    wait_until(lambda: heard.exists() and b"cancel" in heard.read_bytes()[-100:])
