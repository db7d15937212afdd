"""Limits as people write them: read, or refused with a sentence that names the file."""

import os
from pathlib import Path

import pytest

from core.check.limits import KINDS, CheckLimits, limits_from, read_limits
from core.errors import InputError
from tests.support.checkout import ROOT


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "limits.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_what_is_written_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    text = "# ours\nversion = 1\naccuracy_kept = 0.98\nlatency_ms = 20\n"
    limits = read_limits(written(tmp_path, text))
    assert limits.given == {"accuracy_kept": 0.98, "latency_ms": 20.0}
    assert limits == CheckLimits(accuracy_kept=0.98, latency_ms=20.0)


def test_limits_say_which_target_they_are_for(tmp_path: Path) -> None:
    limits = read_limits(written(tmp_path, "target = 'cpu_amx'\nap_drop = 0.01\n"))
    assert limits == CheckLimits(ap_drop=0.01, target="cpu_amx")


def test_every_limit_can_be_written_and_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    lines = "".join(
        f"{name} = {kind.allowed.high - (kind.met_by_all == kind.allowed.high) / 100!r}\n"
        for name, kind in KINDS.items()
    )
    assert read_limits(written(tmp_path, "\ufeff" + lines)).given.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accuracy_kept = nan", "says accuracy_kept = nan. Choose one from 0 to 1."),
        ("accuracy_kept = inf", "accuracy_kept = inf."),
        ("accuracy_kept = 98", "accuracy_kept = 98. Choose one from 0 to 1. 98% is 0.98."),
        ("accuracy_kept = 0", "accuracy_kept = 0, which every model meets. Choose more than 0,"),
        (
            "predictions_changed = 1",
            "every model meets. Choose less than 1, or leave it out.",
        ),
        ("predictions_changed = 1", "1% is 0.01."),
        ("ap_drop = 1.0", "ap_drop = 1, which every model meets."),
        ("ap_drop = 2", "from 0 to 1. In points of AP, 2 is 0.02."),
        ("ap_drop = -0.01", "ap_drop = -0.01."),
        ("throughput_ratio = 0", "throughput_ratio = 0."),
        ("size_mb = 1e300", "size_mb = 1e+300."),
        (f"latency_ms = {'9' * 400}", "latency_ms = inf."),
        (f"latency_ms = {'9' * 5000}", "is not TOML"),
        ("latency_ms = true", "says latency_ms = true. Write a number."),
        ('latency_ms = "20 ms"', 'says latency_ms = "20 ms". Write a number.'),
        ("latency_ms = [1]", "says latency_ms = [1]. Write a number."),
        ("acuracy_kept = 0.9", "unknown limit acuracy_kept. Did you mean accuracy_kept?"),
        ("targt = 'any'", "unknown limit targt. Did you mean target?"),
        (
            "target = 'cpu_mmx'\nap_drop = 0.01",
            'says target = "cpu_mmx". Write one of this',
        ),
        ("target = [1]\nap_drop = 0.01", "says target = [1]. Write one of"),
        ("target = 'any'", "has no limits."),
        ("speed = 2", "unknown limit speed. The limits are accuracy_kept, ap_drop,"),
        (f"{'x' * 5000} = 1", f"unknown limit {'x' * 40}…."),
        ("[limits]\nap_drop = 0.01", "unknown limit limits."),
        ("version = 2\nap_drop = 0.01", "says version = 2; this program reads version 1."),
        ('version = "1"\nap_drop = 0.01', 'says version = "1";'),
        ("version = true\nap_drop = 0.01", "says version = true;"),
        ("version = 1", "has no limits. Write some of accuracy_kept,"),
        ("", "has no limits."),
        ("ap_drop 0.01", "is not TOML: Expected '=' after a key"),
        ("ap_drop = 0.01\nap_drop = 0.02", "is not TOML: Cannot overwrite a value"),
        (f"a = {'[' * 5000}", "is nested too deeply."),
        (b"ap_drop = 0.01 # \xff", "is not UTF-8 text."),
        ("#" * 9000, "is larger than 8,192 bytes."),
    ],
)
def test_what_is_no_limit_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as refused:
        read_limits(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*gone\.toml\."):
        read_limits(tmp_path / "gone.toml")
    with pytest.raises(InputError, match="is a folder"):
        read_limits(tmp_path)
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(InputError, match="is not a regular file"):
        read_limits(tmp_path / "pipe.toml")


def test_limits_of_flags_are_held_to_the_same() -> None:
    assert limits_from({"ap_drop": 0.0}).given == {"ap_drop": 0.0}
    with pytest.raises(InputError, match="The check says ap_drop = -1"):
        limits_from({"ap_drop": -1.0})


def test_the_example_of_the_documents_has_every_limit(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "in-a-build.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    assert read_limits(written(tmp_path, example)).given.keys() == KINDS.keys()
