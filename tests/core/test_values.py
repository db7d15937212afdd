"""Everything that is stored or sent between processes comes back as it was."""

import json
import os
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from core.capabilities import job_class, jobs
from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource
from core.errors import InputError, JobCancelled, WorkbenchError
from core.jobs.events import (
    Failed,
    Message,
    error_of,
)
from core.jobs.job import Job
from core.models.plan import QuantizationPlan
from core.models.stored import ModelCard
from core.refusals import require_file
from core.reports.kinds import KINDS
from core.search.candidates import SearchState
from core.values import Value, from_json, read_json, to_json, to_plain, write_json
from tests.support.checkout import run_python
from tests.support.values import (
    MESSAGES,
    PLAN,
    REQUESTS,
    RESULTS,
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda value: type(value).__name__)
def test_requests(request_: Job) -> None:
    line = to_json(request_)
    assert b"\n" not in line
    assert from_json(line, job_class(line)) == request_


@pytest.mark.parametrize("message", MESSAGES, ids=lambda value: type(value).__name__)
def test_messages(message: Message) -> None:
    line = to_json(message)
    assert b"\n" not in line
    assert from_json(line, Message) == message


@pytest.mark.parametrize("value", RESULTS, ids=lambda value: type(value).__name__)
def test_results_on_disk(value: Value, tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, value)
    assert read_json(path, type(value)) == value
    assert list(tmp_path.iterdir()) == [path]


def test_every_kind_is_there() -> None:
    """Whoever adds a request, message or result adds it to the lists of `tests.support.values`."""

    def kinds(union: object) -> set[type]:
        return set(union.__args__)  # type: ignore[attr-defined]

    assert {type(value) for value in REQUESTS} == set(jobs())
    assert {type(value) for value in MESSAGES} == kinds(Message)
    results = {get_type_hints(vars(kind)["run"])["return"] for kind in jobs()}
    reports = {kind.result for kind in KINDS}  # these are made by jobs in tests/core/reports
    assert results - {Value} <= {type(value) for value in RESULTS} | reports


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b'{"type": "unheard of"}',
        b'{"type": "progress"}',
        b'{"type": "progress", "stage": 3}',
        b'{"type": "log", "text": "\\udce9"',
        b'{"type": "log", "text": 3, "more": "\\udce9"}',
        b'"caf\\udce9"',
    ],
)
def test_what_is_no_value_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(line, Message)


def test_plain_values_hold_no_paths() -> None:
    assert to_plain(DatasetSource(path=Path("a/b"))) == {
        "path": str(Path("a/b")),
        "role": "validation",
    }


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"gone\.json is missing"):
        read_json(tmp_path / "gone.json", ModelCard)
    (tmp_path / "bad.json").write_bytes(b'{"name": 3, "version": 1}')
    with pytest.raises(WorkbenchError, match=r"bad\.json is damaged"):
        read_json(tmp_path / "bad.json", ModelCard)
    with pytest.raises(WorkbenchError, match="is not a regular file"):
        read_json(tmp_path, ModelCard)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "value.json"
    write_json(path, PLAN)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(path, QuantizationPlan())
    assert read_json(path, QuantizationPlan) == PLAN
    assert list(tmp_path.iterdir()) == [path]


def test_values_do_not_change() -> None:
    with pytest.raises(AttributeError):
        PLAN.seed = 4  # type: ignore[misc]


def test_errors_are_sentences_of_their_kind() -> None:
    refused = error_of(Failed(what="A.", next_step="B.", refused_input=True))
    assert isinstance(refused, InputError)
    assert str(refused) == "A. B."
    failed = error_of(Failed(what="A.", next_step=""))
    assert not isinstance(failed, InputError)
    assert str(failed) == "A."


def test_a_cancel_is_not_caught_as_an_error() -> None:
    assert not issubclass(JobCancelled, Exception)


@pytest.mark.parametrize(
    ("version", "sentence"), [(0, "older version"), (None, "older version"), (99, "newer version")]
)
def test_the_form_of_another_version_is_refused_and_left_alone(
    tmp_path: Path, version: int | None, sentence: str
) -> None:
    path = tmp_path / "search.json"
    state = next(value for value in RESULTS if isinstance(value, SearchState))
    write_json(path, state)
    assert read_json(path, SearchState) == state
    plain = json.loads(path.read_bytes())
    plain.pop("version")
    path.write_text(json.dumps(plain if version is None else plain | {"version": version}))
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match=rf"search\.json was written by an? {sentence}"):
        read_json(path, SearchState)
    assert path.read_bytes() == before


def test_a_plan_that_was_written_by_hand_need_not_say_its_version(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"preset": "mixed"}')
    assert read_json(path, QuantizationPlan, by_hand=True).preset == "mixed"
    path.write_text('{"preset": "mixed", "version": 7}')
    with pytest.raises(WorkbenchError, match="newer version"):
        read_json(path, QuantizationPlan, by_hand=True)


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "name": "d", "kind": "folder", "images": [], "root": 5}',
        '{"version": 1, "name": NaN}',
        "[" * 100_000,
        '{"version": 1, "name": "\\ud800", "root": NaN}',
        '{"version": "one"}',
    ],
)
def test_whatever_is_wrong_with_a_stored_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(text)
    with pytest.raises(WorkbenchError, match=r"dataset\.json is damaged"):
        read_json(path, Dataset)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dataset.json")
    with pytest.raises(WorkbenchError, match=r"dataset\.json is not a regular file\. Put a file"):
        read_json(tmp_path / "dataset.json", Dataset)


def test_a_text_that_is_not_utf8_is_damaged(tmp_path: Path) -> None:
    """msgspec raises something else for it than for all other damage."""
    path = tmp_path / "result.json"
    path.write_bytes(b'{"name": "o\xf7n"}')
    with pytest.raises(WorkbenchError, match=r"result.json is damaged: it is not UTF-8"):
        read_json(path, dict[str, str])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_nothing_takes_the_place_of_a_pipe_or_a_device(tmp_path: Path) -> None:
    """A file that the user named may be one: root would lose /dev/zero to a plan."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        write_json(pipe, {"a": 1})
    with pytest.raises(InputError, match="pipe is not a regular file"):
        require_file(pipe)
    assert pipe.is_fifo()


RACING = """
import sys, threading, types
from core.values import from_json

sys.setswitchinterval(1e-6)
lines = ["from __future__ import annotations", "from core.values import Value"]
lines += ["class P0(Value):", "    one: int = 0"]
for n in range(1, 12):
    lines += [f"class P{n}(Value):", f"    one: P{n - 1} | None = None"]
    lines += [f"    two: dict[str, P{n - 1}] = {{}}"]

def read(kind, barrier):
    barrier.wait()
    from_json(b'{"one": {"one": {}}}', kind)

for turn in range(30):
    module = types.ModuleType(f"values_{turn}")
    sys.modules[module.__name__] = module
    exec(compile(chr(10).join(lines), module.__name__, "exec"), module.__dict__)
    barrier = threading.Barrier(3)
    kinds = [getattr(module, f"P{n}") for n in (11, 10, 9)]
    threads = [threading.Thread(target=read, args=(kind, barrier)) for kind in kinds]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
print("read")
"""


def test_threads_may_read_values_with_parts_in_common_for_the_first_time() -> None:
    assert run_python(RACING).strip() == "read"
