"""A JSON file is read some entries at a time, wherever its bytes are cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets import json_pieces
from core.datasets.json_pieces import JsonPieces, UnusualError

DOCUMENT: dict[str, Any] = {
    "info": {"by": 'a "quoted" \\ name', "lists": [[1, 2], {"a": []}], "odd": "}]{["},
    "images": [
        {"id": number, "file_name": f'a "b" \\" {number}]}}.jpg', "more": {"deep": [[{}]]}}
        for number in range(40)
    ],
    "empty": [],
    "numbers": [1, 2.5, "x]", None, [3, [4]], 5],
    'last\\"': [{"é": "\u4e2d\\\\"}, [], {}],
    "year": 2017,
}


def read(path: Path) -> dict[str, Any]:
    pieces = JsonPieces(path)
    found: dict[str, Any] = {}
    for name, piece in pieces.lists():
        found.setdefault(name, []).extend(json.loads(piece))
    whole: dict[str, Any] = json.loads(pieces.frame) | found
    return whole


@pytest.mark.parametrize("stretch", [*range(1, 40), 100, 1000, 10**6])
@pytest.mark.parametrize("indent", [None, 2])
def test_wherever_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stretch: int, indent: int | None
) -> None:
    monkeypatch.setattr(json_pieces, "STRETCH_BYTES", stretch)
    path = tmp_path / "file.json"
    path.write_text(json.dumps(DOCUMENT, indent=indent, ensure_ascii=False), "utf-8")
    assert read(path) == DOCUMENT


DAMAGED = (
    "", "{", '{"a": [}', '{"a": [1, 2}', '{"a": [{"b": 1}{"c": 2}]}', '{"a": [{}, ]}',
    '{"a": [, {}]}', '{"a": [{},, {}]}', '{"a": [{}', '{"a": [{}]', '{"a": [{}]}}', '{"a": [{}]} x',
    '{"a": [{}], "a": [{}]}', '{"a" [{}]}', '{a: [{}]}', '{"a": [{]}]}', '{"a": [{}] "b": [{}]}',
    '{"a": "x}', '{"a": [{"b": "x}]}', '{"a": [{}],}', 'x{"a": [{}]}', '{"a": [{}]]}',
    '{"a": [{}]}{}',
)  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_what_is_no_json_is_never_read_as_some(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(ValueError):  # ours, or the decoder's
        read(path)


def test_what_is_no_object_has_no_lists(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text("[1, 2]")
    pieces = JsonPieces(path)
    assert list(pieces.lists()) == []
    assert json.loads(pieces.frame) == [1, 2]


def test_any_change_is_noticed_as_a_decoder_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_pieces, "STRETCH_BYTES", 64)
    path, random = tmp_path / "file.json", np.random.default_rng(2)
    whole = json.dumps(DOCUMENT).encode()
    refused = 0
    for _ in range(1500):
        data = bytearray(whole)
        place = int(random.integers(len(data)))
        data[place : place + 1] = random.choice(list(b'{}[]",:\\ x1')).tobytes()[:1]
        path.write_bytes(data)
        try:
            right = json.loads(bytes(data))
        except ValueError:
            right = None
        try:
            found = read(path)
        except ValueError:
            refused += 1
            continue
        assert found == right
    assert refused > 300


def test_an_entry_that_never_ends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_pieces, "STRETCH_BYTES", 1000)
    monkeypatch.setattr(json_pieces, "MAX_ENTRY_BYTES", 10_000)
    path = tmp_path / "file.json"
    path.write_text('{"a": [{"b": "' + "x" * 20_000 + '"}]}')
    with pytest.raises(UnusualError, match="too long"):
        read(path)
    path.write_text('{"b": {"b": "' + "x" * 9_000 + '"}, "c": {"b": "' + "x" * 9_000 + '"}}')
    with pytest.raises(UnusualError, match="in no list"):
        read(path)
