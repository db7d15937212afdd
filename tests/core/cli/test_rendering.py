"""What the terminal shows: tables as wide as they may be, foreign text as text, progress."""

from __future__ import annotations

import io
import os
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.cli.rendering import Table, show
from core.text import visible, visible_lines
from tests.core.conftest import Made
from tests.support.checkout import environment
from tests.support.images import write_images
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

EVIL = "a\x1b[31m\0\u202e\u2028\x9b\r\udce9[bold]z[/]"
SHOWN = "a\ufffd[31m\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd[bold]z[/]"
TABLE = Table(
    ("layer", "ms", "kind"),
    [("first", "1.5", "Add"), (EVIL, "12.25", ""), ("a long name that is folded", "3", ":smile:")],
    numbers=("ms",),
    indent=2,
)


class Screen(io.StringIO):
    """A terminal that is written to; `COLUMNS` says how wide it is."""

    def isatty(self) -> bool:
        return True


def test_a_table_in_a_pipe_has_each_row_on_one_line() -> None:
    out = io.StringIO()
    show(["before", TABLE, "after\x07"], out)
    assert out.getvalue().splitlines() == [
        "before",
        f"  {'layer':<26}  {'ms':>5}  kind",
        f"  {'first':<26}  {'1.5':>5}  Add",
        f"  {SHOWN:<26}  12.25",
        f"  {'a long name that is folded':<26}  {'3':>5}  :smile:",
        "after\ufffd",
    ]


@pytest.mark.parametrize("columns", [28, 200])
def test_a_table_in_a_terminal_is_folded_and_nothing_is_lost(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    out = Screen()
    show([TABLE], out)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= columns
    assert {"1.5", "12.25", "3"} <= {word for line in lines for word in line.split()}
    letters = "".join("".join(lines).split())
    assert sum(letters.count(letter) for letter in "fold") >= 7
    assert (len(lines) == 4) == (columns == 200)
    assert "\x1b[31m" not in out.getvalue()


def test_text_that_can_be_shown_is_not_changed() -> None:
    for text in ("ünï 猫 👩‍👩‍👧", "non\u00a0breaking", "עברית\u200f", ""):
        assert visible(text) == text
    assert visible("two\nlines\t") == "two\ufffdlines\ufffd"
    assert visible_lines("two\nlines\x1b") == "two\nlines\ufffd"


@pytest.mark.parametrize("arguments", [("inspect", EVIL.replace("\0", "")), ("devices", "\x1b[2J")])
def test_errors_hold_nothing_that_a_terminal_obeys(
    terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    said = terminal(*arguments)
    assert said.status == 2
    assert "\ufffd[" in said.err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said.err)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such names, and no pseudo terminals")
def test_names_of_images_that_cannot_be_read_are_shown_as_text(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "images", 1)
    (images / "\x1b]0;title\x07.jpg").write_bytes(b"?")
    said = terminal("predict", made.model, images, "--output", tmp_path / "d.json")
    assert "\ufffd]0;title\ufffd.jpg is not an image" in said.err
    assert "\x1b" not in said.err + said.out
    assert (
        "\\u001b]0;title"
        in terminal("predict", made.model, images, "--output", tmp_path / "d.json", "--json").out
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo terminals")
def test_progress_is_drawn_on_a_terminal_and_wiped_away(made: Made, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 40)
    archive = shutil.make_archive(str(tmp_path / "images"), "zip", images)
    status, out, err = on_a_terminal(
        "predict", made.model, archive, "--output", tmp_path / "d.json", "--json"
    )
    assert status == 0
    assert out.startswith(b'{"')
    assert b"\x1b" not in out
    assert b"40 / 40" in err
    assert b"Unpacking" in err
    assert b"/ 1,000" not in err, "a share of the archive is no count"
    assert "━".encode() in err
    assert b"\x1b[2K" in err, "the line is wiped"
    assert err.count(b"\x1b[?25l") == err.count(b"\x1b[?25h") > 0, "the cursor is there again"


def on_a_terminal(*arguments: object) -> tuple[int, bytes, bytes]:
    """A command whose standard error is a terminal: its status and what it wrote."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "core.cli", *map(str, arguments)]
    err = b""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(TERM="xterm", COLUMNS="100"),
    ) as process:
        os.close(theirs)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    read = os.read(ours, 65536)
                except OSError:  # Linux says so at the end
                    break
                if not read:
                    break
                err += read
        assert process.stdout is not None
        out = process.stdout.read()
        status = process.wait(timeout=10)
    os.close(ours)
    return status, out, err
