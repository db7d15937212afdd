"""Signals that say what they carry."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends


class _Sender(QObject):
    file_chosen = Sends[Path]()
    names_read = Sends[dict[int, str]]()
    place_found = Sends[int, str]()


def test_a_receiver_gets_what_was_sent_itself() -> None:
    sender = _Sender()
    files: list[Path] = []
    names: list[dict[int, str]] = []
    sender.file_chosen.connect(files.append)
    sender.names_read.connect(names.append)
    file, sent = Path("a.onnx"), {0: "person"}
    sender.file_chosen.emit(file)
    sender.names_read.emit(sent)
    assert files == [file]
    assert names[0] is sent


def test_several_values_arrive_together_and_large_numbers_whole() -> None:
    sender = _Sender()
    found: list[tuple[int, str]] = []
    sender.place_found.connect(lambda place, name: found.append((place, name)))
    sender.place_found.emit(3_000_000_000, "conv")
    assert found == [(3_000_000_000, "conv")]


def test_a_receiver_may_take_nothing_and_a_signal_may_be_passed_on() -> None:
    first, second = _Sender(), _Sender()
    files: list[Path] = []
    calls: list[str] = []
    first.file_chosen.connect(second.file_chosen)
    second.file_chosen.connect(files.append)
    second.file_chosen.connect(lambda: calls.append("told"))
    first.file_chosen.emit(Path("a.onnx"))
    assert files == [Path("a.onnx")]
    assert calls == ["told"]


def test_the_type_checker_refuses_a_receiver_of_something_else() -> None:
    def count(number: int) -> None: ...

    sender = _Sender()
    sender.file_chosen.connect(count)  # type: ignore[arg-type]
    sender.file_chosen.emit("a.onnx")  # type: ignore[arg-type]
