"""Logs: what happened stands in them, and long ones are read in pieces."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.jobs.events import Failed, LogLine, Progress, Succeeded
from core.jobs.journal import Journal
from core.jobs.logs import PIECE, find, log_files, piece_around, piece_from, piece_until


@pytest.fixture
def long_log(tmp_path: Path) -> Path:
    """Some 3 MB, a number on each line."""
    path = tmp_path / "job.log"
    path.write_text("".join(f"line {number:06} of the log\n" for number in range(140_000)))
    return path


def test_a_journal_has_the_request_stages_with_times_and_the_end() -> None:
    log = io.StringIO()
    journal = Journal(log, b'{"type":"optimize","images":3}\n')
    journal.note(Progress(stage="Reading the model"))
    for done in range(4):
        journal.note(Progress(stage="Calibrating", done=done, total=3))
    journal.note(LogLine(text="cut.jpg was left out\x1b[2J"))
    journal.note(Failed(what="It failed.", next_step="Try again."))
    lines = [line.partition("] ")[2] for line in log.getvalue().splitlines() if line[0] == "["]
    assert "Detection Workbench" in lines[0]
    assert '"images": 3' in log.getvalue()
    assert lines[2] == "Reading the model"
    assert lines[3].startswith("Reading the model: 0.")
    assert [line for line in lines if line == "Calibrating"] == ["Calibrating"]
    assert any(line.startswith("Calibrating: 3 of 3, 0.") for line in lines)
    assert "cut.jpg was left out\ufffd[2J" in lines
    assert lines[-1].startswith("Failed: It failed. Try again. 0.")


def test_a_journal_on_a_full_disk_is_silent() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    Journal(Full(), b"no json").note(Succeeded())


def test_the_newest_log_comes_first(tmp_path: Path) -> None:
    for age, name in ((20, "old.log"), (10, "new.log"), (5, "notes.txt")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    assert [one.path.name for one in log_files(tmp_path)] == ["new.log", "old.log"]
    assert log_files(tmp_path / "none") == ()


def test_pieces_are_whole_lines_and_meet(long_log: Path) -> None:
    last = piece_until(long_log)
    assert last.end == last.size == long_log.stat().st_size
    assert last.text.endswith("line 139999 of the log\n")
    assert last.text.startswith("line ")
    assert len(last.text) <= PIECE
    before = piece_until(long_log, last.start)
    assert before.end == last.start
    assert before.text.endswith("\n")
    first = piece_from(long_log, 0)
    assert first.text.startswith("line 000000")
    assert first.text.endswith("of the log\n")
    assert piece_from(long_log, first.end).start == first.end


def test_words_are_found_forwards_and_backwards_over_the_whole_file(long_log: Path) -> None:
    size = long_log.stat().st_size
    place = find(long_log, "LINE 123456", 0)
    assert place is not None
    assert piece_from(long_log, place).text.startswith("line 123456")
    assert find(long_log, "line 123456", size, backwards=True) == place
    assert find(long_log, "line 123456", place, beyond=True) is None
    piece, line = piece_around(long_log, place)
    assert piece.text.splitlines()[line].startswith("line 123456")
    assert line > 10
    assert find(long_log, "line 123456", place, backwards=True) is None
    assert find(long_log, "nowhere", 0) is None
    assert find(long_log, "line 123456", 0, stop=lambda: True) is None


def test_words_across_the_border_of_two_reads_are_found(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(b"x" * (1024 * 1024 - 3) + b"\nneedle" + b"y" * 2_000_000)
    assert find(path, "needle", 0) == 1024 * 1024 - 2
    assert find(path, "needle", path.stat().st_size, backwards=True) == 1024 * 1024 - 2


def test_colours_of_a_terminal_and_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(b"\x1b[31mred\x1b[0m\r\n\xff\x00 bar\r50%\r100%\n")
    assert piece_until(path).text == "red\n\ufffd\ufffd bar\n50%\n100%\n"


def test_a_log_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"gone\.log cannot be read"):
        piece_until(tmp_path / "gone.log")
