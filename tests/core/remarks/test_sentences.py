"""Every code that the program notes has a sentence, which uses the facts it is given."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import core
from core.remarks.remark import Remark, remark
from core.remarks.sentences import SENTENCES, Sentence, sentence, sentences
from core.values import from_json, to_json

NOTED = {"remark", "add"}
ROOM = Path(core.__file__).parent
LISTS: Mapping[str, Any] = {
    "reason": "Permission denied",
    "shared": ("a.jpg",), "links": ("cam",), "names": ("a.jpg", "b.jpg"), "splits": ("val",),
    "entries": ("../a",), "have_images": (True,), "kinds": ("KITTI file",), "counts": (2,),
    "fields": ("mean",), "taken": ("RGB",), "first": ("a.txt",), "resize": "stretch",
    "values": "unit", "kind": "PNG", "roles": ("the model",),
    "workers": ("a",), "gigabytes": 20,
    "worst": ("a.jpg",), "changed": (0.2, 0.1, 0.3), "agreement": (0.5, 0.4, 0.6),
    "parent_ap": (0.5, 0.4, 0.6), "optimized_ap": (0.5, 0.4, 0.6), "ap_difference": (0.1, 0.0, 0.2),
}  # fmt: skip
NUMBERS = ("count", "images", "total", "pad", "others", "of")
NAMES = ("sampled", "supported", "used", "file", "name", "calibration", "models",
         "colors", "source", "how", "parent", "optimized")  # fmt: skip


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Where a code is noted: its file, and the call."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in NOTED and node.args:
                    yield f"{path.relative_to(ROOM)}:{node.lineno}", node


@cache
def literals() -> set[str]:
    """All words in quotes outside of the tables of sentences."""
    return {
        node.value
        for path in ROOM.rglob("*.py")
        if path.parent.name != "remarks"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_what_is_noted_has_a_sentence_that_its_facts_fill() -> None:
    found = 0
    for place, call in calls():
        code = call.args[0]
        if not (isinstance(code, ast.Constant) and getattr(call.func, "id", "") == "remark"):
            continue
        found += 1
        assert code.value in SENTENCES, place
        wanted = SENTENCES[code.value]
        if isinstance(wanted, str):
            fields = {field for _, field, _, _ in string.Formatter().parse(wanted) if field}
            assert fields == {keyword.arg for keyword in call.keywords}, place
    assert found > 80


@pytest.mark.parametrize("code", SENTENCES)
def test_no_sentence_is_left_over_and_each_can_be_made(code: str) -> None:
    assert code in literals()
    said = sentence(remark(code, **facts_for(SENTENCES[code])))
    assert not said.startswith(f"{code} ("), said
    assert re.match(r"\.\.\. |[A-Z0-9]", said), said
    assert said.endswith((".", "?")), said


def facts_for(wanted: Sentence) -> dict[str, Any]:
    """Facts that a sentence has places for; of one that is made, all that such take."""
    if not isinstance(wanted, str):
        return {**dict.fromkeys(NUMBERS, 3), **dict.fromkeys(NAMES, "A"), **LISTS}
    return {
        field: ("a", "b") if spec in ("some", "joined", "listed", "few") else 3 if spec else "A?"
        for _, field, spec, _ in string.Formatter().parse(wanted)
        if field
    }


def test_one_code_stands_in_one_table() -> None:
    tables = (ROOM / "remarks").glob("of_*.py")
    keys = [
        key.value
        for path in tables
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]
    assert sorted(keys) == sorted(SENTENCES)


def test_counts_and_lists_are_written_as_people_do() -> None:
    assert sentences(
        (
            remark("few_for_validation", name="a", images=1),
            remark("joined_roles", parts=(4, 1, 80), roles=("box", "objectness", "classes")),
            remark("files_left_out", kind="HEIC", count=1200),
            remark("classes_unseen", unseen=7, classes=9, names=list("abcdefg")),
        )
    ) == (
        "a has only 1 image; figures measured on so few may be due to chance.",
        "The graph joins them from 4, 1 and 80: box, objectness and classes.",
        "1,200 HEIC files are left out. Convert them to JPEG or PNG.",
        "7 of the 9 classes never occur (a, b, c, d, e and 2 more); they are not evaluated.",
    )


@pytest.mark.parametrize(
    "stored",
    [
        b'{"code": "of tomorrow", "facts": {"images": 3}}',
        b'{"code": "few_for_validation"}',
        b'{"code": "few_for_validation", "facts": {"name": [1], "images": "many"}}',
        b'{"code": "usual_input", "facts": {"models": "", "resize": "no way"}}',
        b'{"code": "{code.__class__}", "facts": {"{x}": "{y}"}}',
    ],
)
def test_what_another_version_noted_is_shown_as_it_is(stored: bytes) -> None:
    noted = from_json(stored, Remark)
    assert sentence(noted).startswith(noted.code)
    assert from_json(to_json(noted), Remark) == noted


@pytest.mark.parametrize("facts", [LISTS, {"have": True, "size": 1.5, "path": Path("a/b")}])
def test_facts_are_stored_and_read_as_they_were(facts: Mapping[str, Any]) -> None:
    noted = remark("splits_missing", **facts)
    assert from_json(to_json(noted), Remark) == noted


@pytest.mark.parametrize(
    ("noticed", "answer"),
    [
        (
            remark("files_no_images", count=1),
            "1 file with the names of images could not be decoded: left out.",
        ),
        (remark("files_gone", count=2), "2 files of the dataset are gone, and not in the file."),
        (
            remark("empty_images", empty=1, images=4),
            "1 of the 4 images has no boxes; every detection in it counts as a false positive.",
        ),
        (
            remark("classes_unseen", unseen=1, classes=2, names=("a" * 400,)),
            "1 of the 2 classes never occurs (aaaaaa... (400 characters)); it is not evaluated.",
        ),
        (
            remark("images_missing", missing=1, images=1, file="a.csv", folder="d"),
            "1 of the 1 image that a.csv names is not below d, and is left out.",
        ),
        (
            remark("no_annotation_file", missing=3, images=1234),
            "3 of the 1,234 images have no annotation file.",
        ),
        (remark("objectness_row", length=6, classes=1), "A row has 6 values: a box, objectness "
         "and 1 class."),
        (remark("names_misfit", source="x.txt", names=1, classes=1),
         "x.txt has 1 name for 1 class, and is not used."),
    ],
)  # fmt: skip
def test_one_is_not_several(noticed: Remark, answer: str) -> None:
    assert sentence(noticed) == answer


def test_a_name_begins_no_line() -> None:
    """A build server obeys lines such as ``::set-output``: an image may be called so."""
    answer = sentence(remark("image_unknown", image="a\n::error::b\r\x1b[31m.jpg"))
    assert answer == "a�::error::b��[31m.jpg is not an image that can be read."
