"""An old Python gets one sentence, and a newer one on the PATH takes over."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import newer_python
from launcher.checkout import LAUNCH

OLD = (3, 9)


def test_new_enough_is_311_and_later() -> None:
    assert not newer_python.is_new_enough((3, 10))
    assert newer_python.is_new_enough((3, 11))
    assert newer_python.is_new_enough((3, 14))


def test_the_sentence_names_what_is_needed_and_what_was_looked_for() -> None:
    sentence = newer_python.sentence(OLD, None)

    assert sentence == (
        "Detection Workbench needs Python 3.11 or newer, and this is Python 3.9; "
        "none of python3.14, python3.13, python3.12, python3.11 is on the PATH either."
    )


def test_the_sentence_names_the_python_that_takes_over() -> None:
    assert newer_python.sentence(OLD, "/usr/bin/python3.12").endswith(
        "this is Python 3.9; going on with /usr/bin/python3.12."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_a_stand_in_that_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "python3.13", "exit 127")
    _program(tmp_path / "python3.11", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", str(tmp_path))

    assert newer_python.find_newer_python() == str(tmp_path / "python3.11")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_it_starts_again_with_the_newer_python(tmp_path: Path) -> None:
    """Played by this Python, told that it is 3.9."""
    newer = _program(tmp_path / "python3.12", f'echo went on with "$@"; "{sys.executable}" "$@"')
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); sys.version_info = (3, 9, 2)\n"
        "from launcher.newer_python import restart_with_newer_python\n"
        "sys.argv = ['-c', 'print(1)']; restart_with_newer_python()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(LAUNCH.parent)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "went on with -c print(1)\n1\n"
    assert str(newer) in done.stderr


@pytest.mark.parametrize(
    "file",
    [LAUNCH, LAUNCH.parent / "launcher" / "__init__.py", Path(newer_python.__file__)],
    ids=lambda path: path.name,
)
def test_an_old_python_can_read_what_it_has_to(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 6))


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
